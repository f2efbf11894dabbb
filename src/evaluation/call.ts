import type { Diagnostic } from "../core/diagnostics.ts";
import { suggestionText } from "../core/suggestion.ts";
import type { CallExpression, Expression } from "../core/syntax.ts";
import type { Value } from "../core/values.ts";
import { isWhollyKnown, UNKNOWN, UNKNOWN_VALUE, unknownValue } from "../core/values.ts";
import { converted } from "./convert.ts";
import { evaluate, evaluateInto } from "./evaluate.ts";
import { Fault } from "./fault.ts";
import type { Attempt, FunctionDeclaration, Parameter } from "./functions.ts";
import { functions } from "./functions.ts";
import { containsSensitive, marked, unmarked } from "./marks.ts";
import { Problem, report } from "./problem.ts";
import type { Scope } from "./scope.ts";
import { isResolvable } from "./traversal.ts";
import { describeType } from "./types.ts";

export function evaluateCall(expression: CallExpression, scope: Scope, diagnostics: Diagnostic[]): Value {
  const registry = scope.functions ?? functions(scope.surroundings);
  // The functions of the language have a namespace, as in Terraform.
  const declaration = registry.get(expression.name.replace(/^core::/, ""));
  if (!declaration) {
    const problem =
      registry.size === 0
        ? new Problem(
            "No function can be called here",
            "It must be a constant: this value is read before anything else of the lab.",
          )
        : new Problem(
            `There is no function "${expression.name}"`,
            suggestionText(expression.name, [...registry.keys()]),
          );
    // A misspelt name has nothing to do with the values of the arguments.
    const name: Expression = { kind: "literal", value: null, range: expression.nameRange };
    return report(problem, expression.nameRange, name, scope, diagnostics);
  }
  const refused = declaration.examine?.(expression.arguments);
  if (refused) return reportFault(declaration, refused, expression, scope, diagnostics);
  if (declaration.lazily) return evaluateLazily(declaration, declaration.lazily, expression, scope, diagnostics);
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
  if (!Array.isArray(result)) return marked(result as Value, hidden);
  for (const fault of result as readonly Fault[]) reportFault(declaration, fault, expression, scope, diagnostics);
  return UNKNOWN_VALUE;
}

/** What does not exist at all is an error here too: a misspelt name is no reason for the next attempt. */
function evaluateLazily(
  declaration: FunctionDeclaration,
  lazily: NonNullable<FunctionDeclaration["lazily"]>,
  expression: CallExpression,
  scope: Scope,
  diagnostics: Diagnostic[],
): Value {
  const errors = diagnostics.length;
  for (const argument of expression.arguments) {
    if (!isResolvable(argument, scope)) evaluateInto(argument, scope, diagnostics);
  }
  if (diagnostics.length > errors) return UNKNOWN_VALUE;
  const attempts: Attempt[] = expression.arguments.map((argument) => () => evaluate(argument, scope));
  if (expression.expandLast) {
    const last = expression.arguments.at(-1) as Expression;
    const list = evaluateInto(last, scope, diagnostics);
    if (diagnostics.length > errors) return UNKNOWN_VALUE;
    const values = expand([list]);
    if (values instanceof Problem) return report(values, last.range, last, scope, diagnostics);
    if (!values) return marked(unknownValue(declaration.result), list.sensitive);
    attempts.splice(-1, 1, ...values.map((value) => () => ({ value, diagnostics: [] })));
  }
  const result = countFault(declaration, attempts.length) ?? lazily(attempts);
  return result instanceof Fault ? reportFault(declaration, result, expression, scope, diagnostics) : result;
}

function reportFault(
  declaration: FunctionDeclaration,
  fault: Fault,
  expression: CallExpression,
  scope: Scope,
  diagnostics: Diagnostic[],
): Value {
  const { argument } = fault;
  const at = argument === undefined ? undefined : Math.min(argument, expression.arguments.length - 1);
  const place = at === undefined || at < 0 ? expression : (expression.arguments[at] as Expression);
  if (!fault.diagnostics) return report(describeFault(declaration, fault), place.range, expression, scope, diagnostics);
  const called = { message: `${declaration.name}() is called here`, range: expression.range };
  for (const one of fault.diagnostics) diagnostics.push({ ...one, related: [...(one.related ?? []), called] });
  return UNKNOWN_VALUE;
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

/** With arguments as evaluated; checks and converts them first. All that are wrong are told. */
function callFunction(declaration: FunctionDeclaration, values: readonly Value[]): Value | readonly Fault[] {
  const { parameters, variadic } = declaration;
  const count = countFault(declaration, values.length);
  if (count) return [count];
  const prepared: Value[] = [];
  const faults: Fault[] = [];
  let sensitive = false;
  let known = true;
  for (const [at, value] of values.entries()) {
    const parameter = parameters[at] ?? variadic;
    if (!parameter) throw new Error(`${declaration.name} has no parameter ${at}`);
    const argument = prepare(value, parameter, at);
    if (argument instanceof Fault) {
      faults.push(argument);
      continue;
    }
    if (argument.raw === UNKNOWN ? !parameter.unknown : !isKnownEnough(argument, parameter)) known = false;
    if (!parameter.marks && containsSensitive(argument)) {
      sensitive = true;
      prepared.push(unmarked(argument));
    } else prepared.push(argument);
  }
  if (faults.length > 0) return faults;
  const result = known ? declaration.call(...prepared) : unknownResult(declaration, prepared);
  if (!(result instanceof Fault)) return marked(result, sensitive);
  // The function saw what is hidden, and may have quoted it.
  if (sensitive) return [new Fault("it is refused; what it is made of is sensitive and not shown", result.argument)];
  return [result];
}

/** What is known of the result while the call cannot be made. */
function unknownResult(declaration: FunctionDeclaration, prepared: readonly Value[]): Value | Fault {
  const sensitive = prepared.some((one) => one.sensitive);
  const isUndecided = prepared.some((one) => one.raw === UNKNOWN && one.type.kind === "dynamic");
  const type = isUndecided ? undefined : declaration.unknownResult?.(...prepared);
  return type instanceof Fault ? type : marked(unknownValue(type ?? declaration.result), sensitive);
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
