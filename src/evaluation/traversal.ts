import { compare, formatNumber, isWhole } from "../core/bigfloat.ts";
import type { Diagnostic } from "../core/diagnostics.ts";
import { literalMeantBy, suggestion, suggestionText } from "../core/suggestion.ts";
import type { AttributeExpression, Expression, IndexExpression, VariableExpression } from "../core/syntax.ts";
import type { Num, Value } from "../core/values.ts";
import { NUMBER, numberValue, STRING, UNKNOWN, UNKNOWN_VALUE, unknownValue } from "../core/values.ts";
import { converted } from "./convert.ts";
import { evaluateInto } from "./evaluate.ts";
import { marked } from "./marks.ts";
import { Problem, report } from "./problem.ts";
import { referredIn } from "./referred.ts";
import type { Scope } from "./scope.ts";
import { describeType } from "./types.ts";

type Step = AttributeExpression | IndexExpression;

/**
 * `root`, `root.name`, `anything.name`, `anything[key]`. The chain is walked from its root, so that the first member
 * can be asked for by itself; parentheses in it make no difference.
 */
export function evaluateTraversal(
  expression: VariableExpression | Step,
  scope: Scope,
  diagnostics: Diagnostic[],
): Value {
  const steps: Step[] = [];
  let base: Expression = expression;
  for (;;) {
    if (base.kind === "parentheses") base = base.inner;
    else if (base.kind === "attribute" || base.kind === "index") {
      steps.push(base);
      base = base.object;
    } else break;
  }
  const errors = diagnostics.length;
  let value: Value | undefined;
  if (base.kind === "variable") {
    const first = steps.at(-1);
    const name = first && constantName(first);
    if (name !== undefined) value = scope.member(base.name, name);
    if (value) steps.pop();
    else value = root(base, first, name, scope, diagnostics);
  } else {
    value = evaluateInto(base, scope, diagnostics);
  }
  for (let step = steps.pop(); step !== undefined; step = steps.pop()) {
    if (diagnostics.length > errors) return UNKNOWN_VALUE;
    value = takeStep(value, step, scope, diagnostics);
  }
  return value;
}

function constantName(step: Step): string | undefined {
  if (step.kind === "attribute") return step.legacyIndex ? undefined : step.name;
  return step.key.kind === "literal" && typeof step.key.value === "string" ? step.key.value : undefined;
}

/** The whole of a root, asked for because it has no such member, or because the step after it is no constant name. */
function root(
  base: VariableExpression,
  first: Step | undefined,
  name: string | undefined,
  scope: Scope,
  diagnostics: Diagnostic[],
): Value {
  const members = first && name !== undefined ? scope.names(base.name) : [];
  if (name === undefined || members.length === 0 || members.includes(name)) {
    const value = scope.lookup(base.name);
    if (value) return value;
    if (name === undefined || !scope.names().includes(base.name)) {
      return report(unknownName(base.name, first === undefined, scope), base.range, base, scope, diagnostics);
    }
  }
  const problem = new Problem(`${base.name}.${name} does not exist`, suggestionText(name, members, `${base.name}.`));
  return report(problem, (first as Step).range, base, scope, diagnostics);
}

/** Whether all roots that an expression refers to exist, and their members where these are asked for by name. */
export function isResolvable(expression: Expression, scope: Scope): boolean {
  return referredIn(expression).every(({ root: name, member }) => {
    if (member !== undefined && scope.member(name, member)) return true;
    const members = member === undefined ? [] : scope.names(name);
    const isOpen = member === undefined || members.length === 0 || members.includes(member);
    return isOpen && scope.lookup(name) !== undefined;
  });
}

function unknownName(name: string, isAlone: boolean, scope: Scope): Problem {
  const names = scope.names();
  const literal = isAlone && suggestion(name, names) === undefined ? literalMeantBy(name) : undefined;
  const isMisspelt = literal !== undefined || suggestion(name, names) !== undefined;
  let help = literal === undefined ? suggestionText(name, names) : `Did you mean ${literal}?`;
  if (isAlone && !isMisspelt) help += ` If text is meant, put it in quotes: "${name}".`;
  return new Problem(`Unknown name "${name}"`, `Nothing of this name can be referred to here. ${help}`);
}

function takeStep(value: Value, step: Step, scope: Scope, diagnostics: Diagnostic[]): Value {
  if (step.kind === "attribute") {
    const result = attributeStep(value, step.name, step.legacyIndex);
    return result instanceof Problem ? report(result, step.nameRange, step.object, scope, diagnostics) : result;
  }
  const errors = diagnostics.length;
  const key = evaluateInto(step.key, scope, diagnostics);
  if (diagnostics.length > errors) return UNKNOWN_VALUE;
  const result = index(value, key);
  if (!(result instanceof Problem)) return result;
  // Both by themselves: of what is not there no value can be shown.
  const parts: Expression = { kind: "tuple", items: [step.object, step.key], range: step.range };
  return report(result, step.key.range, parts, scope, diagnostics);
}

/** One step of a traversal or splat. */
export function attributeStep(value: Value, name: string, legacyIndex: boolean | undefined): Value | Problem {
  return legacyIndex ? index(value, numberValue(Number(name))) : attribute(value, name);
}

function attribute(value: Value, name: string): Value | Problem {
  const { raw, type } = value;
  if (raw === null) {
    return new Problem(
      `Null has no attribute "${name}"`,
      "The value before the dot is null, so there is nothing in it.",
    );
  }
  if (type.kind === "object" || type.kind === "map") {
    if (raw === UNKNOWN) return unknownAttribute(value, name);
    const found = (raw as ReadonlyMap<string, Value>).get(name);
    if (found) return marked(found, value.sensitive);
    return missing(value, name, raw as ReadonlyMap<string, Value>);
  }
  if (type.kind === "dynamic") return marked(UNKNOWN_VALUE, value.sensitive);
  const sequence = type.kind === "list" || type.kind === "tuple" || type.kind === "set";
  const help = sequence ? ` To take it of one element use [0].${name}; of all of them, [*].${name}.` : "";
  return new Problem(`This value has no attributes`, `It is ${describeType(type)}, so it has no "${name}".${help}`);
}

function unknownAttribute(value: Value, name: string): Value | Problem {
  const { type } = value;
  if (type.kind === "map") return { ...unknownValue(type.element), sensitive: value.sensitive };
  if (type.kind !== "object") return UNKNOWN_VALUE;
  const attributeType = type.attributes.get(name);
  return attributeType
    ? { ...unknownValue(attributeType), sensitive: value.sensitive }
    : missing(value, name, type.attributes);
}

function missing(value: Value, name: string, among: ReadonlyMap<string, unknown>): Problem {
  const [what, part] = value.type.kind === "map" ? ["map", "element"] : ["object", "attribute"];
  const known = value.sensitive ? "" : ` ${suggestionText(name, [...among.keys()])}`;
  return new Problem(`There is no ${part} ${JSON.stringify(name)}`, `This ${what} does not have it.${known}`);
}

/** `value[key]` */
export function index(value: Value, key: Value): Value | Problem {
  const { raw, type } = value;
  const sensitive = value.sensitive || key.sensitive;
  if (raw === null)
    return new Problem("Null has no elements", "The value before the bracket is null, so there is nothing in it.");
  if (key.raw === null) return new Problem("The index is null", "Null does not say which element is meant.");
  switch (type.kind) {
    case "list":
    case "tuple":
      return markedResult(element(value, key), sensitive);
    case "map":
    case "object":
      return markedResult(entry(value, key), sensitive);
    case "dynamic":
      return marked(UNKNOWN_VALUE, sensitive);
    case "set":
      return new Problem(
        "The elements of a set have no index",
        "A set has no order, so its elements cannot be told apart by number. Use tolist() on it first, or a for expression.",
      );
    default:
      return new Problem("This value has no elements", `It is ${describeType(type)}.`);
  }
}

function markedResult(result: Value | Problem, sensitive: boolean): Value | Problem {
  return result instanceof Problem ? result : marked(result, sensitive);
}

function element(value: Value, key: Value): Value | Problem {
  const position = converted(key, NUMBER);
  if (typeof position === "string") return new Problem("The index must be a number", `${capital(position)}.`);
  const { type } = value;
  if (position.raw === UNKNOWN || value.raw === UNKNOWN) {
    if (type.kind === "list") return unknownValue(type.element);
    const at = position.raw;
    const known = type.kind === "tuple" && typeof at === "number" ? type.elements[at] : undefined;
    return known ? unknownValue(known) : UNKNOWN_VALUE;
  }
  const items = value.raw as readonly Value[];
  const at = position.raw as Num;
  const item = typeof at === "number" ? items[at] : undefined;
  if (item) return item;
  const which = key.sensitive ? "The index" : `Index ${formatNumber(at)}`;
  if (!isWhole(at)) return new Problem(`${which} is not whole`, "Elements are counted in whole numbers, from 0.");
  if (compare(at, 0) < 0) {
    return new Problem(`${which} is negative`, "Elements are counted from 0. The last one is list[length(list) - 1].");
  }
  const count = items.length;
  const many =
    count === 0
      ? "it is empty"
      : count === 1
        ? "it has one element, number 0"
        : `it has ${count} elements, 0 to ${count - 1}`;
  return new Problem(`${which} is past the end`, `There is no such element in this ${type.kind}: ${many}.`);
}

function entry(value: Value, key: Value): Value | Problem {
  const name = converted(key, STRING);
  if (typeof name === "string") return new Problem("The key must be a string", `${capital(name)}.`);
  const { type } = value;
  if (name.raw === UNKNOWN) return type.kind === "map" ? unknownValue(type.element) : UNKNOWN_VALUE;
  if (value.raw === UNKNOWN) return unknownAttribute(value, name.raw as string);
  const entries = value.raw as ReadonlyMap<string, Value>;
  const found = entries.get(name.raw as string);
  if (found) return found;
  return key.sensitive
    ? new Problem("There is no such element", "The key is sensitive and not shown.")
    : missing(value, name.raw as string, entries);
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
