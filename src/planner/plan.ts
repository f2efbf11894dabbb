import type { Diagnostic } from "../core/diagnostics.ts";
import { errorDiagnostic, hasErrors } from "../core/diagnostics.ts";
import type { Checked, Lab, Vertex } from "../core/lab.ts";
import type { Cause, Change, Deferred, Plan } from "../core/plan.ts";
import { PLAN_FORMAT } from "../core/plan.ts";
import type { ProviderSet, Settings } from "../core/provider.ts";
import type { Instance, State } from "../core/state.ts";
import type { Value } from "../core/values.ts";
import { formatPath, isWhollyPlanned, stringValue } from "../core/values.ts";
import { awaitedInstances } from "../evaluation/capturedParts.ts";
import { decodeBody } from "../evaluation/decode.ts";
import { evaluate } from "../evaluation/evaluate.ts";
import type { Surroundings } from "../evaluation/surroundings.ts";
import { refuseWaitingLinks } from "./instance.ts";
import { literalScope } from "./literalScope.ts";
import { planOutputs } from "./outputs.ts";
import type { Found } from "./refresh.ts";
import { refresh } from "./refresh.ts";
import { nodeAddresses, planRemoval } from "./removals.ts";
import { planService } from "./services.ts";
import { leftOut, restrict } from "./targets.ts";
import type { Walked } from "./walk.ts";
import { walk } from "./walk.ts";

export interface PlanInput {
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
  readonly targets: readonly string[];
  readonly replace: readonly string[];
}

interface WalkedLab {
  readonly found: ReadonlyMap<string, Found>;
  readonly settings: ReadonlyMap<string, Settings>;
  readonly labIdentity: string;
  readonly walked: Walked;
}

/**
 * The lab with all its values, as far as they are known; what the walk itself found wrong is with what it found, broken
 * conditions only where they are to be decided.
 */
export async function walkLab(input: PlanInput, decidesConditions = false): Promise<Checked<WalkedLab>> {
  const { state, providers } = input;
  const diagnostics: Diagnostic[] = [];
  const { found, diagnostics: unread } = await refresh(state, providers, !input.refresh);
  diagnostics.push(...unread);
  if (hasErrors(diagnostics)) return { diagnostics };

  const settings = await resolveSettings(input, diagnostics);
  const labIdentity = readIdentity(input, diagnostics);
  if (hasErrors(diagnostics)) return { diagnostics };

  const linkProvider = await providers.load(providers.names.link);
  const walked = await walk({
    ...input,
    found,
    settings,
    tunnel: linkProvider.tunnel?.(settings.get(providers.names.link) ?? {}) ?? "stream",
    labIdentity,
    offline: !input.refresh,
    replace: new Set(input.replace),
    postponesConditions: !decidesConditions,
  });
  return { value: { found, settings, labIdentity, walked }, diagnostics };
}

/** What would make the lab as its files say. Changes nothing anywhere. */
export async function makePlan(input: PlanInput): Promise<Checked<Plan>> {
  const { lab, state, providers } = input;
  const { value, diagnostics: told } = await walkLab(input, input.targets.length === 0);
  const diagnostics: Diagnostic[] = [...told];
  if (!value) return { diagnostics };
  const { found, settings, labIdentity, walked } = value;
  diagnostics.push(...walked.diagnostics);
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
  const all = [...wanted, ...removals(found, new Set(wanted.map((change) => change.address)), state)];
  const kept = restrictTo(all, input.targets, diagnostics);
  for (const target of input.replace) {
    const change = kept.find((one) => one.address === target);
    if (change && change.action !== "delete") continue;
    const detail = change
      ? "It is to be destroyed: what the lab files no longer have cannot be made anew."
      : "Give the address of one instance that -target does not leave out, as plan and status show it.";
    diagnostics.push(errorDiagnostic(`-replace ${target} replaces nothing`, { detail }));
  }
  const waiting = leftOut(kept, all);
  const conditions = walked.conditions.within(kept, waiting, walked.instances);
  diagnostics.push(...conditions.diagnostics);
  const plan = assemble(input, all, kept, found, { name: lab.name, identity: labIdentity }, "normal", diagnostics);
  const isDone = (deferred: Deferred) => !awaitedInstances(deferred).some((address) => waiting.has(address));
  const outputs = planOutputs(walked.outputs, state).filter(
    ({ name, deferred }) => (!deferred || isDone(deferred)) && !conditions.undecided.has(`output.${name}`),
  );
  const open = walked.rules.filter(({ condition, message }) => isDone(condition) && isDone(message));
  const rules = [...open, ...conditions.rules];
  return { value: { ...plan, outputs, ...(rules.length > 0 ? { rules } : {}) }, diagnostics };
}

export interface DestroyInput
  extends Pick<PlanInput, "state" | "providers" | "labformVersion" | "time" | "refresh" | "targets"> {}

/** What removes everything that is recorded: from the state alone. */
export async function makeDestroyPlan(input: DestroyInput): Promise<Checked<Plan>> {
  const diagnostics: Diagnostic[] = [];
  const { found, diagnostics: unread } = await refresh(input.state, input.providers, !input.refresh);
  diagnostics.push(...unread);
  if (hasErrors(diagnostics)) return { diagnostics };
  const all = removals(found, new Set(), input.state, { kind: "asked", summary: "destroy was asked for" });
  const kept = restrictTo(all, input.targets, diagnostics);
  const plan = assemble(input, all, kept, found, input.state.lab, "destroy", diagnostics);
  const outputs = input.targets.length === 0 ? planOutputs([], input.state) : [];
  return { value: { ...plan, outputs }, diagnostics };
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
    const answer = await provider.settings(decoded.attributes as Settings, !input.refresh);
    diagnostics.push(...answer.diagnostics.map((one) => ({ ...one, range: one.range ?? block?.range })));
    resolved.set(name, answer.settings);
  }
  return resolved;
}

function readIdentity({ lab, variables, surroundings }: PlanInput, diagnostics: Diagnostic[]): string {
  if (!lab.identity) return lab.name;
  const scope = literalScope(
    new Map([
      ["lab", (name: string) => stringValue(name === "workspace" ? "default" : lab.name)],
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
  cause?: Cause,
): readonly Change[] {
  const nodeOf = nodeAddresses(state.instances.values());
  return [...found.values()]
    .filter((one) => !wanted.has(one.instance.address))
    .map((one) => planRemoval(one, cause ?? removalCause(one.instance), nodeOf))
    .reverse();
}

function removalCause(instance: Instance): Cause {
  return instance.kind === "service"
    ? { kind: "removed", summary: "nothing needs it any more" }
    : { kind: "removed", summary: "it is no longer in the lab files" };
}

function restrictTo(all: readonly Change[], targets: readonly string[], diagnostics: Diagnostic[]): readonly Change[] {
  if (targets.length === 0) return all;
  const { kept, diagnostics: wrong } = restrict(all, targets);
  diagnostics.push(...wrong);
  return all.filter((change) => kept.has(change.address));
}

function assemble(
  input: DestroyInput,
  all: readonly Change[],
  kept: readonly Change[],
  found: ReadonlyMap<string, Found>,
  lab: Plan["lab"],
  mode: Plan["mode"],
  diagnostics: readonly Diagnostic[],
): Plan {
  const changing = kept.filter((change) => change.action !== "none");
  const refreshes = all.flatMap((change) => {
    const one = found.get(change.address);
    return one && change.action === "none" ? refreshed(one, change) : [];
  });
  return {
    format: PLAN_FORMAT,
    labformVersion: input.labformVersion,
    lineage: input.state.lineage,
    serial: input.state.serial,
    mode,
    lab,
    time: input.time,
    refreshed: input.refresh,
    changes: changing,
    unchanged: kept.length - changing.length,
    outputs: [],
    refreshes,
    diagnostics: diagnostics.filter((one) => one.severity === "warning"),
  };
}

/**
 * The record of an instance that stays as it is, where it must be written anew: it was found whole although the outcome
 * was never written, what was done to it by hand is what the lab files now say, or what it depends on or hides has changed, which nothing else would record. What has an action,
 * kept or left out by -target, keeps its record until that action is done.
 */
function refreshed({ instance, refreshed: differs }: Found, change: Change): readonly Instance[] {
  const { dependencies, sensitive, schemaVersion } = change;
  const same =
    instance.byHand === undefined &&
    schemaVersion === instance.schemaVersion &&
    sameSet(dependencies, instance.dependencies) &&
    sameSet(sensitive.map(formatPath), instance.sensitive.map(formatPath));
  if (same && !differs) return [];
  const { pending: _, byHand: __, ...rest } = instance;
  const status = instance.status === "creating" ? "ok" : instance.status;
  return [{ ...rest, status, dependencies, sensitive, schemaVersion }];
}

function sameSet(left: readonly string[], right: readonly string[]): boolean {
  const wanted = new Set(right);
  return new Set(left).size === wanted.size && left.every((one) => wanted.has(one));
}
