import { fail } from "../../core/diagnostics.ts";
import { shellWord } from "../../core/shellWord.ts";
import type { State } from "../../core/state.ts";
import { DEFAULT_WORKSPACE } from "../../core/workspace.ts";
import type { Workspaces } from "../../core/workspaces.ts";
import { countOf } from "../../ui/text.ts";
import type { CommonOptions, Context, ExitCode } from "../context.ts";
import type { LockOptions } from "../state/changing.ts";
import { tell, withStore } from "../state/changing.ts";
import { checkedName, chooseWorkspace, inWorkspace, thereAre } from "../workspaces.ts";

/** Takes a workspace away. One of which something runs stays, whatever the flags: nobody would know of it any more. */
export async function remove(
  context: Context,
  common: CommonOptions,
  options: LockOptions & { readonly force?: boolean },
  [word = ""]: readonly string[],
): Promise<ExitCode> {
  const name = checkedName(word);
  if (name === DEFAULT_WORKSPACE) {
    fail("The default workspace cannot be deleted", {
      detail: "It is the one that is always there. To end what runs in it: labform -workspace=default destroy.",
    });
  }
  const workspaces = await context.workspaces(common.directory);
  if (!(await workspaces.exists(name))) {
    fail(`There is no workspace "${name}"`, { detail: thereAre(name, await workspaces.list()) });
  }
  await refuseCurrent(context, common, workspaces, name);
  return await withStore(
    inWorkspace(context, { workspace: name }),
    common,
    options,
    "workspace delete",
    async (store) => {
      const captures = await workspaces.captures(name);
      if (options.force !== true) refuseUsed(name, store.state, captures);
      await workspaces.remove(name, store.state);
      tell(context, common, [`Deleted workspace "${name}".`], { deleted: name });
      return 0;
    },
  );
}

/** What is worked in by this very command line, and what is selected for the next ones. */
async function refuseCurrent(
  context: Context,
  common: CommonOptions,
  workspaces: Workspaces,
  name: string,
): Promise<void> {
  const { name: current, by } = await chooseWorkspace(context, common, workspaces);
  const isSelected = (await workspaces.selected()) === name;
  if (current !== name && !isSelected) return;
  const detail =
    by === "selection" || isSelected
      ? "Switch to another one first: labform workspace select default."
      : `It is the one that ${by} names. Name another one there.`;
  fail(`Workspace "${name}" is the one you are in`, { detail });
}

function refuseUsed(name: string, { instances }: State, captures: readonly string[]): void {
  if (instances.size > 0) {
    fail(`Workspace "${name}" is not empty`, {
      detail: `Its state has ${countOf(instances.size, "object")}, ${[...instances.keys()].slice(0, 4).join(", ")}${instances.size > 4 ? " …" : ""}. Remove them with \`labform -workspace=${shellWord(name)} destroy\`. With -force they are forgotten and their disks removed, but only where nothing of them runs.`,
    });
  }
  if (captures.length > 0) {
    fail(`Workspace "${name}" still has what was captured in it`, {
      detail: `${captures.slice(0, 4).join(", ")}${captures.length > 4 ? ` and ${captures.length - 4} more` : ""} would go with it. Move away what you want to keep, then delete it with -force.`,
    });
  }
}
