import type { Captured, CapturedExpression, Deferred } from "../core/plan.ts";

/** All that a deferred expression captured, at any depth, each once. */
export function* capturedParts(deferred: Deferred): Generator<Captured> {
  const seen = new Set<Captured>();
  const open = capturedDirectly(deferred);
  for (let one = open.pop(); one; one = open.pop()) {
    if (seen.has(one)) continue;
    seen.add(one);
    yield one;
    for (const inner of innerOf(one)) open.push(inner);
  }
}

/** In the order in which they stand, the first last. */
function capturedDirectly({ captured, parts = {} }: Deferred): Captured[] {
  return [...Object.values(captured), ...Object.values(parts)].reverse();
}

function innerOf(captured: Captured): readonly Captured[] {
  if (captured.kind === "deferred" || captured.kind === "variable") return capturedDirectly(captured.deferred);
  if (captured.kind !== "module") return [];
  return captured.instances.flatMap(({ outputs }) => Object.values(outputs)).reverse();
}

/** The instances whose attributes it needs. */
export function awaitedInstances(deferred: Deferred): readonly string[] {
  const found: string[] = [];
  for (const one of capturedParts(deferred)) if (one.kind === "resource") found.push(...one.instances);
  return found;
}

/**
 * The same expression with those captured in it moved to its `parts`. However many locals and outputs share what they
 * come from, and however long their chain is, it is no larger than all of them are and not deep.
 */
export function withParts(deferred: Deferred): Deferred {
  const names = new Map<Captured, string>();
  const parts: { [name: string]: CapturedExpression } = {};
  const open = expressionsIn(deferred);
  for (let one = open.at(-1); one; one = open.at(-1)) {
    const missing = names.has(one) ? [] : expressionsIn(one.deferred).filter((inner) => !names.has(inner));
    if (missing.length > 0) {
      for (const inner of missing) open.push(inner);
      continue;
    }
    open.pop();
    if (names.has(one)) continue;
    const name = String(names.size);
    names.set(one, name);
    parts[name] = { ...one, deferred: withNames(one.deferred, names) };
  }
  return names.size === 0 ? deferred : { ...withNames(deferred, names), parts };
}

function expressionsIn({ captured }: Deferred): CapturedExpression[] {
  const found: CapturedExpression[] = [];
  for (const one of Object.values(captured)) {
    for (const inner of one.kind === "module" ? innerOf(one) : [one]) {
      if (inner.kind === "deferred" || inner.kind === "variable") found.push(inner);
    }
  }
  return found.reverse();
}

function withNames(deferred: Deferred, names: ReadonlyMap<Captured, string>): Deferred {
  return { ...deferred, captured: mapped(deferred.captured, (one) => named(one, names)) };
}

function named(captured: Captured, names: ReadonlyMap<Captured, string>): Captured {
  const name = names.get(captured);
  if (name !== undefined) return { kind: "part", name };
  if (captured.kind !== "module") return captured;
  const instances = captured.instances.map((instance) => ({
    ...instance,
    outputs: mapped(instance.outputs, (one) => named(one, names)),
  }));
  return { ...captured, instances };
}

function mapped(captured: Deferred["captured"], change: (one: Captured) => Captured): Deferred["captured"] {
  return Object.fromEntries(Object.entries(captured).map(([name, one]) => [name, change(one)]));
}
