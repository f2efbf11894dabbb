import type { CommonOptions, Context, ExitCode } from "../context.ts";
import { tell } from "../state/changing.ts";
import { chooseWorkspace } from "../workspaces.ts";

export async function show(context: Context, common: CommonOptions): Promise<ExitCode> {
  const { name } = await chooseWorkspace(context, common, await context.workspaces(common.directory));
  tell(context, common, [name], { current: name });
  return 0;
}
