import type { CommonOptions, Context } from "./context.ts";

/** Whether a question can be put to anybody. */
export function canConfirm({ stdin }: Context, { input, json }: CommonOptions): boolean {
  return input && !json && stdin.isTTY;
}

/** Puts a question that only `yes` answers with yes: not Ctrl-C, not Ctrl-D, not the end of what is typed. */
export async function confirm({ stdin, stdout }: Context, question: string, signal: AbortSignal): Promise<boolean> {
  const { createInterface } = await import("node:readline/promises");
  const lines = createInterface({ input: stdin, output: stdout, historySize: 0 });
  const ended = new AbortController();
  try {
    lines.on("SIGINT", () => ended.abort());
    lines.on("close", () => ended.abort());
    stdout.write(`\n${question} Only 'yes' is taken as an answer.\n`);
    return (
      (await lines.question("\n  Enter a value: ", { signal: AbortSignal.any([signal, ended.signal]) })).trim() ===
      "yes"
    );
  } catch (error) {
    if (signal.aborted || ended.signal.aborted) return false;
    throw error;
  } finally {
    lines.close();
  }
}
