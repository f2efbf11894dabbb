import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Ports } from "../../../src/core/ports.ts";
import type { Entry } from "./cpio.ts";
import { cpio } from "./cpio.ts";
import type { Module } from "./modules.ts";
import { digestOf } from "./part.ts";

/** What stands in the folder `root`, and where the guest has it. */
const texts: readonly { readonly name: string; readonly path: string; readonly mode: number }[] = [
  { name: "inittab", path: "etc/inittab", mode: 0o644 },
  { name: "rc", path: "etc/rc", mode: 0o755 },
  { name: "shell", path: "etc/shell", mode: 0o755 },
  { name: "dhcp", path: "etc/dhcp", mode: 0o755 },
  { name: "power-off", path: "etc/acpi/PWRF/00000080", mode: 0o755 },
  { name: "traffic", path: "bin/traffic", mode: 0o755 },
];

const DIRECTORIES = [
  ...["bin", "dev", "etc", "etc/acpi", "etc/acpi/PWRF", "lib", "lib/modules"],
  ...["proc", "root", "srv", "sys", "tmp", "var", "var/log", "var/run"],
];

export interface RootParts {
  readonly texts: readonly Entry[];
  readonly busybox: Uint8Array;
  /** In the order in which they are loaded. */
  readonly modules: readonly Module[];
  readonly more?: readonly Entry[];
}

/** The guest's own scripts, from the folder that has them. */
export async function readTexts(files: Pick<Ports["files"], "read">, directory: string): Promise<readonly Entry[]> {
  return await Promise.all(
    texts.map(async ({ name, path, mode }): Promise<Entry> => {
      return { path, kind: "file", mode, data: await files.read(join(directory, name)) };
    }),
  );
}

/** Another one where a guest would have other scripts, or have them elsewhere. */
export function digestOfTexts(scripts: readonly Entry[]): string {
  const contents = scripts.flatMap((one) => [Buffer.from(one.path), "data" in one ? one.data : Buffer.alloc(0)]);
  return digestOf(...contents);
}

/** The initial root of a guest, packed as a kernel takes it: the same parts give the same bytes. */
export function initialRoot({ texts: scripts, busybox, modules, more = [] }: RootParts): Buffer {
  const archive = cpio([
    ...DIRECTORIES.map((path): Entry => ({ path, kind: "directory" })),
    // The kernel opens it for init before anything is mounted.
    { path: "dev/console", kind: "device", major: 5, minor: 1 },
    { path: "dev/null", kind: "device", mode: 0o666, major: 1, minor: 3 },
    { path: "bin/busybox", kind: "file", mode: 0o755, data: busybox },
    ...["mount", "sh"].map((applet): Entry => ({ path: `bin/${applet}`, kind: "link", target: "busybox" })),
    { path: "init", kind: "link", target: "bin/busybox" },
    ...scripts,
    { path: "lib/modules/order", kind: "file", data: Buffer.from(modules.map(({ name }) => `${name}\n`).join("")) },
    ...modules.map(({ name, data }): Entry => ({ path: `lib/modules/${name}.ko`, kind: "file", data })),
    ...more,
  ]);
  return gzipSync(archive, { level: 9 });
}
