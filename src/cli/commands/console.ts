import { attachTo } from "../console/line.ts";
import type { CommonOptions, Context, ExitCode } from "../context.ts";

export async function run(
  context: Context,
  common: CommonOptions,
  _options: unknown,
  operands: readonly string[],
): Promise<ExitCode> {
  await attachTo(context, common, operands[0] ?? "", "console");
  return 0;
}
