import type { Captured, Deferred } from "../core/plan.ts";

/** All that a deferred expression captured, at any depth, each once. */
export function* capturedParts(deferred: Deferred, seen = new Set<Captured>()): Generator<Captured> {
  for (const one of Object.values(deferred.captured)) yield* partsOf(one, seen);
}

function* partsOf(captured: Captured, seen: Set<Captured>): Generator<Captured> {
  if (seen.has(captured)) return;
  seen.add(captured);
  yield captured;
  if (captured.kind === "deferred" || captured.kind === "variable") yield* capturedParts(captured.deferred, seen);
  if (captured.kind !== "module") return;
  for (const { outputs } of captured.instances) for (const one of Object.values(outputs)) yield* partsOf(one, seen);
}

/** The instances whose attributes it needs. */
export function awaitedInstances(deferred: Deferred): readonly string[] {
  const found: string[] = [];
  for (const one of capturedParts(deferred)) if (one.kind === "resource") found.push(...one.instances);
  return found;
}
