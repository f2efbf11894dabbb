import type { CommonOptions, Context, ExitCode } from "../context.ts";
import { tell } from "../state/changing.ts";

/**
 * Clears away what the holder of a lock left. -force, with which Terraform does not ask, changes nothing: there is
 * nothing to be asked, since a living holder keeps its lock in any case.
 */
export async function run(
  context: Context,
  common: CommonOptions,
  _options: unknown,
  [id = ""]: readonly string[],
): Promise<ExitCode> {
  const holder = await (await context.states(common.directory)).unlock(id);
  const line = `The lab is not locked any more: ${holder} has ended, and what it left of its lock is cleared away.`;
  tell(context, common, [line], { unlocked: id, holder });
  return 0;
}
