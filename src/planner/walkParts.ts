import type { InstanceKey } from "../core/addresses.ts";
import { expressionsOf } from "../core/dynamic.ts";
import type { Conditions, Resource, Rule } from "../core/lab.ts";
import type { Expression } from "../core/syntax.ts";
import type { Value } from "../core/values.ts";
import { isWhollyKnown, objectValue, stringValue } from "../core/values.ts";
import type { Scope } from "../evaluation/scope.ts";
import type { ModuleInstance, Roots } from "./moduleInstance.ts";
import { NO_ROOTS } from "./moduleInstance.ts";

/** What the walk asks of blocks and modules, one by one. */

export const NO_CONDITIONS: Conditions = { preconditions: [], postconditions: [] };

export function rulesOf({ preconditions, postconditions }: Conditions): readonly Rule[] {
  return [...preconditions, ...postconditions];
}

/** The instances that rules come from. */
export function dependenciesOf(rules: readonly Rule[], module: ModuleInstance): readonly string[] {
  const found = rules.flatMap(({ condition, errorMessage }) => [condition, errorMessage]);
  return found.flatMap((expression) => module.dependencies(expression));
}

/** All that a node or link is made by. */
export function* expressionsIn(resource: Resource): Generator<Expression> {
  const { count, forEach, enabled, lifecycle, body, conditions } = resource;
  for (const one of [count, forEach, enabled, lifecycle?.preventDestroy]) if (one) yield one;
  for (const { expression } of expressionsOf(body)) yield expression;
  if (!conditions) return;
  for (const { condition, errorMessage } of rulesOf(conditions)) yield* [condition, errorMessage];
}

/** Every instance in a module and in the modules it calls. */
export function instancesIn({ resources, calls }: ModuleInstance): readonly string[] {
  return [
    ...[...resources.values()].flatMap(({ instances }) => instances.map((one) => one.address)),
    ...[...calls.values()].flatMap(({ instances }) => instances.flatMap((one) => instancesIn(one.module))),
  ];
}

/** `each` or `count` of an instance; `scope` is that of the for_each. */
export function rootsOf(
  key: InstanceKey,
  each: Value | undefined,
  forEach: Expression | undefined,
  scope: Scope,
): Roots {
  if (!each || key === undefined) return NO_ROOTS;
  if (typeof key === "number") return { values: new Map([["count", objectValue(new Map([["index", each]]))]]) };
  const members = { key: stringValue(key), value: each };
  const values = new Map([["each", objectValue(new Map(Object.entries(members)))]]);
  return forEach && !isWhollyKnown(each) ? { values, element: { ...members, forEach, scope } } : { values };
}
