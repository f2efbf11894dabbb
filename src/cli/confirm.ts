import type { CommonOptions, Context } from "./context.ts";

/** Whether a question can be put to anybody. */
export function canConfirm({ stdin }: Context, { input, json }: CommonOptions): boolean {
  return input && !json && stdin.isTTY;
}

/** Puts a question that only `yes` answers with yes: not Ctrl-C, not Ctrl-D, not the end of what is typed. */
export async function confirm(context: Context, question: string, signal: AbortSignal): Promise<boolean> {
  context.stdout.write(`\n${question} Only 'yes' is taken as an answer.\n`);
  return (await typed(context, signal)) === "yes";
}

/** What is typed for an answer; undefined after Ctrl-C, Ctrl-D or `signal`. The terminal is as before. */
export async function typed({ stdin, stdout }: Context, signal: AbortSignal): Promise<string | undefined> {
  const { createInterface } = await import("node:readline/promises");
  const lines = createInterface({ input: stdin, output: stdout, historySize: 0 });
  const ended = new AbortController();
  try {
    // While it asks, Ctrl-C is a key, not a signal: it answers.
    lines.on("SIGINT", () => ended.abort());
    // Ctrl-D closes the input, and the question would never be answered.
    lines.on("close", () => ended.abort());
    const either = AbortSignal.any([signal, ended.signal]);
    return (await lines.question("\n  Enter a value: ", { signal: either })).trim();
  } catch (error) {
    if (signal.aborted || ended.signal.aborted) return undefined;
    throw error;
  } finally {
    lines.close();
  }
}
