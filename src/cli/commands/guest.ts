import type { Options, Run } from "../command.ts";
import type { CommonOptions, Context, ExitCode } from "../context.ts";
import type { Verbs } from "../verbs.ts";
import { loadVerb } from "../verbs.ts";

const verbs: Verbs["verbs"] = {
  build: {
    operands: "",
    least: 0,
    most: 0,
    flags: ["out", "kernel", "modules", "busybox"],
    load: async (): Promise<Run> => (await import("../guest/build.ts")).build,
  },
};

/** `guest build`: the small guest that cheap hosts of labs boot. */
export async function run(
  context: Context,
  common: CommonOptions,
  options: Options,
  operands: readonly string[],
): Promise<ExitCode> {
  const flagNames = { out: "-out", kernel: "-kernel", modules: "-modules", busybox: "-busybox" };
  const verb = await loadVerb({ command: "guest", verbs, flagNames }, options, operands);
  return verb(context, common, options, operands.slice(1));
}
