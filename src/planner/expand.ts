import type { InstanceKey } from "../core/addresses.ts";
import type { Diagnostic } from "../core/diagnostics.ts";
import { errorDiagnostic } from "../core/diagnostics.ts";
import type { Repeated } from "../core/lab.ts";
import type { Cause, Shape } from "../core/plan.ts";
import { formatRange } from "../core/source.ts";
import type { Expression } from "../core/syntax.ts";
import type { Value } from "../core/values.ts";
import { BOOL, NUMBER, numberValue, UNKNOWN } from "../core/values.ts";
import { evaluate } from "../evaluation/evaluate.ts";
import type { Scope } from "../evaluation/scope.ts";
import { shortValue } from "../evaluation/shown.ts";
import { convert, describeType } from "../evaluation/types.ts";

export interface Expansion {
  readonly shape: Shape;
  /** `each` is the value of `each.value`, which may not be known yet, or of `count.index`. */
  readonly instances: readonly { readonly key: InstanceKey; readonly each: Value | undefined }[];
  /** False after an error: how many there would be is not known. */
  readonly known: boolean;
  readonly diagnostics: readonly Diagnostic[];
}

/** Why what an `enabled` says is not to be there has no instance; undefined where that is not so. */
export function disabledBy({ enabled }: Repeated, { known, instances }: Expansion): Cause | undefined {
  if (!enabled || !known || instances.length > 0) return undefined;
  const at = formatRange(enabled.range);
  return { kind: "removed", summary: "enabled is false in its lifecycle block", path: ["enabled"], at };
}

/** Says why an expression is not known, as sentences. */
export type WhyUnknown = (expression: Expression) => string;

const mostInstances = 100_000;

/** The instances of a resource or module by its count, for_each or enabled, which must be known at plan. */
export function expand({ address, count, forEach, enabled }: Repeated, scope: Scope, why: WhyUnknown): Expansion {
  if (count) return expandCount(count, scope, unknownHelp(address, "count", why));
  if (forEach) return expandForEach(forEach, scope, unknownHelp(address, "for_each", why));
  if (enabled) return expandEnabled(enabled, scope, unknownHelp(address, "enabled", why));
  return { shape: "single", instances: [THE_ONE], known: true, diagnostics: [] };
}

const THE_ONE = { key: undefined, each: undefined };

function expandEnabled(expression: Expression, scope: Scope, help: WhyUnknown): Expansion {
  const { value, diagnostics } = evaluate(expression, scope);
  const refuse = refusal("single", expression, diagnostics);
  if (value.sensitive) return refuse("enabled may not be sensitive", "The plan gives its value away.");
  if (value.raw === UNKNOWN) return refuse("enabled is not known at plan", help(expression));
  if (value.raw === null) return refuse("enabled is null", "Give true or false; without the argument it is true.");
  const converted = convert(value, BOOL);
  if ("error" in converted) {
    return refuse("enabled must be true or false", `It is ${describeType(value.type)}: ${converted.error}.`);
  }
  return { shape: "single", instances: converted.value.raw === true ? [THE_ONE] : [], known: true, diagnostics };
}

function expandCount(expression: Expression, scope: Scope, help: WhyUnknown): Expansion {
  const { value, diagnostics } = evaluate(expression, scope);
  const refuse = refusal("list", expression, diagnostics);
  if (value.raw === UNKNOWN) return refuse("count is not known at plan", help(expression));
  // As in Terraform it may be sensitive, though the plan gives it away.
  const converted = convert(value, NUMBER);
  if ("error" in converted) return refuse("count must be a whole number", `Got ${converted.error}.`);
  const count = converted.value.raw;
  if (typeof count !== "number" || count < 0 || count > mostInstances) {
    const found = `It must be between 0 and ${mostInstances}, and is ${shortValue(value)}.`;
    return refuse("count must be a whole number", found);
  }
  const instances = Array.from({ length: count }, (_, index) => ({ key: index, each: numberValue(index) }));
  return { shape: "list", instances, known: true, diagnostics };
}

function expandForEach(expression: Expression, scope: Scope, help: WhyUnknown): Expansion {
  const { value, diagnostics } = evaluate(expression, scope);
  const refuse = refusal("map", expression, diagnostics);
  const { raw, type } = value;
  if (value.sensitive)
    return refuse("for_each may not be sensitive", "The instances' keys show in the plan and so give the value away.");
  if (raw === UNKNOWN) return refuse("for_each is not known at plan", help(expression));
  if (raw === null)
    return refuse("for_each is null", "Give a map, an object or a set of strings; an empty one makes no instances.");
  if (raw instanceof Map) {
    const instances = [...(raw as ReadonlyMap<string, Value>)].map(([key, each]) => ({ key, each }));
    return { shape: "map", instances, known: true, diagnostics };
  }
  if (type.kind === "set" && Array.isArray(raw)) {
    const items = raw as readonly Value[];
    if (items.some((item) => item.raw === UNKNOWN)) return refuse("for_each is not known at plan", help(expression));
    if (items.every((item) => typeof item.raw === "string")) {
      const instances = items.map((item) => ({ key: item.raw as string, each: item }));
      return { shape: "map", instances, known: true, diagnostics };
    }
  }
  return refuse(
    "for_each takes a map, an object or a set of strings",
    type.kind === "tuple" || type.kind === "list"
      ? "This is a list: use toset() if its elements are unique strings."
      : `This is ${describeType(type)}.`,
  );
}

/** The expression's own errors go before what is wrong with its value. */
function refusal(shape: Expansion["shape"], { range }: Expression, diagnostics: readonly Diagnostic[]) {
  return (summary: string, detail: string): Expansion => ({
    shape,
    instances: [],
    known: false,
    diagnostics: diagnostics.length > 0 ? diagnostics : [errorDiagnostic(summary, { detail, range })],
  });
}

function unknownHelp(address: string, argument: string, why: WhyUnknown): WhyUnknown {
  return (expression) =>
    `${why(expression)} How many instances of ${address} there are must be known before that: use values that stand in ` +
    `the lab files or variables in ${argument}, or apply what it depends on first with -target.`;
}
