import { errorDiagnostic, Failure } from "../core/diagnostics.ts";
import { DEFAULT_WORKSPACE } from "../core/workspace.ts";
import { canConfirm, typed } from "./confirm.ts";
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
  if (!canConfirm(context, common)) {
    throw new Failure(
      errorDiagnostic(`${command === "refresh" ? "apply" : command} must be approved, and nobody can be asked`, {
        detail: `There is no terminal to ask on${common.json ? " with -json" : ""}. Use -auto-approve${command === "destroy" ? "" : ", or apply a plan saved with plan -out=FILE"}.`,
      }),
    );
  }
  context.stdout.write(`\n${summary === undefined ? "" : `${summary}\n`}${question(context, command)}`);
  const answer = await typed(context, signal);
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
