import { fail } from "../../core/diagnostics.ts";
import { shellWord } from "../../core/shellWord.ts";
import type { Workspaces } from "../../core/workspaces.ts";
import type { Options } from "../command.ts";
import type { CommonOptions, Context, ExitCode } from "../context.ts";
import { tell } from "../state/changing.ts";
import { checkedName, thereAre } from "../workspaces.ts";

/** Makes a workspace and selects it. */
export async function make(
  context: Context,
  common: CommonOptions,
  _options: Options,
  [word = ""]: readonly string[],
): Promise<ExitCode> {
  const name = checkedName(word);
  // What LABFORM_WORKSPACE names is worked in all the same: to make that one is what is meant.
  if (context.environment.LABFORM_WORKSPACE !== name) refuseOverridden(context, "create another one");
  const workspaces = await context.workspaces(common.directory);
  if (await workspaces.exists(name)) {
    fail(`Workspace "${name}" is there already`, {
      detail: `Switch to it: labform workspace select ${shellWord(name)}.`,
    });
  }
  return await created(context, common, workspaces, name);
}

export async function select(
  context: Context,
  common: CommonOptions,
  options: { readonly orCreate?: boolean },
  [word = ""]: readonly string[],
): Promise<ExitCode> {
  const name = checkedName(word);
  refuseOverridden(context, "select one");
  const workspaces = await context.workspaces(common.directory);
  if (!(await workspaces.exists(name))) {
    if (options.orCreate === true) return await created(context, common, workspaces, name);
    fail(`There is no workspace "${name}"`, {
      detail: `${thereAre(name, await workspaces.list())} Make it with labform workspace new ${shellWord(name)}, or select it with -or-create.`,
    });
  }
  const isSelected = (await workspaces.selected()) === name;
  if (!isSelected) await workspaces.select(name);
  tell(context, common, isSelected ? [] : [`Switched to workspace "${name}".`], { current: name, created: false });
  return 0;
}

async function created(
  context: Context,
  common: CommonOptions,
  workspaces: Workspaces,
  name: string,
): Promise<ExitCode> {
  // Rejects where the lab's backend has no other workspace than the default one.
  await context.states(common.directory, { workspace: name });
  await workspaces.make(name);
  await workspaces.select(name);
  const lines = [
    `Created workspace "${name}" and switched to it.`,
    "",
    "It has a state of its own, which is empty: what the lab's other workspaces run is not seen from it.",
  ];
  tell(context, common, lines, { current: name, created: true });
  return 0;
}

function refuseOverridden({ environment }: Context, wish: string): void {
  const { LABFORM_WORKSPACE: named } = environment;
  if (!named) return;
  fail(`LABFORM_WORKSPACE chooses the workspace: ${named}`, {
    detail: `What is selected does not count while it is set. Unset it or change it to ${wish}.`,
  });
}
