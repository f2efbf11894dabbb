import { posix } from "node:path";
import type { RunResult } from "../../../src/core/ports.ts";
import type { Disk } from "../host/disk.ts";

/** A simulated image: what qemu-img and QEMU see of it, as text on the simulated disk. */
export interface SimulatedImage {
  readonly format: string;
  readonly bytes: number;
  readonly backing?: string | undefined;
  readonly backingFormat?: string | undefined;
  /** What guests wrote to it: the pids of their QEMUs. */
  readonly written: readonly number[];
}

const SECTOR = 512;

/** Any file is an image, as for the real one: what is none of ours is raw. */
export function imageAt(disk: Disk, path: string): SimulatedImage {
  const text = disk.read(path).toString("utf8");
  if (!text.startsWith("image "))
    return { format: "raw", bytes: Math.ceil(text.length / SECTOR) * SECTOR, written: [] };
  return JSON.parse(text.slice("image ".length)) as SimulatedImage;
}

/** Synced, as QEMU does when a guest flushes and qemu-img when it closes what was there before. */
export function putImage(disk: Disk, path: string, image: SimulatedImage): void {
  const text = `image ${JSON.stringify(image)}`;
  const isNew = disk.find(path) === undefined;
  disk.write(path, text, 0o644);
  if (!isNew) disk.sync(disk.get(path, "open"));
}

/** Whether the program changes something, which `info` and a mere `check` do not. */
export function changesImages(args: readonly string[]): boolean {
  return args[0] !== "info" && (args[0] !== "check" || args.includes("-r"));
}

/** `info`, `create`, `rebase -u`, `resize` and `check`, as labform calls them; it finds every image whole. */
export function qemuImg(disk: Disk, args: readonly string[]): RunResult {
  const [command = "", ...rest] = args;
  const options = new Map<string, string>();
  const operands: string[] = [];
  for (let at = 0; at < rest.length; at++) {
    const word = rest[at] as string;
    if (/^-[fFb]$/.test(word)) options.set(word, rest[++at] as string);
    else if (!word.startsWith("-")) operands.push(word);
  }
  const [path = "", size] = operands;
  try {
    return { exitCode: 0, signal: null, stdout: perform(disk, command, path, size, options), stderr: "" };
  } catch (error) {
    return { exitCode: 1, signal: null, stdout: "", stderr: `qemu-img: ${(error as Error).message}\n` };
  }
}

/** Half of what `create` would leave, as a crash in its middle does. */
export function tearImage(disk: Disk, args: readonly string[]): void {
  const path = args.find((word) => posix.isAbsolute(word) && word.endsWith(".qcow2"));
  if (args[0] === "create" && path !== undefined) disk.write(path, "image {", 0o644);
}

function perform(
  disk: Disk,
  command: string,
  path: string,
  size: string | undefined,
  options: ReadonlyMap<string, string>,
): string {
  if (command === "create") {
    const backing = options.get("-b");
    const bytes = size === undefined ? imageAt(disk, backing ?? "").bytes : Number(size);
    if (backing !== undefined) disk.get(backing, "open");
    putImage(disk, path, { format: "qcow2", bytes, backing, backingFormat: options.get("-F"), written: [] });
    return "";
  }
  const image = imageAt(disk, path);
  const wanted = options.get("-f");
  if (wanted !== undefined && wanted !== "raw" && wanted !== image.format) throw new Error(`${path} is no ${wanted}`);
  if (command === "info") {
    return JSON.stringify({
      format: wanted ?? image.format,
      "virtual-size": image.bytes,
      "full-backing-filename": image.backing,
      "backing-filename-format": image.backingFormat,
    });
  }
  if (command === "rebase") {
    putImage(disk, path, { ...image, backing: options.get("-b"), backingFormat: options.get("-F") });
    return "";
  }
  if (command === "check") return "";
  if (command !== "resize") throw new Error(`no ${command} here`);
  putImage(disk, path, { ...image, bytes: Number(size) });
  return "";
}
