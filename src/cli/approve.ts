import { errorDiagnostic, Failure } from "../core/diagnostics.ts";
import { DEFAULT_WORKSPACE } from "../core/workspace.ts";
import type { CommonOptions, Context } from "./context.ts";

/**
 * Asks for `yes`; everything else is a no, also Ctrl-C and Ctrl-D. `summary` is the plan's, where it does not stand right
 * above. Without a terminal, or with -input=false, asking is an error: nobody could answer.
 */
export async function approve(
  context: Context,
  common: CommonOptions,
  command: "apply" | "destroy" | "refresh",
  summary: string | undefined,
  signal: AbortSignal,
): Promise<boolean> {
  if (!common.input || common.json || !context.stdin.isTTY) {
    throw new Failure(
      errorDiagnostic(`${command === "refresh" ? "apply" : command} must be approved, and nobody can be asked`, {
        detail: `There is no terminal to ask on${common.json ? " with -json" : ""}. Use -auto-approve${command === "destroy" ? "" : ", or apply a plan saved with plan -out=FILE"}.`,
      }),
    );
  }
  context.stdout.write(`\n${summary === undefined ? "" : `${summary}\n`}${question(context, command)}`);
  const answer = await ask(context, "\n  Enter a value: ", signal);
  if (answer === "yes") return true;
  context.stdout.write(
    `${answer === undefined ? "\n" : ""}\n${command === "destroy" ? "Destroy" : "Apply"} cancelled: nothing was done.\n`,
  );
  return false;
}

/**
 * As in Terraform, a workspace other than the default is named: it may be another than one thinks. In lines that a
 * terminal of 80 columns does not break.
 */
function question({ workspace }: Context, command: "apply" | "destroy" | "refresh"): string {
  const where = workspace === DEFAULT_WORKSPACE ? "" : ` in workspace "${workspace}"`;
  const only = "Only 'yes' is taken as an answer.\n";
  if (command === "destroy") return `Do you really want to destroy all of this${where}?\nThere is no undo. ${only}`;
  const what = command === "apply" ? "make these changes" : "write this into the state";
  return `Do you want to ${what}${where}?${where === "" ? " " : "\n"}${only}`;
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
