// Writes the archive a Linux kernel unpacks as its initial root: cpio, format "newc" (Linux's
// Documentation/driver-api/early-userspace/buffer-format.rst). Written here rather than by cpio(1) because that one
// makes device nodes only for root, and stamps files with the time of the build: the same input gives the same bytes.

/**
 * @typedef {{ path: string, kind: "directory", mode?: number }
 *   | { path: string, kind: "file", mode?: number, data: Uint8Array }
 *   | { path: string, kind: "link", target: string }
 *   | { path: string, kind: "device", mode?: number, major: number, minor: number }} Entry
 */

const TYPES = { directory: 0o040000, file: 0o100000, link: 0o120000, device: 0o020000 };
const MODES = { directory: 0o755, file: 0o644, link: 0o777, device: 0o600 };

/** @param {readonly Entry[]} entries in order; a directory before what it holds */
export function cpio(entries) {
  const chunks = entries.flatMap((entry, index) => record(entry, index + 1));
  return Buffer.concat([...chunks, ...record({ path: "TRAILER!!!", kind: "file", mode: 0, data: Buffer.alloc(0) }, 0)]);
}

function record(entry, inode) {
  const data = entry.kind === "file" ? entry.data : Buffer.from(entry.kind === "link" ? entry.target : "");
  const name = Buffer.from(`${entry.path}\0`);
  const fields = [
    inode,
    inode === 0 ? 0 : TYPES[entry.kind] | (entry.mode ?? MODES[entry.kind]),
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

function padding(length) {
  return Buffer.alloc((4 - (length % 4)) % 4);
}
