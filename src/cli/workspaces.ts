import { didYouMean, listed } from "../config/names.ts";
import { fail, warningDiagnostic } from "../core/diagnostics.ts";
import { shellWord } from "../core/shellWord.ts";
import { DEFAULT_WORKSPACE } from "../core/workspace.ts";
import type { Workspaces } from "../core/workspaces.ts";
import { isWorkspaceName } from "../core/workspaces.ts";
import type { CommonOptions, Context, StatePlace } from "./context.ts";
import { reporter } from "./report.ts";

export interface Chosen {
  readonly name: string;
  /** How messages call what chose it; undefined where nothing did. */
  readonly by?: "-workspace" | "LABFORM_WORKSPACE" | "selection";
}

/** Which workspace a command works in: as -workspace says, else LABFORM_WORKSPACE, else what was selected. */
export async function chooseWorkspace(
  { environment }: Context,
  { workspace }: Pick<CommonOptions, "workspace">,
  workspaces: Workspaces,
): Promise<Chosen> {
  if (workspace !== undefined) return { name: checkedName(workspace, "-workspace"), by: "-workspace" };
  const { LABFORM_WORKSPACE: named } = environment;
  if (named) return { name: checkedName(named, "LABFORM_WORKSPACE"), by: "LABFORM_WORKSPACE" };
  const selected = await workspaces.selected();
  if (selected === undefined) return { name: DEFAULT_WORKSPACE };
  if (isWorkspaceName(selected)) return { name: selected, by: "selection" };
  return fail(`The selected workspace has a name that none can have: ${JSON.stringify(selected)}`, {
    subject: `selected workspace ${workspaces.selection}`,
    detail: "Select one anew: labform workspace select default.",
  });
}

/** Rejects a name that no workspace can have; `from` says where it was given, where that was no operand. */
export function checkedName(name: string, from?: string): string {
  if (isWorkspaceName(name)) return name;
  return fail(`There can be no workspace ${JSON.stringify(name)}`, {
    detail: `${from === undefined ? "" : `It is named by ${from}. `}The name becomes that of a directory: it begins with a letter, a digit or _ and goes on with these and . ~ $ & + = : @ -, a hundred at most. labform itself has what is called environment, released and backend.json.`,
  });
}

/** The same world, with its states those of another workspace. What else there is of it is asked for where it is needed. */
export function inWorkspace(context: Context, at: StatePlace): Context {
  const own = {
    workspace: at.workspace,
    states: (directory: string, other = at) => context.states(directory, other),
  };
  return Object.assign(Object.create(context) as Context, own);
}

/**
 * The context of a command that works in the lab of `common.directory`. A workspace that is not there is empty, as for
 * Terraform, and an apply makes it; that is told, since the name may be a slip.
 */
export async function enterWorkspace(context: Context, common: CommonOptions): Promise<Context> {
  const workspaces = await context.workspaces(common.directory);
  const { name, by } = await chooseWorkspace(context, common, workspaces);
  if (name === DEFAULT_WORKSPACE) return context;
  if (!(await workspaces.exists(name))) {
    const chosen = by === "selection" ? `It was selected (${workspaces.selection}), and is gone.` : `${by} names it.`;
    const detail = `${chosen} It is empty until an apply, or labform workspace new ${shellWord(name)}, makes it. ${thereAre(name, await workspaces.list())}`;
    // Whoever reads standard output takes all of it for the command's own.
    reporter(context, { ...common, json: false })([
      warningDiagnostic(`Workspace "${name}" does not exist yet`, { detail }),
    ]);
  }
  return inWorkspace(context, { workspace: name });
}

/** `The workspaces are default and blue. Did you mean "blue"?` */
export function thereAre(name: string, names: readonly string[]): string {
  if (names.length === 1) return `The only workspace is ${names[0]}.`;
  const few = names.slice(0, 8);
  const more = names.length > few.length ? [`${names.length - few.length} more`] : [];
  return `The workspaces are ${listed([...few, ...more])}.${didYouMean(name, names)}`;
}
