import type { Diagnostic } from "../../core/diagnostics.ts";
import { Failure } from "../../core/diagnostics.ts";
import type { Plan } from "../../core/plan.ts";
import type { ExamineRequest, HostDirectories, LabObject, Settings } from "../../core/provider.ts";
import type { State } from "../../core/state.ts";
import { emptyState } from "../../core/state.ts";
import type { CommonOptions, Context } from "../context.ts";
import type { OpenLoadedLab, VariableArguments } from "../lab.ts";
import { readOpenLab } from "../lab.ts";
import { describeLeftovers, planLab } from "../planning.ts";

/** The lab of a directory, as far as it can be read and planned. */
export interface ExaminedLab {
  /** Undefined when its files cannot be read. */
  readonly name: string | undefined;
  readonly diagnostics: readonly Diagnostic[];
  /** Variables without a value: what they decide is not in `objects`. */
  readonly unset: readonly string[];
  readonly objects: ExamineRequest["lab"];
  /** By provider, as the lab files say; `auto` is still `auto`. Empty where the lab has nothing of that provider. */
  readonly settings: ReadonlyMap<string, Settings>;
  readonly directories: HostDirectories;
}

/**
 * Planned twice: against nothing, without a look at the host, which tells what the lab is made of even where the host
 * lacks something; and as `plan` does it, which tells what the host lacks.
 */
export async function examineLab(
  context: Context,
  common: CommonOptions,
  options: VariableArguments,
): Promise<ExaminedLab> {
  const diagnostics: Diagnostic[] = [];
  const bare = { lab: common.directory, nodes: "", run: "", programs: context.programs };
  const unknown = { name: undefined, diagnostics, unset: [], objects: null, settings: new Map(), directories: bare };

  const loaded = await attempt(readOpenLab(context, common.directory, options), diagnostics);
  if (!loaded) return unknown;
  const { rest, unset } = loaded;
  const { name } = rest.lab;
  const against = { state: emptyState(context.version), directories: bare };
  const offline = await attempt(planLab(context, rest, against, { refresh: "false" }), diagnostics);
  if (!offline) return { ...unknown, name, unset };

  const recorded = await attempt(loadRecorded(context, common, diagnostics), diagnostics);
  const online = recorded && (await planHere(context, loaded, recorded, diagnostics));
  return {
    name,
    diagnostics,
    unset,
    objects: objectsOf(offline.plan, online, recorded?.state),
    settings: new Map(offline.plan.changes.map((change) => [change.provider, change.settings])),
    directories: recorded?.directories ?? bare,
  };
}

/** Undefined when it failed; then `diagnostics` has the reasons. */
async function attempt<T>(work: Promise<T>, diagnostics: Diagnostic[]): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    diagnostics.push(...error.diagnostics);
    return undefined;
  }
}

async function loadRecorded(context: Context, common: CommonOptions, diagnostics: Diagnostic[]) {
  const states = await context.states(common.directory);
  const recorded = await states.load();
  diagnostics.push(...(await describeLeftovers(states, recorded.state.lineage, "warning")));
  return recorded;
}

/** Of a lab whose variables are not all given the record is left aside: what it has more would be planned to go. */
async function planHere(
  context: Context,
  { rest, unset }: OpenLoadedLab,
  { state, directories }: { readonly state: State; readonly directories: HostDirectories },
  diagnostics: Diagnostic[],
): Promise<Plan | undefined> {
  const against = { state: unset.length === 0 ? state : emptyState(context.version), directories };
  const planned = await attempt(planLab(context, rest, against, {}), diagnostics);
  diagnostics.push(...(planned?.warnings ?? []));
  return planned?.plan;
}

/** Each node and link with what is known best of it: as planned here, as recorded, or as the lab files say. */
function objectsOf(offline: Plan, online: Plan | undefined, state: State | undefined): ExamineRequest["lab"] {
  const here = new Map((online?.changes ?? []).map((change) => [change.address, change.planned]));
  const of = (kind: "node" | "link" | "network"): readonly LabObject[] =>
    offline.changes.flatMap(({ address, kind: found, planned }) => {
      if (found !== kind || !planned) return [];
      const record = state?.instances.get(address);
      const known = online ? (here.get(address) ?? record?.attributes) : undefined;
      return [{ address, attributes: known ?? planned, exists: record !== undefined }];
    });
  return { nodes: of("node"), links: [...of("link"), ...of("network")] };
}
