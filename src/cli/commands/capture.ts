import { resolve } from "node:path";
import { errorDiagnostic, Failure } from "../../core/diagnostics.ts";
import type { HandOptions } from "../byHand.ts";
import { runByHand } from "../byHand.ts";
import type { CommonOptions, Context, ExitCode } from "../context.ts";

/** `capture start LINK [FILE]` and `capture stop LINK`. A relative file starts where the user stands. */
export async function run(
  context: Context,
  common: CommonOptions,
  options: HandOptions,
  operands: readonly string[],
): Promise<ExitCode> {
  const [verb, link = "", file] = operands;
  if (verb === "start") {
    const command = "capture start";
    const path = file === undefined ? null : resolve(context.workingDirectory, file);
    return runByHand(context, common, options, command, [link], (address) => ({ address, command, file: path }));
  }
  if (verb !== "stop" || file !== undefined) {
    throw new Failure(
      errorDiagnostic(`capture has no "${operands.filter((one) => one !== link).join(" ")}"`, {
        detail: "It is capture start LINK [FILE], or capture stop LINK.",
      }),
    );
  }
  const command = "capture stop";
  return runByHand(context, common, options, command, [link], (address) => ({ address, command }));
}
