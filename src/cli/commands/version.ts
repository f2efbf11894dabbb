import type { CommonOptions, Context, ExitCode } from "../context.ts";

export async function run(context: Context, common: CommonOptions): Promise<ExitCode> {
  context.stdout.write(
    common.json ? `${JSON.stringify({ labform_version: context.version })}\n` : `labform v${context.version}\n`,
  );
  return 0;
}
