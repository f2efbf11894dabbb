import { errorDiagnostic, Failure } from "../core/diagnostics.ts";
import type { CommonOptions, Context } from "./context.ts";

/** Asks for `yes`. Without a terminal, or with -input=false, that is an error: nobody could answer. */
export async function approve(
  context: Context,
  common: CommonOptions,
  command: "apply" | "destroy",
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
      ? "\nDo you want to make these changes? Only 'yes' is taken as an answer.\n"
      : "\nDo you really want to destroy all of this? There is no undo. Only 'yes' is taken as an answer.\n";
  context.stdout.write(question);
  const { createInterface } = await import("node:readline/promises");
  const lines = createInterface({ input: context.stdin, output: context.stdout });
  const ended = new AbortController();
  try {
    lines.on("SIGINT", () => process.kill(process.pid, "SIGINT"));
    // Ctrl-D closes the input, and the question would never be answered.
    lines.on("close", () => ended.abort());
    const answer = await lines.question("\n  Enter a value: ", { signal: AbortSignal.any([signal, ended.signal]) });
    return answer.trim() === "yes";
  } catch {
    return false;
  } finally {
    lines.close();
  }
}
