import { fail } from "../../core/diagnostics.ts";
import { canConfirm, confirm } from "../confirm.ts";
import type { CommonOptions, Context, ExitCode } from "../context.ts";
import { watchSignals } from "../signals.ts";
import { tell } from "../state/changing.ts";

/**
 * Clears away what the holder of a lock left. On this host nothing is asked, since a living holder keeps its lock in any
 * case; at a server its lock is taken from whoever has it, so there somebody is asked.
 */
export async function run(
  context: Context,
  common: CommonOptions,
  options: { readonly force?: boolean },
  [id = ""]: readonly string[],
): Promise<ExitCode> {
  const states = await context.states(common.directory);
  if (states.address === undefined) {
    const holder = await states.unlock(id);
    const line = `The lab is not locked any more: ${holder} has ended, and what it left of its lock is cleared away.`;
    tell(context, common, [line], { unlocked: id, holder });
    return 0;
  }
  if (options.force !== true && !(await asked(context, common, states.address, id))) {
    context.stdout.write("\nThe lock was left as it is.\n");
    return 1;
  }
  await states.unlock(id);
  const line = "The state is not locked any more. A run that had the lock cannot write the state at the server now.";
  tell(context, common, [line], { unlocked: id, address: states.address });
  return 0;
}

async function asked(context: Context, common: CommonOptions, address: string, id: string): Promise<boolean> {
  if (!canConfirm(context, common)) {
    fail("force-unlock must be confirmed, and nobody can be asked", {
      subject: `backend ${address}`,
      detail: `There is no terminal to ask on${common.json ? " with -json" : ""}. Where you are sure that the run with the lock ${id} is gone: labform force-unlock -force ${id}`,
    });
  }
  const signals = watchSignals(() => {});
  try {
    const question = `Do you really want to take away the lock ${id} of ${address}? Two runs at once can lose what one of them did.`;
    return await confirm(context, question, signals.stopping);
  } finally {
    signals.release();
  }
}
