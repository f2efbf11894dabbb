import { Failure, fail, warningDiagnostic } from "../../core/diagnostics.ts";
import type { State } from "../../core/state.ts";
import { suggestion } from "../../core/suggestion.ts";
import { valueFromJson } from "../../evaluation/json.ts";
import { indentJsonText, valueToJsonText } from "../../evaluation/jsonText.ts";
import { describeType, isPrimitive, typeFromJson } from "../../evaluation/types.ts";
import { renderOutputs } from "../../ui/outputs.ts";
import type { CommonOptions, Context, ExitCode } from "../context.ts";
import { reporter } from "../report.ts";

type Outputs = State["outputs"];

/**
 * As `terraform output`: a sensitive value is hidden in the list, and shown where it is asked for by name or as JSON.
 * What is told goes to standard error also with -json: whoever reads standard output takes all of it for values.
 */
export async function run(
  context: Context,
  common: CommonOptions,
  options: { readonly raw?: boolean },
  operands: readonly string[],
): Promise<ExitCode> {
  const report = reporter(context, { ...common, json: false });
  const [name] = operands;
  try {
    const raw = options.raw === true;
    if (raw && common.json) fail("-raw and -json cannot be used together", { detail: "Use the one or the other." });
    if (raw && name === undefined) fail("-raw needs the name of an output", { detail: "labform output -raw NAME" });
    const { outputs } = (await (await context.states(common.directory)).load()).state;
    const form = raw ? "raw" : common.json ? "json" : "text";
    if (Object.keys(outputs).length === 0 && form === "text" && name === undefined) report([noOutputs]);
    context.stdout.write(name === undefined ? listed(outputs, form, common) : single(outputs, name, form, common));
    return 0;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    report(error.diagnostics);
    return 1;
  }
}

type Form = "raw" | "json" | "text";

const noOutputs = warningDiagnostic("There are no outputs", {
  detail: "The lab declares none, or none are recorded yet: apply records them.",
});

function listed(outputs: Outputs, form: Form, { colour }: CommonOptions): string {
  if (form !== "json") return renderOutputs(outputs, { colour });
  const entries = Object.keys(outputs)
    .sort()
    .map((name) => {
      const { sensitive, type } = outputs[name] as Outputs[string];
      const value = jsonText(outputs[name] as Outputs[string]);
      return `${JSON.stringify(name)}:{"sensitive":${sensitive},"type":${JSON.stringify(type)},"value":${value}}`;
    });
  return `${indentJsonText(`{${entries.join(",")}}`)}\n`;
}

function single(outputs: Outputs, name: string, form: Form, { colour }: CommonOptions): string {
  const output = Object.hasOwn(outputs, name) ? outputs[name] : undefined;
  if (!output) return noSuchOutput(name, Object.keys(outputs));
  if (form === "raw") return rawText(name, output);
  if (form === "json") return `${jsonText(output)}\n`;
  return renderOutputs({ [name]: { ...output, sensitive: false } }, { colour, bare: true });
}

/** With all digits of numbers that a double cannot hold: the state has these as strings. */
function jsonText({ type, value }: Outputs[string]): string {
  return valueToJsonText(valueFromJson(typeFromJson(type), value));
}

function rawText(name: string, { type, value }: Outputs[string]): string {
  const detail = "-raw prints strings, numbers and booleans. Use -json for everything else.";
  if (value === null) return fail(`Output "${name}" is null`, { detail });
  const exact = typeFromJson(type);
  if (isPrimitive(exact)) return String(value);
  return fail(`Output "${name}" is ${describeType(exact)}`, { detail });
}

function noSuchOutput(name: string, names: readonly string[]): never {
  const near = suggestion(name, names);
  const there =
    names.length > 0
      ? `The state has ${[...names].sort().join(", ")}. A new one is recorded by apply.`
      : "The state has no outputs yet; apply records them.";
  return fail(`There is no output "${name}"`, { detail: `${near ? `Did you mean "${near}"? ` : ""}${there}` });
}
