import type { HandOptions } from "../byHand.ts";
import { runByHand } from "../byHand.ts";
import type { CommonOptions, Context, ExitCode } from "../context.ts";

type PowerCommand = "start" | "stop" | "suspend" | "resume" | "reload";

/** start, stop, suspend, resume and reload: one command in five words. */
export function power(command: PowerCommand) {
  return async (
    context: Context,
    common: CommonOptions,
    options: HandOptions,
    operands: readonly string[],
  ): Promise<ExitCode> => runByHand(context, common, options, command, operands, (address) => ({ address, command }));
}
