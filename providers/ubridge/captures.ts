import { createHash } from "node:crypto";
import { basename, dirname, extname, join, relative, resolve } from "node:path";
import type { Diagnostic } from "../../src/core/diagnostics.ts";
import { errorDiagnostic, Failure } from "../../src/core/diagnostics.ts";
import type { FileStat, Ports } from "../../src/core/ports.ts";
import type { HostDirectories } from "../../src/core/provider.ts";
import type { PlannedAttributes } from "../../src/core/values.ts";
import type { FilterCommand } from "./impairments.ts";

/** A link's frames as they are to be written to a file. */
export interface Capture {
  /** Absolute. */
  readonly file: string;
  readonly linkType: string;
  /** Of the filter that shows in the bridge that this capture runs. */
  readonly marker: string;
}

interface Link {
  readonly address: string;
  readonly id: string;
  readonly attributes: PlannedAttributes;
}

/** A file that is there is moved aside, so a slip must not name anything else than a capture. */
const EXTENSIONS = [".pcap", ".cap"];

const MARKER = "capture_";

/** The capture that a link of these attributes has; undefined when it has none, or where it is not known yet. */
export function captureOf({ address, id, attributes }: Link, host: HostDirectories): Capture | undefined {
  const capture = attributes.capture as PlannedAttributes | null | undefined;
  if (typeof capture !== "object" || capture === null) return undefined;
  const { file: named = null, link_type: linkType } = capture;
  if ((named !== null && typeof named !== "string") || typeof linkType !== "string") return undefined;
  const file = named === null ? defaultFile(address, id, host) : resolve(host.lab, named);
  return { file, linkType, marker: `${fileMarker(file, host)}${linkType}` };
}

/** `.labform/<workspace>/captures/core.pcap` of `link.core`; of a link among others of its name by its id. */
function defaultFile(address: string, id: string, host: HostDirectories): string {
  const name = /^link\.([\w-]+)$/.exec(address)?.[1] ?? id;
  return join(dirname(host.nodes), "captures", `${name}.pcap`);
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

/** What is wrong with the file's name, whatever the host. */
export function wrongName(file: string): Diagnostic | undefined {
  const subject = `capture ${JSON.stringify(file)}`;
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

/** What is in the way at the file's place, if anything. Changes nothing. */
export async function obstacle(ports: Ports, file: string): Promise<Diagnostic | undefined> {
  const refuse = (detail: string) =>
    errorDiagnostic("The capture cannot be written", { subject: `capture ${file}`, detail });
  let path = file;
  try {
    const is = await kindOf(ports, file);
    if (is === "directory") return refuse("It is a directory. Name a file in it.");
    if (is !== "file" && is !== undefined) return refuse("It is no regular file. Name another one.");
    let above: Awaited<ReturnType<typeof kindOf>>;
    do {
      path = dirname(path);
      above = await kindOf(ports, path);
    } while (above === undefined && path !== dirname(path));
    if (above !== "directory") return refuse(`${path} is no directory. Name another place.`);
    await ports.files.access(path, "write");
    return undefined;
  } catch (error) {
    return refuse(`Nothing can be written in ${path} (${codeOf(error)}). Name another place, or change its mode.`);
  }
}

/** Undefined when there is nothing. */
async function kindOf(ports: Ports, path: string): Promise<FileStat["kind"] | undefined> {
  try {
    return (await ports.files.stat(path)).kind;
  } catch (error) {
    if (codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR") return undefined;
    throw error;
  }
}

/**
 * Makes an empty file for the bridge to write to, readable by its owner alone. uBridge cannot append, it truncates: so
 * what was there is kept under the next number, `core-1.pcap`, and the capture that runs always has the plain name.
 * Resolves with the path it was moved to. Rejects with `Failure`.
 */
export async function makeRoom(ports: Ports, { file }: Capture): Promise<string | undefined> {
  const problem = wrongName(file) ?? (await obstacle(ports, file));
  if (problem) throw new Failure(problem);
  try {
    await ports.files.makeDirectory(dirname(file));
    const moved = (await kindOf(ports, file)) === undefined ? undefined : await nextFree(ports, file);
    if (moved !== undefined) await ports.files.rename(file, moved);
    await ports.files.write(file, "", 0o600);
    return moved;
  } catch (error) {
    throw new Failure(
      errorDiagnostic("The capture cannot be written", {
        subject: `capture ${file}`,
        detail: `Making room for it failed: ${error instanceof Error ? error.message : String(error)}. Name another file, or make room there.`,
      }),
      { cause: error },
    );
  }
}

/** Numbers rise: what was captured later has the higher one, whatever was removed meanwhile. */
async function nextFree(ports: Ports, file: string): Promise<string> {
  const extension = extname(file);
  const stem = basename(file, extension);
  let highest = 0;
  for (const name of await ports.files.list(dirname(file))) {
    if (!name.startsWith(`${stem}-`) || !name.endsWith(extension)) continue;
    const number = name.slice(stem.length + 1, name.length - extension.length);
    if (/^\d{1,9}$/.test(number)) highest = Math.max(highest, Number(number));
  }
  return join(dirname(file), `${stem}-${highest + 1}${extension}`);
}

/** Takes back what `makeRoom` made, when nothing came of it. */
export async function giveUpRoom(ports: Ports, { file }: Capture): Promise<void> {
  const { size } = await ports.files.stat(file);
  if (size === 0) await ports.files.remove(file);
}

function codeOf(error: unknown): string {
  return (error as { code?: string }).code ?? String(error);
}
