import type { Diagnostic } from "../core/diagnostics.ts";
import { errorDiagnostic } from "../core/diagnostics.ts";
import { portAddress, portsOf } from "../core/ends.ts";
import type { Action } from "../core/lifecycle.ts";
import type { ResourceSchema } from "../core/schema.ts";
import type { Instance, State } from "../core/state.ts";
import { suggestionText } from "../core/suggestion.ts";
import type { Json, Path, Planned, PlannedAttributes } from "../core/values.ts";
import { isSensitive, UNKNOWN } from "../core/values.ts";
import type { Found } from "./refresh.ts";

/** A user asks for a capture, of a link or of a port of a network, or for the end of one. */
export type CaptureRequest = {
  readonly address: string;
  /** Of a network: the label of one of its ports. */
  readonly port?: string | undefined;
} & (
  | { readonly command: "capture stop" }
  /** Absolute; null: the one it has without a name. */
  | { readonly command: "capture start"; readonly file: string | null }
);

/** What may be captured: a link as it is, of a network the port that is meant. */
interface Captured {
  readonly address: string;
  readonly attributes: PlannedAttributes;
  /** Where it stands among the attributes of its instance. */
  readonly path: Path;
}

/** What is to be done for it; `what` in words. */
export interface WantedCapture {
  readonly action: Action;
  readonly what: string;
  readonly planned: PlannedAttributes;
  readonly sensitive: Instance["sensitive"];
}

export function wantedCapture(
  request: CaptureRequest,
  found: Found,
  schema: ResourceSchema,
): WantedCapture | Diagnostic {
  const { instance, condition, live, updating } = found;
  const captured = capturedOf(instance, request.port);
  if ("summary" in captured) return captured;
  const { address, attributes, path } = captured;
  const now = attributes.capture ?? null;
  if (condition !== "present") {
    const why = live && live.condition !== "present" ? ` Of it: ${live.cause.summary}.` : "";
    return refuse(`${address} carries nothing now`, `The capture cannot be changed.${why} "labform apply" mends it.`);
  }
  const hidden = [["capture", "file"], ["capture_file"]].some((one) =>
    isSensitive(instance.sensitive, [...path, ...one]),
  );
  const starts = request.command === "capture start";
  if (starts && now !== null) {
    const where = hidden ? null : attributes.capture_file;
    return refuse(
      `${address} is being captured already`,
      `${typeof where === "string" ? `To ${where}. ` : ""}"labform capture stop ${address}" ends it.`,
    );
  }
  const of = request.port === undefined ? "" : ` of port ${JSON.stringify(request.port)}`;
  const own = request.port === undefined ? schema : schema.blocks?.port;
  const capture = starts ? { ...defaultsOf(own?.blocks?.capture), file: request.file } : null;
  const named: PlannedAttributes = own?.attributes.capture_file === undefined ? {} : { capture_file: UNKNOWN };
  return {
    // Of an update that was cut off it cannot be seen how far it came.
    action: starts || now !== null || updating ? "update" : "none",
    what: `capture${of} ${starts ? "started" : "stopped"}`,
    // Which file it comes to is the provider's to say, and its plan is not asked here.
    planned: within(instance.attributes, path, { ...attributes, capture, ...named }),
    sensitive: shown(instance, path, (attributes.capture_file ?? null) !== null),
  };
}

/** One file takes one capture: what a bridge would refuse later, link by link. */
export function sharedFiles(requests: readonly CaptureRequest[], state: State): readonly Diagnostic[] {
  const named = requests.flatMap((one) => (one.command === "capture start" && one.file !== null ? [one] : []));
  const addresses = named.map(({ address, port }) => nameOf(address, port));
  if (addresses.length > 1) {
    const detail = `The file is named for ${addresses.join(", ")}. Name one link, or no file: each link has one of its own.`;
    return [refuse("Several links cannot be captured to one file", detail)];
  }
  const others = [...state.instances.values()].flatMap(allOf);
  return named.flatMap(({ address, port, file }) =>
    others
      .filter((one) => one.address !== nameOf(address, port) && one.attributes.capture_file === file)
      .map((one) => ({
        ...refuse("Two links cannot be captured to one file", `${one.address} is captured to it. Name another file.`),
        subject: `capture ${file}`,
        address,
      })),
  );
}

function capturedOf(instance: Instance, port: string | undefined): Captured | Diagnostic {
  const all = allOf(instance);
  const name = nameOf(instance.address, port);
  const found = all.find(({ address }) => address === name);
  if (found) return found;
  const labels = portsOf(instance.attributes.port).map(([label]) => label);
  const known = labels.length === 0 ? "It has no port blocks." : suggestionText(port ?? "", labels);
  return refuse(
    `${instance.address} has no port ${JSON.stringify(port)}`,
    `${known} What is in its list of endpoints can be captured once it has a port block.`,
  );
}

function allOf({ address, kind, attributes }: Instance): readonly Captured[] {
  if (kind !== "network") return [{ address, attributes, path: [] }];
  return portsOf(attributes.port).map(([label, port]) => ({
    address: portAddress(address, label),
    attributes: port,
    path: ["port", label],
  }));
}

function nameOf(address: string, port: string | undefined): string {
  return port === undefined ? address : portAddress(address, port);
}

function within(whole: PlannedAttributes, [first, ...rest]: Path, part: PlannedAttributes): PlannedAttributes {
  if (first === undefined) return part;
  return { ...whole, [first]: within((whole[String(first)] ?? {}) as PlannedAttributes, rest, part) };
}

/** What the command says of it may be shown. The name of the file of before stays on record until it is given up. */
function shown({ sensitive }: Instance, at: Path, wasCaptured: boolean): Instance["sensitive"] {
  return sensitive.filter((path) => {
    if (at.some((step, place) => path[place] !== step)) return true;
    const first = path[at.length];
    return first !== "capture" && (first !== "capture_file" || wasCaptured);
  });
}

/** A command gives no more than the file. */
function defaultsOf(block: { readonly attributes: ResourceSchema["attributes"] } | undefined) {
  const entries = Object.entries(block?.attributes ?? {}).map(([name, one]): [string, Json] => [
    name,
    one.default ?? null,
  ]);
  return Object.fromEntries(entries) as { readonly [name: string]: Planned };
}

function refuse(summary: string, detail: string): Diagnostic {
  return errorDiagnostic(summary, { detail });
}
