import type { Files } from "../../../src/core/ports.ts";

/** Logs of earlier starts are kept up to this size; then the older part goes. */
const LARGEST = 1024 * 1024;
const KEPT = 256 * 1024;
const EVIDENCE_LINES = 10;

/** Begins a new start in qemu.log. Resolves to the size so far: from there on everything is QEMU's own output. */
export async function beginLog(files: Files, path: string, header: string): Promise<number> {
  if ((await sizeOf(files, path)) > LARGEST) await files.write(path, await files.readTail(path, KEPT), 0o600);
  const log = await files.openAppend(path, 0o600);
  try {
    await log.append(header);
  } finally {
    await log.close();
  }
  return await sizeOf(files, path);
}

/** The last lines written since `offset`; none when the file is gone. */
export async function lastLines(files: Files, path: string, offset: number): Promise<readonly string[]> {
  const size = await sizeOf(files, path);
  const start = Math.max(size < offset ? 0 : offset, size - 16 * 1024);
  const bytes = await files.readFrom(path, start).catch(() => new Uint8Array());
  return new TextDecoder()
    .decode(bytes)
    .split(/[\r\n]+/)
    .map((line) => printable(line).trimEnd())
    .filter((line) => line.trim() !== "")
    .slice(-EVIDENCE_LINES);
}

/** Zero when there is none. */
export async function sizeOf(files: Files, path: string): Promise<number> {
  try {
    return (await files.stat(path)).size;
  } catch {
    return 0;
  }
}

/** What a guest or QEMU wrote is shown on a terminal: without escape sequences and other control characters. */
export function printable(line: string): string {
  return line.replace(/\x1b\[[0-?]*[ -/]*[@-~]|\x1b[@-Z\\-_]|[\x00-\x08\x0b-\x1f\x7f-\x9f]/g, "");
}
