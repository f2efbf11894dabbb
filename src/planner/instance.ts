import type { Diagnostic } from "../core/diagnostics.ts";
import { errorDiagnostic, Failure, hasErrors } from "../core/diagnostics.ts";
import { expressionsOf } from "../core/dynamic.ts";
import { connects } from "../core/ends.ts";
import type { Checked, Resource } from "../core/lab.ts";
import { rests } from "../core/lifecycle.ts";
import type { Cause, Change, Deferred } from "../core/plan.ts";
import type { Demand, PlanRequest, Provider, RequiredService, Settings, TunnelKind } from "../core/provider.ts";
import type { ResourceSchema } from "../core/schema.ts";
import type { Range } from "../core/source.ts";
import { formatRange } from "../core/source.ts";
import type { Expression } from "../core/syntax.ts";
import { withUser } from "../core/templateUse.ts";
import type { Attributes, Json, Path, Planned, PlannedAttributes, Value } from "../core/values.ts";
import { formatPath, samePlanned, UNKNOWN } from "../core/values.ts";
import type { Decoded } from "../evaluation/decode.ts";
import { decodeBody } from "../evaluation/decode.ts";
import { attributesToValue } from "../evaluation/plain.ts";
import type { Scope } from "../evaluation/scope.ts";
import { describeReferences } from "../evaluation/shown.ts";
import { CARRIER_CAUSE, handCause } from "./byHand.ts";
import type { Difference } from "./diff.ts";
import { chooseAction, differences, gravest } from "./diff.ts";
import { OUTSIDE } from "./drift.ts";
import type { EndpointUses } from "./endpoints.ts";
import { endExpressions, missingAdapters, resolveEnds } from "./ends.ts";
import { freshId, seedOf } from "./identity.ts";
import { keepIgnored } from "./ignored.ts";
import type { Found } from "./refresh.ts";
import { withoutSecrets } from "./secrets.ts";

export interface InstanceInput {
  readonly resource: Resource;
  readonly address: string;
  readonly scope: Scope;
  readonly capture: (expression: Expression, scope: Scope) => Deferred;
  /** `bound` are names that are no references where the expression stands. */
  readonly dependencies: (expression: Expression, bound: ReadonlySet<string>) => readonly string[];
  /** Why an expression is not known, as sentences. */
  readonly why: (expression: Expression) => string;
  readonly dependsOn: readonly string[];
  /** Outputs of modules whose open preconditions must hold before it is made or changed. */
  readonly guards: readonly string[] | undefined;
  readonly providerName: string;
  readonly provider: Provider;
  readonly schema: ResourceSchema;
  readonly settings: Settings;
  readonly tunnel: TunnelKind;
  readonly labIdentity: string;
  /** Ids in use; a new one is added. */
  readonly ids: Set<string>;
  readonly found: Found | undefined;
  readonly offline: boolean;
  readonly signal: AbortSignal | undefined;
  readonly replace: boolean;
  readonly preventDestroy: boolean;
  /** Why it is to be made anew for others (`replace_triggered_by`). */
  readonly triggers: readonly Cause[];
  /** The plan's: ISO 8601. */
  readonly time: string;
  readonly endpoints: EndpointUses;
  /** Whether the walk has found an error: what is unknown then may only be its consequence. */
  readonly afterErrors: () => boolean;
}

export interface PlannedInstance {
  readonly change: Change;
  readonly services: readonly RequiredService[];
  /** What references to it see. */
  readonly value: Value;
  /** Of its block's header. */
  readonly range: Range;
}

/** One instance: its body evaluated, completed by its provider, compared with what is recorded and found. */
export async function planInstance(input: InstanceInput): Promise<Checked<PlannedInstance>> {
  const { address, resource, schema, found } = input;
  const diagnostics: Diagnostic[] = [];
  const decoded = decodeBody(resource.body, schema, input.scope);
  // That there is no such adapter says more than that a list has no such element.
  const missing = hasErrors(decoded.diagnostics) ? missingAdapters(input) : [];
  if (missing.length > 0) return { diagnostics: missing };
  const kept = keepIgnored(decoded, resource, found, schema);
  diagnostics.push(...decoded.diagnostics, ...unsettledBlocks(kept.unsettled, decoded.diagnostics, input));
  if (hasErrors(diagnostics)) return { diagnostics: diagnostics.map((one) => withUser(one, resource)) };

  const ends = resolveEnds(input, kept.attributes, decoded, diagnostics);
  if (hasErrors(diagnostics)) return { diagnostics };

  const prior = found?.instance ?? null;
  const seed = seedOf(input.labIdentity, address);
  const id = prior?.id ?? freshId(input.labIdentity, address, (one) => input.ids.has(one), seed);
  input.ids.add(id);
  const wanted = { id, seed, config: ends.attributes, sensitive: kept.sensitive };
  const answer = await askProvider(input, wanted, decoded.places, diagnostics);
  if (!answer || hasErrors(diagnostics)) return { diagnostics };

  const gone = found?.condition === "absent";
  const compared = prior && !gone ? prior.attributes : null;
  const { classes = {}, demands = [] } = answer;
  const changes = compared ? differences(schema, compared, answer.planned, classes) : [];
  const resting = rests(resource.kind, answer.planned);
  const chosen =
    prior && found ? choose(input, changes, compared ? demands : [], resting) : { action: "create" as const };
  const finished = finishUpdate(chosen, input);
  const isAsked = input.replace || input.triggers.length > 0;
  const action = isAsked && prior && !gone ? "replace" : finished.action;
  const planned = renew(schema, answer.planned, prior, action, resting);
  const sensitive = [...kept.sensitive, ...(answer.sensitive ?? [])];

  const dependencies = new Set([
    ...input.dependsOn,
    ...bodyDependencies(input),
    ...answer.requires.map((one) => one.address),
  ]);
  dependencies.delete(address);
  for (const end of ends.ends) dependencies.add(end);
  const deferred: { [path: string]: Deferred } = {};
  for (const one of kept.deferred) deferred[formatPath(one.path)] = input.capture(one.expression, one.scope);

  const change: Change = {
    address,
    kind: resource.kind,
    provider: input.providerName,
    schemaVersion: schema.version,
    id,
    action,
    rests: resting,
    causes: causesOf(input, changes, compared ? demands : [], decoded.places, finished.cause),
    prior,
    found: found?.condition ?? null,
    planned,
    sensitive,
    classes,
    deferred,
    dependencies: [...dependencies],
    ends: ends.ends,
    ...(input.guards ? { guards: input.guards } : {}),
    ...(answer.machineState ? { machineState: answer.machineState } : {}),
    ...(input.preventDestroy ? { preventDestroy: true } : {}),
    at: formatRange(resource.range),
    settings: input.settings,
  };
  return {
    value: withValue({ change, services: answer.requires, range: resource.range }, planned, schema),
    diagnostics,
  };
}

/** Of most links, and of many nodes, nobody asks for the value. What it is made of is all that is kept for it. */
function withValue(
  instance: Omit<PlannedInstance, "value">,
  planned: PlannedAttributes,
  schema: ResourceSchema,
): PlannedInstance {
  let value: Value | undefined;
  return {
    ...instance,
    get value() {
      value ??= attributesToValue(planned, schema, instance.change.sensitive);
      return value;
    },
  };
}

type Chosen = ReturnType<typeof chooseAction>;

/** Of a node that is to rest, `power` itself takes no more than the stop. */
function choose(
  { found, resource }: InstanceInput,
  changes: readonly Difference[],
  demands: readonly Demand[],
  resting: boolean,
): Chosen {
  const counted = resting ? changes.filter(({ path }) => path[0] !== "power") : changes;
  return chooseAction(gravest([...counted, ...demands]), {
    condition: found?.condition ?? null,
    status: found?.instance.status ?? "ok",
    kind: resource.kind,
    rests: resting,
    rested: rests(resource.kind, found?.instance.attributes ?? null),
  });
}

/** A live update that was cut off is done again: much of it shows nowhere but in the guest, the keeper and the carriers. */
function finishUpdate(chosen: Chosen, { found }: InstanceInput): Chosen {
  if (!found?.updating || chosen.action !== "none") return chosen;
  return { action: "update", cause: { kind: "unfinished", summary: "an earlier run was cut off while it updated it" } };
}

async function askProvider(
  input: InstanceInput,
  wanted: Pick<PlanRequest, "id" | "seed" | "config" | "sensitive">,
  places: ReadonlyMap<string, Range>,
  diagnostics: Diagnostic[],
) {
  const told = (all: readonly Diagnostic[]) =>
    diagnostics.push(...all.map((one) => located(withoutSecrets(one, wanted), input, places)));
  try {
    const answer = await input.provider.plan({
      address: input.address,
      settings: input.settings,
      ...wanted,
      prior: input.found?.instance ?? null,
      tunnel: input.tunnel,
      offline: input.offline,
      signal: input.signal,
    });
    told(answer.diagnostics);
    return answer;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    told(error.diagnostics);
    return undefined;
  }
}

/** A provider knows no lab files: what it says of an argument is shown there, anything else at the instance's block. */
function located(
  { path, ...diagnostic }: Diagnostic,
  { address, resource }: InstanceInput,
  places: ReadonlyMap<string, Range>,
): Diagnostic {
  const range = diagnostic.range ?? placeOf(path ?? [], places) ?? resource.range;
  return withUser({ ...diagnostic, address: diagnostic.address ?? address, range }, resource);
}

/** Of an argument, or of the innermost it stands in that is written down. */
function placeOf(path: Path, places: ReadonlyMap<string, Range>): Range | undefined {
  if (path.length === 0) return undefined;
  return places.get(formatPath(path)) ?? placeOf(path.slice(0, -1), places);
}

/** References of the body, without those in its endpoints: a link's edges come from its ends' ids. */
function bodyDependencies(input: InstanceInput): readonly string[] {
  const { schema, resource } = input;
  const ends = new Set(endExpressions(resource.body, schema).map(({ expression }) => expression));
  const found: string[] = [];
  for (const { expression, bound } of expressionsOf(resource.body)) {
    if (!ends.has(expression)) found.push(...input.dependencies(expression, bound));
  }
  return found;
}

/** A plan shows every block, so how many there are must be known. What is unknown after an error may be its consequence. */
function unsettledBlocks(
  unsettled: Decoded["unsettled"],
  diagnostics: readonly Diagnostic[],
  input: InstanceInput,
): readonly Diagnostic[] {
  if (hasErrors(diagnostics) || input.afterErrors()) return [];
  return unsettled.map(({ dynamic, forEach, scope }) =>
    errorDiagnostic("for_each is not known at plan", {
      detail: `${input.why(forEach)} So labform cannot tell which ${dynamic.type} blocks ${input.address} is to have. Use values that stand in the lab files or variables, or apply what it depends on first with -target.`,
      range: forEach.range,
      values: describeReferences(forEach, scope),
      address: input.address,
    }),
  );
}

const decided = new WeakMap<ResourceSchema, readonly (readonly [name: string, when: "create" | "start"])[]>();

/** The attributes that the host decides, and when; found once a schema. */
function decidedOnHost(schema: ResourceSchema) {
  let found = decided.get(schema);
  if (!found) {
    found = Object.entries(schema.attributes).flatMap(([name, { computed }]) =>
      computed === "create" || computed === "start" ? [[name, computed] as const] : [],
    );
    decided.set(schema, found);
  }
  return found;
}

/** Keeps or makes unknown what the host decides, according to how far the action goes. */
function renew(
  schema: ResourceSchema,
  answered: PlannedAttributes,
  prior: Change["prior"],
  action: Change["action"],
  resting: boolean,
): PlannedAttributes {
  const planned: { [name: string]: Planned } = { ...answered };
  for (const [name, computed] of decidedOnHost(schema)) {
    const wanted = answered[name] ?? null;
    if (wanted !== null && wanted !== UNKNOWN) continue;
    const made = action === "create" || action === "replace";
    const started = made || action === "start" || action === "restart";
    // What was cut off before the host had decided it decides it now.
    const isHalfMade = prior?.status === "creating" && (prior.attributes[name] ?? null) === null;
    const fresh = computed === "create" ? made || isHalfMade : started;
    if (resting && computed === "start") planned[name] = null;
    else planned[name] = fresh || !prior ? UNKNOWN : (prior.attributes[name] ?? null);
  }
  return planned;
}

function causesOf(
  input: InstanceInput,
  changes: readonly Difference[],
  demands: readonly Demand[],
  places: ReadonlyMap<string, Range>,
  chosen: Cause | undefined,
): readonly Cause[] {
  const causes: Cause[] = [];
  const live = input.found?.live;
  const byHand = input.found?.instance.byHand;
  const rested = rests(input.resource.kind, input.found?.instance.attributes ?? null);
  if (live && live.condition !== "present" && !(rested && live.condition === "down")) causes.push(live.cause);
  const seen = live?.condition === "present" ? live.cause : undefined;
  const explained = seen?.path?.[0] ?? byHand?.attribute;
  if (explained !== undefined && changes.some(({ path }) => path[0] === explained)) {
    if (seen) causes.push(seen);
    else if (byHand) causes.push(handCause(byHand, input.time));
  }
  causes.push(...demands.map(({ cause }) => cause));
  if (chosen) causes.push(chosen);
  if (input.replace && input.found) causes.push({ kind: "asked", summary: "asked for with -replace" });
  if (live?.condition !== "absent" && input.found) causes.push(...input.triggers);
  const told = changes
    .filter(({ path }) => path[0] !== explained)
    .map(({ path }) => hostCause(path, input) ?? labCause(path, input.schema, places));
  const reasons = told.filter((one) => one.at !== undefined || !isConsequence(one.path, input.schema));
  // What the provider derives from another argument is told only where nothing else explains it.
  return [...causes, ...(causes.length + reasons.length > 0 ? reasons : told)];
}

/** Of an argument that was recorded as the lab files have it, and found otherwise. */
function hostCause(path: Path, { found, schema }: InstanceInput): Cause | undefined {
  if (!found || isConsequence(path, schema)) return undefined;
  const { recorded, instance } = found;
  if (samePlanned(valueAt(recorded.attributes, path), valueAt(instance.attributes, path))) return undefined;
  return { kind: "host", summary: `${formatPath(path)} was ${OUTSIDE}`, path };
}

function valueAt(attributes: Attributes, path: Path): Json {
  return path.reduce<Json>(
    (value, step) => (value as { readonly [step: string | number]: Json } | null)?.[step] ?? null,
    attributes,
  );
}

function labCause(path: Path, schema: ResourceSchema, places: ReadonlyMap<string, Range>): Cause {
  const name = formatPath(path);
  const place = places.get(name) ?? places.get(formatPath(path.slice(0, 1)));
  if (place) return { kind: "lab", summary: `${name} changed in the lab files`, path, at: formatRange(place) };
  if (path[0] === "carrier") return CARRIER_CAUSE;
  const summary = isConsequence(path, schema) ? `${name} changes` : `${name} is no longer set in the lab files`;
  return { kind: "lab", summary, path };
}

function isConsequence(path: Path | undefined, schema: ResourceSchema): boolean {
  const attribute = schema.attributes[String(path?.[0])];
  return attribute?.computed !== undefined;
}

/** A link that waits for a value of its own end would wait for itself. */
export function refuseWaitingLinks(instances: ReadonlyMap<string, PlannedInstance>): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  for (const { change, range } of instances.values()) {
    if (!connects(change.kind)) continue;
    for (const [path, deferred] of Object.entries(change.deferred)) {
      found.push(
        errorDiagnostic(`${path} of ${change.address} is not known before its nodes run`, {
          detail: `A link is wired before its nodes start, so "${deferred.text}" would come too late. Use a value that is known at plan.`,
          range,
          address: change.address,
        }),
      );
    }
  }
  return found;
}
