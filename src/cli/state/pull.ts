import type { CommonOptions, Context, ExitCode } from "../context.ts";
import { requireState } from "./addresses.ts";

/** The document that push takes, on standard output: all of the state, with what the journal has beyond the checkpoint. */
export async function pull(context: Context, common: CommonOptions): Promise<ExitCode> {
  const access = await context.states(common.directory);
  const { state } = await access.load();
  requireState(state, common.directory);
  context.stdout.write(access.format(state));
  return 0;
}
