import { fail } from "../../../src/core/diagnostics.ts";
import type { OperationContext } from "../../../src/core/provider.ts";
import type { Instance } from "../../../src/core/state.ts";
import { nodeAttributes } from "../attributes.ts";
import { consoleLog, nodeDirectory } from "../names.ts";
import { notesOf } from "../notes.ts";
import type { PlanTools } from "../plan.ts";
import { ConsoleFeed } from "./consoleSearch.ts";
import { failGone } from "./gone.ts";
import { lastLines } from "./log.ts";
import { ReadyConditions } from "./readyConditions.ts";

/** How long QEMU's end, or a write that was not noticed, may go unseen. */
const LOOK_MS = 250;
/** A guest that writes without pause is not read more often than this. */
const PAUSE_MS = 20;

/**
 * Waits until all conditions of the ready block have been met since this boot, each once and in any order. Rejects with
 * `Failure` when the time is over, when QEMU ends, and when `context.signal` aborts; the node is left as it is. A node
 * that is suspended has nothing to show and is not waited for.
 */
export async function waitUntilReady(context: OperationContext, tools: PlanTools): Promise<Instance> {
  const { instance } = context;
  const { ready, power, forward } = nodeAttributes(instance.attributes);
  if (!ready || power === "suspended" || power === "off") return instance;
  const conditions = new ReadyConditions(ready, forward, instance, tools);
  try {
    await wait(conditions, ready.timeout_s, context, tools);
  } finally {
    conditions.close();
  }
  return instance;
}

async function wait(
  conditions: ReadyConditions,
  seconds: number,
  context: OperationContext,
  tools: PlanTools,
): Promise<void> {
  const { instance, address, signal } = context;
  const { clock, files, processes } = tools.ports;
  const { process, consoleOffset = 0 } = notesOf(instance);
  const directory = nodeDirectory(tools.directories.nodes, instance.id);
  const feed = new ConsoleFeed(files, consoleLog(directory), consoleOffset);
  const deadline = clock.monotonic() + seconds * 1000;
  let tellMs = 0;
  for (;;) {
    // Asked before the log is read: what QEMU wrote last is still searched.
    const alive = process !== undefined && processes.status(process) === "alive";
    if (await conditions.areMet(await feed.read(), alive)) return;
    if (!alive) {
      const evidence = consoleEvidence(await consoleTail(context, tools));
      await failGone(context, tools, `${address} ended before it was ready`, evidence);
    }
    const now = clock.monotonic();
    const left = deadline - now;
    if (left <= 0) await failLate(conditions, seconds, context, tools);
    if (now >= tellMs) {
      context.waiting(conditions.awaited.join(" and "), (await consoleTail(context, tools)).at(-1));
      tellMs = now + LOOK_MS;
    }
    try {
      await clock.sleep(Math.min(PAUSE_MS, left), signal);
      await files.waitForChange(directory, Math.max(1, Math.min(LOOK_MS, left)), signal);
    } catch (cause) {
      if (!signal.aborted) throw cause;
      fail(`Waiting for ${address} was interrupted`, {
        address,
        detail: `${conditions.misses.join("\n")}\nThe node runs on; the next apply waits again.`,
        cause,
      });
    }
  }
}

async function failLate(
  conditions: ReadyConditions,
  seconds: number,
  context: OperationContext,
  tools: PlanTools,
): Promise<never> {
  const lines = await consoleTail(context, tools);
  return fail(`${context.address} was not ready within ${seconds} s`, {
    address: context.address,
    detail: [
      ...conditions.misses,
      "It runs on; the next apply waits again. Look at its console, or change its ready block.",
      ...consoleEvidence(lines),
    ].join("\n"),
  });
}

function consoleEvidence(lines: readonly string[]): readonly string[] {
  if (lines.length === 0) return ["Its console showed nothing."];
  return ["The last lines of its console:", ...lines.map((line) => `  ${line}`)];
}

async function consoleTail({ instance }: OperationContext, tools: PlanTools): Promise<readonly string[]> {
  const log = consoleLog(nodeDirectory(tools.directories.nodes, instance.id));
  return await lastLines(tools.ports.files, log, notesOf(instance).consoleOffset ?? 0);
}
