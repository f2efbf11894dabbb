import { isLabFile } from "../../config/files.ts";
import type { Diagnostic } from "../../core/diagnostics.ts";
import { Failure, fail, hasErrors } from "../../core/diagnostics.ts";
import type { Checked } from "../../core/lab.ts";
import type { Expression } from "../../core/syntax.ts";
import type { Value } from "../../core/values.ts";
import { isWhollyKnown } from "../../core/values.ts";
import { evaluate } from "../../evaluation/evaluate.ts";
import { formatValue } from "../../evaluation/formatValue.ts";
import { indentJsonText, valueToJsonText } from "../../evaluation/jsonText.ts";
import { containsSensitive } from "../../evaluation/marks.ts";
import { pathValue } from "../../evaluation/surroundings.ts";
import { typeToJson } from "../../evaluation/types.ts";
import { parseExpression } from "../../language/parse.ts";
import { evaluateInLab } from "../../planner/evaluateInLab.ts";
import { literalScope } from "../../planner/literalScope.ts";
import { printable } from "../../ui/text.ts";
import type { CommonOptions, Context, ExitCode } from "../context.ts";
import type { VariableArguments } from "../lab.ts";
import { readLab } from "../lab.ts";
import { reporter } from "../report.ts";
import { surroundingsOf } from "../surroundings.ts";

/**
 * The value of an expression in the lab of the directory, as `terraform console` shows it; where there is no lab, of an
 * expression that refers to none. Nothing of the host is looked at.
 */
export async function run(
  context: Context,
  common: CommonOptions,
  options: VariableArguments,
  operands: readonly string[],
): Promise<ExitCode> {
  const report = reporter(context, { ...common, json: false });
  try {
    const parsed = parseExpression({ name: "<expression>", text: operands.join(" ") });
    if (!parsed.expression || hasErrors(parsed.diagnostics)) throw new Failure(parsed.diagnostics);
    const { value, diagnostics } = await valueOf(parsed.expression, context, common, options);
    report(diagnostics);
    if (!value) return 1;
    context.stdout.write(`${common.json ? jsonText(value) : shown(value)}\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    report(error.diagnostics);
    return 1;
  }
}

async function valueOf(
  expression: Expression,
  context: Context,
  common: CommonOptions,
  options: VariableArguments,
): Promise<Checked<Value>> {
  const { directory } = common;
  const names = await context.ports.files.list(directory);
  if (!names.some(isLabFile)) {
    const path = (name: string) => (pathValue(directory, ".").raw as ReadonlyMap<string, Value>).get(name);
    const result = evaluate(expression, literalScope(new Map([["path", path]]), surroundingsOf(context, directory)));
    return hasErrors(result.diagnostics) ? { diagnostics: result.diagnostics } : result;
  }
  const loaded = await readLab(context, directory, options, common);
  const { state, directories } = await (await context.states(directory)).load();
  const result = await evaluateInLab(
    {
      ...loaded,
      state,
      providers: context.providers(directories),
      labformVersion: context.version,
      time: loaded.surroundings.planTime,
      refresh: false,
      targets: [],
      excludes: [],
      replace: [],
    },
    expression,
  );
  // What the lab itself makes one think of is told by plan.
  const errors: readonly Diagnostic[] = result.diagnostics.filter((one) => one.severity === "error");
  return { value: result.value, diagnostics: errors };
}

function shown(value: Value): string {
  return formatValue(value)
    .split("\n")
    .map((line) => printable(line))
    .join("\n");
}

function jsonText(value: Value): string {
  if (containsSensitive(value)) {
    fail("The value is sensitive", { detail: "It is not shown. Use nonsensitive() where it may be." });
  }
  if (!isWhollyKnown(value)) {
    fail("The value is not known before it is applied", {
      detail: "JSON has no word for that. Without -json the parts that are known are shown.",
    });
  }
  return indentJsonText(`{"type":${JSON.stringify(typeToJson(value.type))},"value":${valueToJsonText(value)}}`);
}
