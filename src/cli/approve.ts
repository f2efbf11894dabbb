import { errorDiagnostic, Failure } from "../core/diagnostics.ts";
import type { CommonOptions, Context } from "./context.ts";

/**
 * Asks for `yes`; everything else is a no, also Ctrl-C and Ctrl-D. `summary` is the plan's, where it does not stand right
 * above. Without a terminal, or with -input=false, asking is an error: nobody could answer.
 */
export async function approve(
  context: Context,
  common: CommonOptions,
  command: "apply" | "destroy",
  summary: string | undefined,
  signal: AbortSignal,
): Promise<boolean> {
  if (!common.input || common.json || !context.stdin.isTTY) {
    throw new Failure(
      errorDiagnostic(`${command} must be approved, and nobody can be asked`, {
        detail: `There is no terminal to ask on${common.json ? " with -json" : ""}. Use -auto-approve${command === "apply" ? ", or apply a plan saved with plan -out=FILE" : ""}.`,
      }),
    );
  }
  const question =
    command === "apply"
      ? "Do you want to make these changes? Only 'yes' is taken as an answer.\n"
      : "Do you really want to destroy all of this? There is no undo. Only 'yes' is taken as an answer.\n";
  context.stdout.write(`\n${summary === undefined ? "" : `${summary}\n`}${question}`);
  const answer = await ask(context, "\n  Enter a value: ", signal);
  if (answer === "yes") return true;
  context.stdout.write(
    `${answer === undefined ? "\n" : ""}\n${command === "apply" ? "Apply" : "Destroy"} cancelled: nothing was done.\n`,
  );
  return false;
}

/** What was typed; undefined after Ctrl-C, Ctrl-D or `signal`. The terminal is as before. */
async function ask({ stdin, stdout }: Context, prompt: string, signal: AbortSignal): Promise<string | undefined> {
  const { createInterface } = await import("node:readline/promises");
  const lines = createInterface({ input: stdin, output: stdout, historySize: 0 });
  const ended = new AbortController();
  try {
    // While it asks, Ctrl-C is a key, not a signal: it answers.
    lines.on("SIGINT", () => ended.abort());
    // Ctrl-D closes the input, and the question would never be answered.
    lines.on("close", () => ended.abort());
    return (await lines.question(prompt, { signal: AbortSignal.any([signal, ended.signal]) })).trim();
  } catch (error) {
    if (signal.aborted || ended.signal.aborted) return undefined;
    throw error;
  } finally {
    lines.close();
  }
}
