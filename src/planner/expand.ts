import type { InstanceKey } from "../core/addresses.ts";
import type { Diagnostic } from "../core/diagnostics.ts";
import { errorDiagnostic } from "../core/diagnostics.ts";
import type { Resource } from "../core/lab.ts";
import type { Expression } from "../core/syntax.ts";
import type { Value } from "../core/values.ts";
import { isWhollyKnown, NUMBER, numberValue, UNKNOWN } from "../core/values.ts";
import { evaluate } from "../evaluation/evaluate.ts";
import type { Scope } from "../evaluation/scope.ts";
import { convert } from "../evaluation/types.ts";

export interface Expansion {
  readonly shape: "single" | "list" | "map";
  /** `each` is the value of `each.value`, or of `count.index`. */
  readonly instances: readonly { readonly key: InstanceKey; readonly each: Value | undefined }[];
  /** False after an error: how many there would be is not known. */
  readonly known: boolean;
  readonly diagnostics: readonly Diagnostic[];
}

const mostInstances = 100_000;

/** The instances of a resource by its count or for_each, which must be known at plan. */
export function expand(resource: Resource, scope: Scope): Expansion {
  if (resource.count) return expandCount(resource, resource.count, scope);
  if (resource.forEach) return expandForEach(resource, resource.forEach, scope);
  return { shape: "single", instances: [{ key: undefined, each: undefined }], known: true, diagnostics: [] };
}

function expandCount(resource: Resource, expression: Expression, scope: Scope): Expansion {
  const { value, diagnostics } = evaluate(expression, scope);
  const refuse = refusal("list", expression, diagnostics);
  if (value.raw === UNKNOWN) return refuse("count is not known at plan", unknownHelp(resource.address, "count"));
  if (value.sensitive)
    return refuse(
      "count may not be sensitive",
      "The number of instances shows in the plan and so gives the value away.",
    );
  const converted = convert(value, NUMBER);
  if ("error" in converted) return refuse("count must be a whole number", `Got ${converted.error}.`);
  const count = converted.value.raw;
  if (typeof count !== "number" || count < 0 || count > mostInstances) {
    return refuse(
      "count must be a whole number",
      `It must be between 0 and ${mostInstances}${count === null ? "; it is null" : ""}.`,
    );
  }
  const instances = Array.from({ length: count }, (_, index) => ({ key: index, each: numberValue(index) }));
  return { shape: "list", instances, known: true, diagnostics };
}

function expandForEach(resource: Resource, expression: Expression, scope: Scope): Expansion {
  const { value, diagnostics } = evaluate(expression, scope);
  const refuse = refusal("map", expression, diagnostics);
  const { raw, type } = value;
  if (value.sensitive)
    return refuse("for_each may not be sensitive", "The instances' keys show in the plan and so give the value away.");
  if (raw === UNKNOWN) return refuse("for_each is not known at plan", unknownHelp(resource.address, "for_each"));
  if (raw === null)
    return refuse("for_each is null", "Give a map, an object or a set of strings; an empty one makes no instances.");
  if (raw instanceof Map && !isWhollyKnown(value)) {
    return refuse("for_each has values that are not known at plan", unknownHelp(resource.address, "for_each"));
  }
  if (raw instanceof Map) {
    const instances = [...(raw as ReadonlyMap<string, Value>)].map(([key, each]) => ({ key, each }));
    return { shape: "map", instances, known: true, diagnostics };
  }
  if (type.kind === "set" && Array.isArray(raw)) {
    const items = raw as readonly Value[];
    if (items.some((item) => item.raw === UNKNOWN))
      return refuse("for_each is not known at plan", unknownHelp(resource.address, "for_each"));
    if (items.every((item) => typeof item.raw === "string")) {
      const instances = items.map((item) => ({ key: item.raw as string, each: item }));
      return { shape: "map", instances, known: true, diagnostics };
    }
  }
  return refuse(
    "for_each takes a map, an object or a set of strings",
    type.kind === "tuple" || type.kind === "list"
      ? "This is a list: use toset() if its elements are unique strings."
      : "",
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

function unknownHelp(address: string, argument: string): string {
  return (
    `${argument} of ${address} depends on something that is decided only when the plan is applied, so labform cannot tell how many ` +
    "instances there will be. Use values that stand in the lab files or variables, or apply what it depends on first with -target."
  );
}
