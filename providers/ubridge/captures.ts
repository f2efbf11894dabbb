import { createHash } from "node:crypto";
import { basename, dirname, extname, join, relative, resolve } from "node:path";
import type { Diagnostic } from "../../src/core/diagnostics.ts";
import { errorDiagnostic, Failure } from "../../src/core/diagnostics.ts";
import type { FileStat, Ports } from "../../src/core/ports.ts";
import type { HostDirectories } from "../../src/core/provider.ts";
import type { Path, PlannedAttributes } from "../../src/core/values.ts";
import { isSensitive } from "../../src/core/values.ts";
import { MARKER } from "./captureMarker.ts";
import { nextName } from "./captureNames.ts";
import type { FilterCommand } from "./impairments.ts";

/** A link's frames as they are to be written to a file. */
export interface Capture {
  /** Absolute. */
  readonly file: string;
  /** Its name must not be shown: what messages call it is `shownFile`. */
  readonly hidden: boolean;
  readonly linkType: string;
  /** It goes on in a file that is there. */
  readonly append: boolean;
  /** Where a new file is begun; null: nowhere. */
  readonly limit: CaptureLimit | null;
  /** Of the filter that shows in the bridge that this capture runs. */
  readonly marker: string;
}

export interface CaptureLimit {
  readonly bytes: number;
  /** How many full files stay beside the one that is written to. */
  readonly keep: number;
}

interface Link {
  readonly address: string;
  readonly id: string;
  readonly attributes: PlannedAttributes;
  readonly sensitive: readonly Path[];
}

/** A file that is there is moved aside, so a slip must not name anything else than a capture. */
const EXTENSIONS = [".pcap", ".cap"];

/** In place of what must not be shown. */
export const HIDDEN = "(sensitive value)";

/** The directory of files that nobody named. */
const CAPTURES = "captures";

/** The capture that a link of these attributes has; undefined when it has none, or where it is not known yet. */
export function captureOf({ address, id, attributes, sensitive }: Link, host: HostDirectories): Capture | undefined {
  const capture = attributes.capture as PlannedAttributes | null | undefined;
  if (typeof capture !== "object" || capture === null) return undefined;
  const { file: named = null, link_type: linkType, append } = capture;
  if ((named !== null && typeof named !== "string") || typeof linkType !== "string") return undefined;
  const file =
    named === null ? defaultFile(givenName(attributes) ?? nameOf(address, id), host) : resolve(host.lab, named);
  const hidden = hidesFile(sensitive);
  const marker = `${fileMarker(file, host)}${linkType}`;
  return { file, hidden, linkType, append: append === true, limit: limitOf(capture), marker };
}

function limitOf({ max_size_mib: size, keep }: PlannedAttributes): CaptureLimit | null {
  return typeof size === "number" ? { bytes: size * 1024 * 1024, keep: typeof keep === "number" ? keep : 0 } : null;
}

/** Whether the name of a link's capture file is among what must not be shown. */
export function hidesFile(sensitive: readonly Path[]): boolean {
  return isSensitive(sensitive, ["capture", "file"]) || isSensitive(sensitive, ["capture_file"]);
}

/** The capture's file as messages call it. */
export function shownFile({ file, hidden }: Pick<Capture, "file" | "hidden">): string {
  return hidden ? HIDDEN : file;
}

/** `.labform/<workspace>/captures/core.pcap` */
function defaultFile(name: string, host: HostDirectories): string {
  return join(dirname(host.nodes), CAPTURES, name);
}

/** `core.pcap` of `link.core`; of a link among others of its name by its id. */
function nameOf(address: string, id: string): string {
  return `${/^link\.([\w-]+)$/.exec(address)?.[1] ?? id}.pcap`;
}

/** What its file was called when the capture began: a link that is given another address meanwhile goes on with it. */
function givenName({ capture_file: file }: PlannedAttributes): string | undefined {
  return typeof file === "string" && basename(dirname(file)) === CAPTURES ? basename(file) : undefined;
}

/** The file of a capture that names none, as it is recorded; null where there is no such capture. */
export function recordedDefault(prior: Pick<Link, "attributes"> | null): string | null {
  const { capture = null, capture_file: file = null } = prior?.attributes ?? {};
  const isDefault =
    typeof capture === "object" && capture !== null && ((capture as PlannedAttributes).file ?? null) === null;
  return isDefault && typeof file === "string" ? file : null;
}

/**
 * What the markers of all captures to a file start with. It stays the same when the lab's directory is moved with the
 * captures in it.
 */
function fileMarker(file: string, host: HostDirectories): string {
  return `${MARKER}${createHash("sha256").update(relative(host.lab, file)).digest("hex").slice(0, 12)}_`;
}

/**
 * `bridge show` tells of filters, not of captures: a filter that drops nothing stands beside each capture. Both live as
 * long as the link's bridge.
 */
export function markerFilter(capture: Capture): FilterCommand {
  return { name: capture.marker, type: "frequency_drop", arguments: ["0"] };
}

/** The marker among the filters of a bridge: a capture runs there. */
export function shownMarker(filters: readonly string[]): string | undefined {
  return filters.find((name) => name.startsWith(MARKER));
}

/** Whether a capture to the same file runs on a bridge with these filters. */
export function sameFile(capture: Capture, filters: readonly string[]): boolean {
  const prefix = capture.marker.slice(0, -capture.linkType.length);
  return filters.some((name) => name.startsWith(prefix));
}

type Named = Pick<Capture, "file" | "hidden">;

/** What is wrong with the file's name, whatever the host. */
export function wrongName({ file, hidden }: Named): Diagnostic | undefined {
  const subject = `capture ${hidden ? HIDDEN : JSON.stringify(file)}`;
  if (/["\r\n\0]/.test(file)) {
    return errorDiagnostic("The capture file's name cannot be told to a bridge", {
      subject,
      detail:
        "A path with a double quote or a line break in it has no form in the bridge's protocol. Name another file.",
    });
  }
  if (EXTENSIONS.includes(extname(file).toLowerCase())) return undefined;
  return errorDiagnostic("A capture file's name ends in .pcap or .cap", {
    subject,
    detail: "What is there under that name is moved aside when the capture starts, so it must not be anything else.",
  });
}

/** What is in the way at the file's place, if anything; a link there is moved aside like a file. Changes nothing. */
export async function obstacle(ports: Ports, named: Named): Promise<Diagnostic | undefined> {
  const { file, hidden } = named;
  const refuse = (detail: string) =>
    errorDiagnostic("The capture cannot be written", { subject: `capture ${shownFile(named)}`, detail });
  let path = file;
  const place = () => (hidden ? "its place" : path);
  try {
    const is = await kindOf(ports, file, "lstat");
    if (is === "directory") return refuse("It is a directory. Name a file in it.");
    if (is !== "file" && is !== "link" && is !== undefined) return refuse("It is no regular file. Name another one.");
    let above: Awaited<ReturnType<typeof kindOf>>;
    do {
      path = dirname(path);
      above = await kindOf(ports, path, "stat");
    } while (above === undefined && path !== dirname(path));
    if (above !== "directory")
      return refuse(`${hidden ? "What it is to lie in" : path} is no directory. Name another place.`);
    await ports.files.access(path, "write");
    return undefined;
  } catch (error) {
    return refuse(`Nothing can be written in ${place()} (${codeOf(error)}). Name another place, or change its mode.`);
  }
}

/** Undefined when there is nothing; `stat` follows a final link. */
async function kindOf(ports: Ports, path: string, look: "stat" | "lstat"): Promise<FileStat["kind"] | undefined> {
  try {
    return (await ports.files[look](path)).kind;
  } catch (error) {
    if (codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR") return undefined;
    throw error;
  }
}

/** Rejects with `Failure` when it can be seen that the file cannot be written. Changes nothing. */
export async function refuseObstacle(ports: Ports, capture: Capture): Promise<void> {
  const problem = wrongName(capture) ?? (await obstacle(ports, capture));
  if (problem) throw new Failure(problem);
}

/**
 * Makes an empty file for the bridge to write to, readable by its owner alone. What was there, unless it is to be gone
 * on with, is kept under the next number, `core-1.pcap`, and the capture that runs always has the plain name. Resolves
 * with the path it was moved to. Rejects with `Failure`.
 */
export async function makeRoom(ports: Ports, capture: Capture): Promise<string | undefined> {
  await refuseObstacle(ports, capture);
  const { file, hidden } = capture;
  try {
    await ports.files.makeDirectory(dirname(file));
    if (capture.append && (await goesOnIn(ports, capture))) return undefined;
    const moved = (await kindOf(ports, file, "lstat")) === undefined ? undefined : await nextFree(ports, file);
    if (moved !== undefined) await ports.files.rename(file, moved);
    // In the place of whatever came there meanwhile: a link there must not lead elsewhere.
    await ports.files.writeAtomic(file, "", 0o600);
    return moved;
  } catch (error) {
    const said = error instanceof Error && !hidden ? error.message : codeOf(error);
    throw new Failure(
      errorDiagnostic("The capture cannot be written", {
        subject: `capture ${shownFile(capture)}`,
        detail: `Making room for it failed: ${said}. Name another file, or make room there.`,
      }),
      hidden ? undefined : { cause: error },
    );
  }
}

/** Whether the file is there and can be gone on with: what stands behind its last whole frame is taken off then. */
async function goesOnIn({ files }: Ports, { file, linkType }: Capture): Promise<boolean> {
  const found = await files.lstat(file).catch(() => undefined);
  if (found?.kind !== "file") return false;
  const { capturedBytes } = await import("./appending.ts");
  const whole = await capturedBytes(files, file, linkType);
  if (whole === undefined) return false;
  if (found.size > whole) await files.truncate(file, whole);
  return true;
}

async function nextFree(ports: Ports, file: string): Promise<string> {
  const directory = dirname(file);
  return join(directory, nextName(file, await ports.files.list(directory)));
}

/** Takes back what `makeRoom` made, when nothing came of it; the failure that led here is what counts. */
export async function giveUpRoom(ports: Ports, { file }: Capture): Promise<void> {
  try {
    const { kind, size } = await ports.files.lstat(file);
    if (kind === "file" && size === 0) await ports.files.remove(file);
  } catch {
    // It stays, or somebody else took it away.
  }
}

function codeOf(error: unknown): string {
  return (error as { code?: string }).code ?? "unknown error";
}
