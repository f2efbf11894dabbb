import { errorDiagnostic, Failure } from "../../core/diagnostics.ts";
import { suggestion } from "../../evaluation/problem.ts";
import { renderOutputs } from "../../ui/outputs.ts";
import type { CommonOptions, Context, ExitCode } from "../context.ts";

export async function run(
  context: Context,
  common: CommonOptions,
  options: { readonly raw?: boolean },
  operands: readonly string[],
): Promise<ExitCode> {
  const [name] = operands;
  const { state } = await (await context.states(common.directory)).load();
  const { stdout } = context;
  if (name === undefined) {
    if (options.raw)
      throw new Failure(errorDiagnostic("-raw needs the name of an output", { detail: "labform output -raw NAME" }));
    if (common.json) {
      const document = Object.fromEntries(
        Object.entries(state.outputs).map(([key, one]) => [
          key,
          { sensitive: one.sensitive, type: one.type, value: one.value },
        ]),
      );
      stdout.write(`${JSON.stringify(document, undefined, 2)}\n`);
    } else stdout.write(renderOutputs(state.outputs, { colour: common.colour }));
    return 0;
  }
  const output = state.outputs[name];
  if (!output) {
    const names = Object.keys(state.outputs);
    const near = suggestion(name, names);
    throw new Failure(
      errorDiagnostic(`There is no output "${name}"`, {
        detail: `${near ? `Did you mean "${near}"? ` : ""}${names.length > 0 ? `The state has ${names.join(", ")}.` : "The state has no outputs yet; they are recorded by apply."}`,
      }),
    );
  }
  if (options.raw) {
    if (typeof output.value === "object" && output.value !== null) {
      throw new Failure(
        errorDiagnostic(`Output "${name}" is no single text`, {
          detail: "-raw prints strings, numbers and booleans. Use -json for the whole.",
        }),
      );
    }
    stdout.write(String(output.value ?? ""));
  } else if (common.json) stdout.write(`${JSON.stringify(output.value)}\n`);
  else stdout.write(renderOutputs({ [name]: { ...output, sensitive: false } }, { colour: common.colour, bare: true }));
  return 0;
}
