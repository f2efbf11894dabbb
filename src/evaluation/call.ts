import type { Diagnostic } from "../core/diagnostics.ts";
import type { CallExpression, Expression } from "../core/syntax.ts";
import type { Value } from "../core/values.ts";
import { isWhollyKnown, UNKNOWN, UNKNOWN_VALUE, unknownValue } from "../core/values.ts";
import { converted } from "./convert.ts";
import { evaluateInto } from "./evaluate.ts";
import { Fault } from "./fault.ts";
import type { FunctionDeclaration, Parameter } from "./functions.ts";
import { functions } from "./functions.ts";
import { containsSensitive, marked, unmarked } from "./marks.ts";
import { Problem, report, suggestionText } from "./problem.ts";
import type { Scope } from "./scope.ts";
import { describeType } from "./types.ts";

export function evaluateCall(expression: CallExpression, scope: Scope, diagnostics: Diagnostic[]): Value {
  const registry = scope.functions ?? functions();
  const declaration = registry.get(expression.name);
  if (!declaration) {
    const best = suggestionText(expression.name, [...registry.keys()]);
    const problem = new Problem(`There is no function "${expression.name}"`, best);
    // A misspelt name has nothing to do with the values of the arguments.
    const name: Expression = { kind: "literal", value: null, range: expression.nameRange };
    return report(problem, expression.nameRange, name, scope, diagnostics);
  }
  const errors = diagnostics.length;
  const given = expression.arguments.map((one) => evaluateInto(one, scope, diagnostics));
  if (diagnostics.length > errors) return UNKNOWN_VALUE;
  const values = expression.expandLast ? expand(given) : given;
  if (values instanceof Problem) {
    const last = expression.arguments.at(-1) as Expression;
    return report(values, last.range, last, scope, diagnostics);
  }
  if (!values)
    return marked(
      unknownValue(declaration.result),
      given.some((one) => one.sensitive),
    );
  const hidden = expression.expandLast && given.at(-1)?.sensitive === true;
  const result = callFunction(declaration, values);
  if (!(result instanceof Fault)) return marked(result, hidden);
  const { argument } = result;
  const at = argument === undefined ? undefined : Math.min(argument, expression.arguments.length - 1);
  const place = at === undefined || at < 0 ? expression : (expression.arguments[at] as Expression);
  return report(describeFault(declaration, result), place.range, expression, scope, diagnostics);
}

/** Arguments with the last one's elements in its place; undefined while these are not known. */
function expand(given: readonly Value[]): readonly Value[] | undefined | Problem {
  const last = given.at(-1) as Value;
  const { kind } = last.type;
  const expandable = kind === "list" || kind === "set" || kind === "tuple";
  if (last.raw === UNKNOWN && (expandable || kind === "dynamic")) return undefined;
  if (expandable && Array.isArray(last.raw)) {
    const elements = (last.raw as readonly Value[]).map((one) => marked(one, last.sensitive));
    return [...given.slice(0, -1), ...elements];
  }
  const what = last.raw === null ? "null" : describeType(last.type);
  return new Problem('"..." expands a list, tuple or set', `The value before it is ${what}.`);
}

/** With arguments as evaluated; checks and converts them first. */
function callFunction(declaration: FunctionDeclaration, values: readonly Value[]): Value | Fault {
  const { parameters, variadic } = declaration;
  const count = countFault(declaration, values.length);
  if (count) return count;
  const prepared: Value[] = [];
  let sensitive = false;
  let known = true;
  for (const [at, value] of values.entries()) {
    const parameter = parameters[at] ?? variadic;
    if (!parameter) throw new Error(`${declaration.name} has no parameter ${at}`);
    const argument = prepare(value, parameter, at);
    if (argument instanceof Fault) return argument;
    if (argument.raw === UNKNOWN ? !parameter.unknown : !isKnownEnough(argument, parameter)) known = false;
    if (!parameter.marks && containsSensitive(argument)) {
      sensitive = true;
      prepared.push(unmarked(argument));
    } else prepared.push(argument);
  }
  if (!known) return marked(unknownValue(declaration.result), sensitive || prepared.some((one) => one.sensitive));
  const result = declaration.call(...prepared);
  if (!(result instanceof Fault)) return marked(result, sensitive);
  // The function saw what is hidden, and may have quoted it.
  return sensitive
    ? new Fault("it is refused; what it is made of is sensitive and not shown", result.argument)
    : result;
}

function isKnownEnough(argument: Value, parameter: Parameter): boolean {
  return parameter.partial === true || parameter.unknown === true || isWhollyKnown(argument);
}

function prepare(value: Value, parameter: Parameter, at: number): Value | Fault {
  if (value.raw === null && !parameter.nullable) return new Fault("it is null", at);
  const result = converted(value, parameter.type);
  return typeof result === "string" ? new Fault(result, at) : result;
}

function countFault({ parameters, variadic }: FunctionDeclaration, count: number): Fault | undefined {
  const expected = parameters.length;
  if (count < expected) {
    const missing = parameters.slice(count).map((one) => `"${one.name}"`);
    return new Fault(`${missing.join(" and ")} ${missing.length === 1 ? "is" : "are"} missing`);
  }
  if (variadic || count === expected) return undefined;
  const takes = expected === 0 ? "no arguments" : expected === 1 ? "one argument" : `${expected} arguments`;
  return new Fault(`it takes ${takes}, ${count} are given`);
}

function describeFault(declaration: FunctionDeclaration, fault: Fault): Problem {
  const { name, parameters, variadic } = declaration;
  if (fault.argument === undefined)
    return new Problem(`${name}() cannot be called like this`, `${signature(declaration)}: ${fault.reason}.`);
  const parameter = parameters[fault.argument] ?? variadic;
  return new Problem(`Wrong argument of ${name}()`, `The argument "${parameter?.name}" does not fit: ${fault.reason}.`);
}

/** `join(separator, lists...)` */
function signature({ name, parameters, variadic }: FunctionDeclaration): string {
  const names = parameters.map((one) => one.name);
  if (variadic) names.push(`${variadic.name}...`);
  return `${name}(${names.join(", ")})`;
}
