import { setTimeout as sleep } from "node:timers/promises";

/** Resolves once `met`; rejects after `ms`, which only ever ends a test that would fail anyway. */
export async function until(met: () => boolean | Promise<boolean>, ms = 20_000): Promise<void> {
  const deadline = performance.now() + ms;
  while (!(await met())) {
    if (performance.now() > deadline) throw new Error(`not in ${ms} ms: ${String(met)}`);
    await sleep(5);
  }
}
