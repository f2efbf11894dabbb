import { sayTime } from "../core/clockTime.ts";
import type { Diagnostic } from "../core/diagnostics.ts";
import { errorDiagnostic, hasErrors } from "../core/diagnostics.ts";
import { adapterIds } from "../core/ends.ts";
import type { Checked } from "../core/lab.ts";
import type { Action } from "../core/lifecycle.ts";
import { rests } from "../core/lifecycle.ts";
import type { Cause, Change, OutputChange, Plan } from "../core/plan.ts";
import { PLAN_FORMAT } from "../core/plan.ts";
import type { ProviderSet } from "../core/provider.ts";
import { resourceSchema } from "../core/provider.ts";
import type { ResourceSchema } from "../core/schema.ts";
import type { ByHand, Instance, State } from "../core/state.ts";
import type { Planned } from "../core/values.ts";
import { samePlanned, UNKNOWN } from "../core/values.ts";
import { awaitedInstances } from "../evaluation/capturedParts.ts";
import type { CaptureRequest, WantedCapture } from "./captureByHand.ts";
import { sharedFiles, wantedCapture } from "./captureByHand.ts";
import { carriersOf, nodeIdOf } from "./endpoints.ts";
import type { Found } from "./refresh.ts";
import { refreshSome } from "./refresh.ts";
import { nodeAddresses, recordedChange } from "./removals.ts";

/** Why a link is in a plan that does not name it. */
export const CARRIER_CAUSE: Cause = { kind: "dependency", summary: "a node at its end is turned on or off" };

/** What a user may ask for by a command of its own. */
export type HandRequest = PowerRequest | CaptureRequest;

interface PowerRequest {
  readonly address: string;
  readonly command: "start" | "stop" | "suspend" | "resume" | "reload";
}

export interface HandInput {
  readonly state: State;
  readonly providers: ProviderSet;
  readonly labformVersion: string;
  readonly workspace: string;
  /** The lab's, absolute. */
  readonly directory: string;
  /** ISO 8601 */
  readonly time: string;
  /** The account that asks. */
  readonly by: string;
  readonly requests: readonly HandRequest[];
}

/** Why an instance differs from the lab files: `stopped by hand (root, at 12:03)`; or what a refresh found and recorded. */
export function handCause({ what, by, at }: ByHand, now: string): Cause {
  if (by === "") return { kind: "host", summary: what };
  return { kind: "hand", summary: `${what} by hand (${by}, ${sayTime(at, Date.parse(now))})` };
}

/**
 * The plan of a command such as `stop`, from the state and the live host alone: one attribute of each instance named is
 * changed, and it is remembered that this was done by hand. What is so already is no change.
 */
export async function makeHandPlan(input: HandInput): Promise<Checked<Plan>> {
  const { state, providers } = input;
  const named = input.requests.flatMap(({ address }) => state.instances.get(address) ?? []);
  const links = linksOf(named, state);
  const { found, diagnostics: unread } = await refreshSome(state, [...named, ...links], providers);
  const diagnostics: Diagnostic[] = [...unread, ...sharedFiles(input.requests.filter(isCapture), state)];
  if (hasErrors(diagnostics)) return { diagnostics };
  const changes: Change[] = [];
  for (const request of input.requests) {
    const one = found.get(request.address);
    if (!one) throw new Error(`${request.address} was not looked at`);
    const schema = resourceSchema(providers.schema(one.instance.provider), one.instance.kind, "");
    const wanted = isCapture(request) ? captured(request, one, schema) : powered(request, one, schema);
    if ("summary" in wanted) diagnostics.push({ ...wanted, address: request.address });
    else if (wanted.action !== "none") changes.push(makeChange(request, one, wanted, input));
  }
  if (hasErrors(diagnostics)) return { diagnostics };
  const unchanged = input.requests.length - changes.length;
  changes.push(...carrierChanges(changes, links, found, input));
  const plan: Plan = {
    format: PLAN_FORMAT,
    labformVersion: input.labformVersion,
    lineage: state.lineage,
    serial: state.serial,
    mode: "normal",
    lab: state.lab,
    workspace: input.workspace,
    directory: input.directory,
    time: input.time,
    refreshed: true,
    changes,
    unchanged,
    outputs: awaitingOutputs(state, new Set(changes.map((change) => change.address))),
    refreshes: [],
    drift: [],
    diagnostics,
  };
  return { value: plan, diagnostics };
}

/** The links that end at some nodes. */
function linksOf(nodes: readonly Instance[], state: State): readonly Instance[] {
  const ids = new Set(nodes.filter((one) => one.kind === "node").map((one) => one.id));
  if (ids.size === 0) return [];
  return [...state.instances.values()].filter(
    (one) => one.kind === "link" && adapterIds(one.attributes).some((id) => ids.has(nodeIdOf(id))),
  );
}

/** What the guests at the other ends see when a node's power goes or comes. */
function carrierChanges(
  nodes: readonly Change[],
  links: readonly Instance[],
  found: ReadonlyMap<string, Found>,
  { state }: HandInput,
): readonly Change[] {
  const off = new Map<string, boolean>();
  for (const one of state.instances.values()) {
    if (one.kind === "node") off.set(one.id, rests(one.kind, one.attributes));
  }
  for (const one of nodes) off.set(one.id, one.rests);
  const addressOf = nodeAddresses(state.instances.values());
  return links.flatMap((link) => {
    const carrier = carriersOf(link.attributes, (node) => off.get(node) === true);
    const there = found.get(link.address);
    // One that is not whole is mended, carriers and all, by the next apply.
    if (there?.condition !== "present" || samePlanned(there.instance.attributes.carrier ?? null, carrier)) return [];
    const same = recordedChange(there, addressOf);
    const planned = { ...same.planned, carrier };
    return [{ ...same, action: "update" as const, byHand: link.byHand, causes: [CARRIER_CAUSE], planned }];
  });
}

/** What is to become of an instance. */
interface Wanted extends WantedCapture {
  /** The argument of the lab files that says otherwise afterwards. */
  readonly attribute: string;
}

function isCapture(request: HandRequest): request is CaptureRequest {
  return request.command === "capture start" || request.command === "capture stop";
}

function captured(request: CaptureRequest, found: Found, schema: ResourceSchema): Wanted | Diagnostic {
  const wanted = wantedCapture(request, found, schema);
  const attribute = request.port === undefined ? "capture" : "port";
  return "summary" in wanted ? wanted : { ...wanted, attribute };
}

function powered(
  { command, address }: PowerRequest,
  { instance, condition, live }: Found,
  schema: ResourceSchema,
): Wanted | Diagnostic {
  const power = instance.attributes["power"] ?? "on";
  if (condition === "absent" || condition === "broken") {
    const why = live && live.condition !== "present" ? ` Of it: ${live.cause.summary}.` : "";
    return refuse(`${address} cannot be told to ${command}`, `It is not whole.${why} "labform apply" mends it.`);
  }
  const runs = condition === "present";
  const is = (action: Action, what: string, wanted: string): Wanted => {
    const planned: { [name: string]: Planned } = { ...instance.attributes, power: wanted };
    const resting = rests(instance.kind, planned);
    for (const [name, { computed }] of Object.entries(schema.attributes)) {
      if (computed !== "start") continue;
      if (resting) planned[name] = null;
      else if (action === "boot") planned[name] = UNKNOWN;
    }
    return { action, what, attribute: "power", planned, sensitive: instance.sensitive };
  };
  switch (command) {
    case "start":
      if (!runs) return is("boot", "started", "on");
      return is(power === "suspended" ? "update" : "none", "resumed", "on");
    case "stop":
      return is(runs || power !== "off" ? "stop" : "none", "stopped", "off");
    case "suspend":
      if (!runs) return refuse(`${address} is off and cannot be suspended`, `"labform start ${address}" starts it.`);
      return is(power === "suspended" ? "none" : "update", "suspended", "suspended");
    case "resume":
      if (!runs) return refuse(`${address} is off and cannot be resumed`, `"labform start ${address}" starts it.`);
      return is(power === "suspended" ? "update" : "none", "resumed", "on");
    default:
      if (!runs) return refuse(`${address} is off and cannot be reset`, `"labform start ${address}" starts it.`);
      if (power === "suspended") {
        return refuse(`${address} is suspended and cannot be reset`, `"labform resume ${address}" lets it run on.`);
      }
      return is("reload", "reset", "on");
  }
}

function refuse(summary: string, detail: string): Diagnostic {
  return errorDiagnostic(summary, { detail });
}

function makeChange(request: HandRequest, found: Found, wanted: Wanted, input: HandInput): Change {
  const { instance } = found;
  const { what, attribute, action, planned, sensitive } = wanted;
  // What it is by hand it is still called when only its guest was reset.
  const byHand =
    action === "reload" ? instance.byHand : { what, attribute, by: input.by, at: new Date(input.time).toISOString() };
  return {
    ...recordedChange(found, () => undefined),
    action,
    rests: rests(instance.kind, planned),
    byHand,
    causes: [{ kind: "asked", summary: `asked for with "labform ${request.command}"` }],
    planned,
    sensitive,
  };
}

/** Outputs that show what such a command changes (a pid) are evaluated again, from what the state keeps of them. */
function awaitingOutputs(state: State, changed: ReadonlySet<string>): readonly OutputChange[] {
  return Object.entries(state.outputs).flatMap(([name, output]) => {
    const { deferred, sensitive, type, value } = output;
    if (!deferred || !awaitedInstances(deferred).some((address) => changed.has(address))) return [];
    return [{ name, action: "update" as const, sensitive, before: { type, value }, deferred }];
  });
}
