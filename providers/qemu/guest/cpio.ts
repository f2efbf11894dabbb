/** What stands in a guest's initial root; `path` without a leading slash. */
export type Entry =
  | { readonly path: string; readonly kind: "directory"; readonly mode?: number }
  | { readonly path: string; readonly kind: "file"; readonly mode?: number; readonly data: Uint8Array }
  | { readonly path: string; readonly kind: "link"; readonly target: string }
  | {
      readonly path: string;
      readonly kind: "device";
      readonly mode?: number;
      readonly major: number;
      readonly minor: number;
    };

const TYPES = { directory: 0o040000, file: 0o100000, link: 0o120000, device: 0o020000 };
const MODES = { directory: 0o755, file: 0o644, link: 0o777, device: 0o600 };

/**
 * The archive that a Linux kernel unpacks as its initial root: cpio, format "newc" (Linux's
 * Documentation/driver-api/early-userspace/buffer-format.rst). Written here rather than by cpio(1) because that one
 * makes device nodes only for root, and stamps files with the time of the build: the same input gives the same bytes.
 * Entries in order, a directory before what it holds.
 */
export function cpio(entries: readonly Entry[]): Buffer {
  const chunks = entries.flatMap((entry, index) => record(entry, index + 1));
  return Buffer.concat([...chunks, ...record({ path: "TRAILER!!!", kind: "file", mode: 0, data: Buffer.alloc(0) }, 0)]);
}

function record(entry: Entry, inode: number): readonly Uint8Array[] {
  const data = entry.kind === "file" ? entry.data : Buffer.from(entry.kind === "link" ? entry.target : "");
  const mode = entry.kind === "link" ? undefined : entry.mode;
  const name = Buffer.from(`${entry.path}\0`);
  const fields = [
    inode,
    inode === 0 ? 0 : TYPES[entry.kind] | (mode ?? MODES[entry.kind]),
    0, // uid
    0, // gid
    1, // links
    0, // time of change
    data.length,
    0, // device it is on: major, minor
    0,
    entry.kind === "device" ? entry.major : 0,
    entry.kind === "device" ? entry.minor : 0,
    name.length,
    0, // checksum, of another format
  ];
  const header = Buffer.from(`070701${fields.map((field) => field.toString(16).padStart(8, "0")).join("")}`);
  return [header, name, padding(header.length + name.length), data, padding(data.length)];
}

function padding(length: number): Buffer {
  return Buffer.alloc((4 - (length % 4)) % 4);
}
