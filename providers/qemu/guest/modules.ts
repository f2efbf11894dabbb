import { basename, join } from "node:path";
import { decompress, endings, formOf } from "./decompress.ts";
import type { GuestHost } from "./host.ts";
import { readIfThere } from "./host.ts";

/** What of a kernel's drivers can be had: those in a directory as /lib/modules/VERSION, and those in the kernel itself. */
export interface ModuleDirectory {
  readonly path: string;
  /** Paths below it by the modules' names, as `modules.order` has them. */
  readonly loadable: ReadonlyMap<string, string>;
  readonly builtIn: ReadonlySet<string>;
}

/** Undefined where it is no such directory. */
export async function readModuleDirectory(host: GuestHost, path: string): Promise<ModuleDirectory | undefined> {
  const [order, builtIn] = await Promise.all(
    ["modules.order", "modules.builtin"].map((name) => readIfThere(host, join(path, name))),
  );
  if (order === undefined) return undefined;
  return {
    path,
    loadable: new Map(linesOf(order).map((line) => [moduleName(line), line])),
    builtIn: new Set(linesOf(builtIn ?? Buffer.alloc(0)).map(moduleName)),
  };
}

export function hasModule({ loadable, builtIn }: ModuleDirectory, name: string): boolean {
  return loadable.has(name) || builtIn.has(name);
}

export interface Module {
  readonly name: string;
  readonly data: Buffer;
}

/**
 * The modules of those names, each after those it needs; what is in the kernel needs no module, and what is not there at
 * all is passed over. Throws with a reason where one that is there cannot be read.
 */
export async function readModules(
  host: GuestHost,
  directory: ModuleDirectory,
  names: readonly string[],
): Promise<readonly Module[]> {
  const modules = new Map<string, Module>();
  const visit = async (name: string): Promise<void> => {
    const path = directory.loadable.get(name);
    if (path === undefined || modules.has(name)) return;
    const data = await readModule(host, join(directory.path, path));
    for (const dependency of dependenciesOf(data)) await visit(dependency);
    modules.set(name, { name, data });
  };
  for (const name of names) await visit(name);
  return [...modules.values()];
}

/** Plain, whatever the distribution packs them with: busybox's insmod takes no other. */
async function readModule(host: GuestHost, path: string): Promise<Buffer> {
  for (const ending of endings) {
    const data = await readIfThere(host, path + ending);
    if (data === undefined) continue;
    const form = formOf(data);
    if (form === undefined) return data;
    const result = await decompress(host, form, data);
    if ("problem" in result) throw new Error(`${path}${ending} cannot be used: ${result.problem}`);
    return result.data;
  }
  throw new Error(`${path} is named in modules.order and cannot be read`);
}

/** The `depends=` entry of a module's .modinfo section (Linux's scripts/mod/modpost.c). */
function dependenciesOf(module: Buffer): readonly string[] {
  const [, list = ""] = /\0depends=([^\0]*)\0/.exec(module.toString("latin1")) ?? [];
  return list.split(",").filter(Boolean).map(moduleName);
}

/** `virtio_pci` of `kernel/drivers/virtio/virtio-pci.ko`. */
function moduleName(path: string): string {
  return basename(path).replace(/\.ko$/, "").replaceAll("-", "_");
}

function linesOf(text: Buffer): readonly string[] {
  return text.toString("utf8").split("\n").filter(Boolean);
}
