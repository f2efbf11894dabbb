import { resolve } from "node:path";
import { errorDiagnostic, Failure } from "../../core/diagnostics.ts";
import type { HandOptions } from "../byHand.ts";
import { runByHand } from "../byHand.ts";
import type { CommonOptions, Context, ExitCode } from "../context.ts";

/** `capture start LINK [FILE]`, `capture stop LINK` and `capture follow LINK`; a link, or a port of a network. A relative file starts where the user stands. */
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
    return runByHand(context, common, options, command, [link], (address, port) => ({
      address,
      port,
      command,
      file: path,
    }));
  }
  if (verb === "follow" && file === undefined) {
    const { followLink } = await import("../console/follow.ts");
    return followLink(context, common, link);
  }
  if (verb !== "stop" || file !== undefined) {
    throw new Failure(
      errorDiagnostic(`capture has no "${operands.filter((one) => one !== link).join(" ")}"`, {
        detail: "It is capture start LINK [FILE], capture stop LINK, or capture follow LINK.",
      }),
    );
  }
  const command = "capture stop";
  return runByHand(context, common, options, command, [link], (address, port) => ({ address, port, command }));
}
