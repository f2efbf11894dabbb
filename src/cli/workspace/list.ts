import type { CommonOptions, Context, ExitCode } from "../context.ts";
import { tell } from "../state/changing.ts";
import { chooseWorkspace } from "../workspaces.ts";

/** The names, the one that commands work in with a star. */
export async function list(context: Context, common: CommonOptions): Promise<ExitCode> {
  const workspaces = await context.workspaces(common.directory);
  const { name: current, by } = await chooseWorkspace(context, common, workspaces);
  const names = await workspaces.list();
  tell(
    context,
    common,
    names.map((name) => `${name === current ? "*" : " "} ${name}`),
    { workspaces: names, current },
  );
  if (by === "LABFORM_WORKSPACE" && !common.json) {
    context.stderr.write(`\nLABFORM_WORKSPACE chooses ${current}; what is selected does not count while it is set.\n`);
  }
  return 0;
}
