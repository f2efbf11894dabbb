import type { Json } from "../../core/values.ts";
import type { StateStore } from "../../core/workspace.ts";
import { recordedDocument } from "../../ui/documents.ts";
import { printable } from "../../ui/text.ts";
import type { CommonOptions, Context, ExitCode } from "../context.ts";
import { parseBoolean, parseDuration } from "../flagValues.ts";
import { reporter } from "../report.ts";
import { watchSignals } from "../signals.ts";

export interface LockOptions {
  readonly lockTimeout?: string;
  readonly lock?: string;
}

/** Does `work` on the opened, locked state. A first Ctrl-C ends only the waiting for the lock: a write is short. */
export async function withStore(
  context: Context,
  common: CommonOptions,
  options: LockOptions,
  command: string,
  work: (store: StateStore) => Promise<ExitCode>,
): Promise<ExitCode> {
  const lockTimeoutMs = parseDuration(options.lockTimeout ?? "0s", "-lock-timeout");
  const states = await context.states(common.directory);
  const signals = watchSignals(() => {});
  try {
    const store = await states.open({
      command,
      lockTimeoutMs,
      lock: parseBoolean(options.lock ?? "true", "-lock"),
      onTrouble: (warning) => reporter(context, { ...common, json: false })([warning]),
      onWait: (holder) => void context.stderr.write(`Waiting for the lock, held by ${printable(holder)} …\n`),
      signal: signals.stopping,
    });
    try {
      return await work(store);
    } finally {
      await store.close();
    }
  } finally {
    signals.release();
  }
}

/** What was done: lines for people, one document for programs. */
export function tell(
  { stdout }: Context,
  { json }: CommonOptions,
  lines: readonly string[],
  facts: { readonly [name: string]: Json },
): void {
  stdout.write(
    json ? `${JSON.stringify(recordedDocument(facts))}\n` : lines.map((line) => `${printable(line)}\n`).join(""),
  );
}
