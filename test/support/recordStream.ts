import { writeFileSync } from "node:fs";
import { realpath } from "node:fs/promises";
import { resolve } from "node:path";
import process from "node:process";
import { applyPlan } from "../../src/applier/apply.ts";
import { readLab } from "../../src/cli/lab.ts";
import { planLab } from "../../src/cli/planning.ts";
import type { Event } from "../../src/core/events.ts";
import { createContext } from "../../src/main/start.ts";

/**
 * Records the event stream of a real apply as the screens' tests replay it: a line an event, with its time.
 *
 *     npx esbuild test/support/recordStream.ts --bundle --platform=node --format=esm --packages=external \
 *       --outfile=.cache/recordStream.mjs
 *     node .cache/recordStream.mjs LAB_DIRECTORY STREAM.jsonl [PARALLELISM [INTERRUPT_AFTER_MS]]
 *
 * The lab is left as it is then: `labform destroy` removes it.
 */
async function record(directory: string, file: string, parallelism: number, interruptMs: number | undefined) {
  const context = createContext("0.1.0", resolve("dist"));
  const lab = await realpath(directory);
  const interrupt = new AbortController();
  const store = await (await context.states(lab)).open({
    command: "apply",
    lockTimeoutMs: 0,
    onWait: () => {},
    signal: interrupt.signal,
  });
  const recorded: string[] = [];
  const began = performance.now();
  const waiting = new Map<string, string>();
  const emit = (event: Event) => {
    const text = JSON.stringify(event, (name, value) => (name === "elapsedMs" ? Math.round(value as number) : value));
    if (event.type === "step_waiting") {
      // Told several times a second: only what is new of it.
      if (waiting.get(event.address) === text) return;
      waiting.set(event.address, text);
    }
    recorded.push(`{"at":${Math.round(performance.now() - began)},"event":${text}}\n`);
  };
  const { plan, providers } = await planLab(context, await readLab(context, lab, {}), store, {});
  if (interruptMs !== undefined) {
    setTimeout(() => {
      interrupt.abort(new Error("interrupted"));
      emit({ type: "interrupted" });
    }, interruptMs);
  }
  const { clock, random } = context.ports;
  await applyPlan({
    plan,
    command: "apply",
    operation: "apply",
    parallelism,
    store,
    providers,
    clock,
    random,
    emit,
    waiting: interrupt.signal,
  });
  await store.close();
  writeFileSync(file, recorded.join(""));
}

const [directory = "", file = "", parallelism = "10", interruptMs] = process.argv.slice(2);
await record(directory, file, Number(parallelism), interruptMs === undefined ? undefined : Number(interruptMs));
