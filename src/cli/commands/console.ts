import { attachTo } from "../console/line.ts";
import type { CommonOptions, Context, ExitCode } from "../context.ts";

interface Options {
  readonly aux?: boolean;
}

export async function run(
  context: Context,
  common: CommonOptions,
  options: Options,
  operands: readonly string[],
): Promise<ExitCode> {
  await attachTo(context, common, operands[0] ?? "", options.aux ? "aux" : "console");
  return 0;
}
