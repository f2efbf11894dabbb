import { parseTarget } from "../core/addresses.ts";
import type { Diagnostic } from "../core/diagnostics.ts";
import { errorDiagnostic, hasErrors } from "../core/diagnostics.ts";
import type { Checked, Lab, Vertex } from "../core/lab.ts";
import type { Cause, Change, Deferred, Move, Plan } from "../core/plan.ts";
import { PLAN_FORMAT } from "../core/plan.ts";
import type { ProviderSet, Settings } from "../core/provider.ts";
import type { Instance, State } from "../core/state.ts";
import type { Value } from "../core/values.ts";
import { BOOL, formatPath, isWhollyPlanned, stringValue } from "../core/values.ts";
import { DEFAULT_WORKSPACE } from "../core/workspace.ts";
import { awaitedInstances } from "../evaluation/capturedParts.ts";
import { converted } from "../evaluation/convert.ts";
import { decodeBody } from "../evaluation/decode.ts";
import { evaluate } from "../evaluation/evaluate.ts";
import type { Surroundings } from "../evaluation/surroundings.ts";
import { driftOf } from "./drift.ts";
import { keptInstances, labFacts } from "./facts.ts";
import { checkForgotten, Removed } from "./forget.ts";
import { refuseWaitingLinks } from "./instance.ts";
import { literalScope } from "./literalScope.ts";
import { checkMoves, refuseHalfMoves } from "./moveChecks.ts";
import type { MovedState } from "./moves.ts";
import { moveRecorded } from "./moves.ts";
import { planOutputs } from "./outputs.ts";
import { refuseDestruction } from "./protection.ts";
import type { Found } from "./refresh.ts";
import { refresh } from "./refresh.ts";
import { nodeAddresses, planRemoval } from "./removals.ts";
import { planService } from "./services.ts";
import type { Selection } from "./targets.ts";
import { isWhole, leftOut, meant, select } from "./targets.ts";
import { removalCause } from "./unwanted.ts";
import type { Walked } from "./walk.ts";
import { walk } from "./walk.ts";

export interface PlanInput extends Selection {
  readonly lab: Lab;
  readonly order: readonly Vertex[];
  readonly variables: ReadonlyMap<string, Value>;
  readonly state: State;
  readonly providers: ProviderSet;
  readonly labformVersion: string;
  /** ISO 8601 */
  readonly time: string;
  /** What functions see of files and the time; its plan time is `time`. */
  readonly surroundings: Surroundings;
  /** False: nothing of the host is looked at. */
  readonly refresh: boolean;
  readonly replace: readonly string[];
  /** Instances are what was found of them, whatever the lab files want. */
  readonly refreshOnly?: boolean;
  /** Aborts when the user interrupts. */
  readonly signal?: AbortSignal | undefined;
}

interface WalkedLab {
  readonly moved: MovedState;
  readonly found: ReadonlyMap<string, Found>;
  readonly settings: ReadonlyMap<string, Settings>;
  readonly labIdentity: string;
  readonly walked: Walked;
}

/**
 * The lab with all its values, as far as they are known; what the walk itself found wrong is with what it found, broken
 * conditions only where they are to be decided.
 */
export async function walkLab(
  input: PlanInput,
  decidesConditions = false,
  restrictFound = (all: ReadonlyMap<string, Found>, _moves: readonly Move[]): ReadonlyMap<string, Found> => all,
): Promise<Checked<WalkedLab>> {
  const { providers } = input;
  const moved = moveRecorded(input.lab, input.state);
  const { state } = moved;
  const diagnostics: Diagnostic[] = [];
  const { found: all, diagnostics: unread } = await refresh(state, providers, !input.refresh);
  diagnostics.push(...unread);
  if (hasErrors(diagnostics)) return { diagnostics };
  const found = restrictFound(all, moved.moves);

  const settings = await resolveSettings(input, diagnostics);
  const labIdentity = readIdentity(input, diagnostics);
  if (hasErrors(diagnostics)) return { diagnostics };

  const linkProvider = await providers.load(providers.names.link);
  const walked = await walk({
    ...input,
    state,
    found,
    settings,
    tunnel: linkProvider.tunnel?.(settings.get(providers.names.link) ?? {}) ?? "stream",
    labIdentity,
    offline: !input.refresh,
    replace: new Set(input.replace),
    postponesConditions: !decidesConditions,
  });
  return { value: { moved, found, settings, labIdentity, walked }, diagnostics };
}

/** What would make the lab as its files say. Changes nothing anywhere. */
export async function makePlan(input: PlanInput): Promise<Checked<Plan>> {
  const { lab, providers } = input;
  const { value, diagnostics: told } = await walkLab(input, isWhole(input));
  const diagnostics: Diagnostic[] = [...told];
  if (!value) return { diagnostics };
  const { moved, found, settings, labIdentity, walked } = value;
  const { state, moves } = moved;
  diagnostics.push(...checkMoves(moved, lab, walked), ...refuseHalfMoves(moves, input), ...walked.diagnostics);
  // Behind an error much is not known that would be.
  if (hasErrors(diagnostics)) return { diagnostics };
  diagnostics.push(...refuseWaitingLinks(walked.instances));
  if (hasErrors(diagnostics)) return { diagnostics };

  const services = [...walked.services.values()]
    .toSorted((a, b) => (a.address < b.address ? -1 : 1))
    .map((service) =>
      planService(service, {
        found: found.get(service.address),
        providers,
        settings: settings.get(service.provider) ?? {},
        labIdentity,
        replace: input.replace.includes(service.address),
      }),
    );
  const wanted = [...services, ...[...walked.instances.values()].map((one) => one.change)];
  const removed = (instance: Instance) => removalCause(instance, walked);
  const unwanted = removals(found, new Set(wanted.map((change) => change.address)), state, removed);
  const blocks = new Removed(lab);
  const all = [...wanted, ...unwanted.map((change) => blocks.decide(change))];
  const kept = select(all, input, diagnostics, { lab, moves });
  diagnostics.push(...uselessReplaces(input.replace, kept, all), ...refuseDestruction(kept, walked.blocks));
  diagnostics.push(...checkForgotten(kept, blocks, found));
  const waiting = leftOut(kept, all);
  const conditions = walked.conditions.within(kept, waiting, walked.instances);
  diagnostics.push(...conditions.diagnostics);
  const about = { ...input, workspace: lab.workspace, directory: lab.directory };
  const plan = assemble(about, kept, { name: lab.name, identity: labIdentity }, "normal", diagnostics);
  const isDone = (deferred: Deferred) => !awaitedInstances(deferred).some((address) => waiting.has(address));
  const outputs = planOutputs(walked.outputs, state).filter(
    ({ name, deferred }) => (!deferred || isDone(deferred)) && !conditions.undecided.has(`output.${name}`),
  );
  const open = walked.rules.filter(({ condition, message }) => isDone(condition) && isDone(message));
  const rules = [...open, ...conditions.rules];
  const refreshes = all.flatMap((change) => refreshedRecord(found.get(change.address), change));
  const drift = driftOf(kept, found);
  const facts = {
    ...labFacts(lab, input.variables, walked, conditions.results),
    ...keptInstances({ ...plan, refreshes }, found),
    ...(moves.length > 0 ? { moves } : {}),
  };
  return {
    value: { ...plan, ...facts, refreshes, drift, outputs, ...(rules.length > 0 ? { rules } : {}) },
    diagnostics,
  };
}

/** What -replace names and cannot make anew. */
function uselessReplaces(
  replace: readonly string[],
  kept: readonly Change[],
  all: readonly Change[],
): readonly Diagnostic[] {
  return replace.flatMap((address) => {
    const change = kept.find((one) => one.address === address);
    if (change && change.action !== "delete" && change.action !== "forget") return [];
    const summary = `-replace ${address} replaces nothing`;
    if (change) {
      const detail = "It is to go: what the lab files no longer have cannot be made anew.";
      return [errorDiagnostic(summary, { detail })];
    }
    if (all.some((one) => one.address === address)) {
      return [errorDiagnostic(summary, { detail: "-target or -exclude leaves it out of this plan." })];
    }
    const wanted = parseTarget(address);
    const detail = `Give the address of one instance, as plan and status show it.${wanted ? meant(wanted, all) : ""}`;
    return [errorDiagnostic(summary, { detail })];
  });
}

export interface DestroyInput
  extends Pick<PlanInput, "state" | "providers" | "labformVersion" | "time" | "refresh" | "targets" | "excludes"> {
  readonly workspace: string;
  /** The lab's, absolute. */
  readonly directory: string;
}

/** What removes everything that is recorded: from the state alone. */
export async function makeDestroyPlan(input: DestroyInput): Promise<Checked<Plan>> {
  const diagnostics: Diagnostic[] = [];
  const { found, diagnostics: unread } = await refresh(input.state, input.providers, !input.refresh);
  diagnostics.push(...unread);
  if (hasErrors(diagnostics)) return { diagnostics };
  const cause: Cause = { kind: "asked", summary: "destroy was asked for" };
  const all = removals(found, new Set(), input.state, () => cause);
  const kept = select(all, input, diagnostics);
  diagnostics.push(...refuseDestruction(kept, new Map()));
  const plan = assemble(input, kept, input.state.lab, "destroy", diagnostics);
  const outputs = isWhole(input) ? planOutputs([], input.state) : [];
  return { value: { ...plan, ...keptInstances(plan, found), outputs }, diagnostics };
}

async function resolveSettings(input: PlanInput, diagnostics: Diagnostic[]): Promise<ReadonlyMap<string, Settings>> {
  const { lab, providers } = input;
  const resolved = new Map<string, Settings>();
  const scope = literalScope(new Map([["var", (name) => input.variables.get(name)]]), input.surroundings);
  for (const name of new Set([providers.names.node, providers.names.link])) {
    const block = lab.providers.get(name);
    const file = lab.nameRange.file;
    const body = block?.body ?? {
      attributes: [],
      blocks: [],
      range: lab.nameRange,
      endRange: { file, start: 0, end: 0 },
    };
    const decoded = decodeBody(body, providers.schema(name).settings, scope);
    diagnostics.push(...decoded.diagnostics);
    if (hasErrors(decoded.diagnostics)) continue;
    const unknown = Object.entries(decoded.attributes).find(([, value]) => !isWhollyPlanned(value));
    if (unknown) {
      diagnostics.push(
        errorDiagnostic(`${unknown[0]} of provider "${name}" is not known at plan`, {
          detail:
            "A provider's settings are needed before anything can be planned: use values that stand in the lab files or variables.",
          range: decoded.places.get(unknown[0]) ?? block?.range,
        }),
      );
      continue;
    }
    const provider = await providers.load(name);
    // The permission is the lab's, and a node's to use.
    const permitted = name === providers.names.node ? { allow_unsafe_options: readPermission(input, diagnostics) } : {};
    const configured = { ...(decoded.attributes as Settings), ...permitted };
    const answer = await provider.settings(configured, !input.refresh);
    diagnostics.push(...answer.diagnostics.map((one) => ({ ...one, range: one.range ?? block?.range })));
    resolved.set(name, answer.settings);
  }
  return resolved;
}

function readPermission({ lab, variables, surroundings }: PlanInput, diagnostics: Diagnostic[]): boolean {
  if (!lab.allowUnsafeOptions) return false;
  const scope = literalScope(new Map([["var", (name: string) => variables.get(name)]]), surroundings);
  const { value, diagnostics: wrong } = evaluate(lab.allowUnsafeOptions, scope);
  diagnostics.push(...wrong);
  const permission = converted(value, BOOL);
  if (typeof permission !== "string" && typeof permission.raw === "boolean") return permission.raw;
  if (value.raw !== null && !hasErrors(wrong)) {
    diagnostics.push(
      errorDiagnostic("allow_unsafe_options must be true or false, and known at plan", {
        range: lab.allowUnsafeOptions.range,
        detail: "It may come from variables.",
      }),
    );
  }
  return false;
}

function readIdentity({ lab, variables, surroundings }: PlanInput, diagnostics: Diagnostic[]): string {
  if (!lab.identity) return lab.workspace === DEFAULT_WORKSPACE ? lab.name : `${lab.name}/${lab.workspace}`;
  const scope = literalScope(
    new Map([
      ["lab", (name: string) => stringValue(name === "workspace" ? lab.workspace : lab.name)],
      ["var", (name: string) => variables.get(name)],
    ]),
    surroundings,
  );
  const { value, diagnostics: wrong } = evaluate(lab.identity, scope);
  diagnostics.push(...wrong);
  if (typeof value.raw === "string" && value.raw !== "" && !value.sensitive) return value.raw;
  if (!hasErrors(wrong)) {
    const summary = value.sensitive ? "identity may not be sensitive" : "identity must be a text that is known at plan";
    diagnostics.push(
      errorDiagnostic(summary, {
        range: lab.identity.range,
        detail: "It may contain lab.name, lab.workspace and variables. It is recorded with the lab, and shown with it.",
      }),
    );
  }
  return lab.name;
}

/** What is recorded and no longer wanted. */
function removals(
  found: ReadonlyMap<string, Found>,
  wanted: ReadonlySet<string>,
  state: State,
  causeOf: (instance: Instance) => Cause,
): readonly Change[] {
  const nodeOf = nodeAddresses(state.instances.values());
  return [...found.values()]
    .filter((one) => !wanted.has(one.instance.address))
    .map((one) => planRemoval(one, causeOf(one.instance), nodeOf))
    .reverse();
}

/** The frame of a plan: what it is made from, and the changes it keeps. */
export function assemble(
  input: DestroyInput,
  kept: readonly Change[],
  lab: Plan["lab"],
  mode: Plan["mode"],
  diagnostics: readonly Diagnostic[],
): Plan {
  const changing = kept.filter((change) => change.action !== "none");
  return {
    format: PLAN_FORMAT,
    labformVersion: input.labformVersion,
    lineage: input.state.lineage,
    serial: input.state.serial,
    mode,
    lab,
    workspace: input.workspace,
    directory: input.directory,
    time: input.time,
    refreshed: input.refresh,
    changes: changing,
    unchanged: kept.length - changing.length,
    outputs: [],
    refreshes: [],
    drift: [],
    diagnostics: diagnostics.filter((one) => one.severity === "warning"),
    ...(isWhole(input) ? {} : { partial: true }),
  };
}

/**
 * The record of an instance that stays as it is, where it must be written anew: it was found whole although the outcome
 * was never written, what was done to it by hand is what the lab files now say, or what it depends on or hides, or
 * whether it may be destroyed, has changed, which nothing else would record. What has an action,
 * kept or left out by -target, keeps its record until that action is done.
 */
function refreshedRecord(found: Found | undefined, change: Change): readonly Instance[] {
  if (!found || change.action !== "none") return [];
  const { instance, refreshed: differs } = found;
  const { dependencies, sensitive, schemaVersion, preventDestroy } = change;
  const same =
    instance.byHand === undefined &&
    schemaVersion === instance.schemaVersion &&
    preventDestroy === instance.preventDestroy &&
    sameSet(dependencies, instance.dependencies) &&
    sameSet(sensitive.map(formatPath), instance.sensitive.map(formatPath));
  if (same && !differs) return [];
  const { pending: _, byHand: __, ...rest } = instance;
  const status = instance.status === "creating" ? "ok" : instance.status;
  return [{ ...rest, status, dependencies, sensitive, schemaVersion, preventDestroy }];
}

function sameSet(left: readonly string[], right: readonly string[]): boolean {
  const wanted = new Set(right);
  return new Set(left).size === wanted.size && left.every((one) => wanted.has(one));
}
