import { basename, dirname, join } from "node:path";
import { fail } from "../../../src/core/diagnostics.ts";
import type { GuestHost } from "./host.ts";
import { readIfThere } from "./host.ts";
import { isX86Kernel } from "./kernelImage.ts";
import type { ModuleDirectory } from "./modules.ts";
import { hasModule, readModuleDirectory, readModules } from "./modules.ts";
import { lookUpPackage, unpackPackage } from "./packages.ts";
import type { Part } from "./part.ts";
import { digestOf } from "./part.ts";
import { NETWORK, POWER } from "./parts.ts";

/** Debian's kernel with the drivers of all kinds of machines, e1000 among them, which the one for clouds has not. */
const PACKAGE = "linux-image-amd64";

export interface Kernel {
  readonly image: Buffer;
  /** Undefined where a kernel was named and no modules with it. */
  readonly modules: ModuleDirectory | undefined;
  /** For the user: a path, or a package. */
  readonly from: string;
}

/**
 * The kernel that was named, one that is installed, or Debian's, which is fetched when it is taken. Rejects with a
 * `Failure` that says what to do.
 */
export async function findKernel(
  host: GuestHost,
  given: { readonly kernel?: string | undefined; readonly modules?: string | undefined },
): Promise<Part<Kernel>> {
  if (given.kernel !== undefined) return await partOf(host, await namedKernel(host, given.kernel, given.modules));
  if (given.modules !== undefined) {
    fail("-modules is only for a kernel that is named", {
      detail: "Name the kernel of these modules with -kernel=FILE.",
    });
  }
  const tried: string[] = [];
  const installed = await installedKernel(host, "/", tried);
  if (installed) return await partOf(host, installed);
  return {
    identity: await packagedVersion(host),
    take: async () => {
      const fetched = await fetchKernel(host);
      return "problem" in fetched ? noKernel([...tried, fetched.problem]) : fetched;
    },
  };
}

async function partOf(host: GuestHost, kernel: Kernel): Promise<Part<Kernel>> {
  const { image, modules } = kernel;
  const loaded = modules === undefined ? [] : await readModules(host, modules, [...NETWORK, ...POWER]);
  return { identity: digestOf(image, ...loaded.map(({ data }) => data)), take: async () => kernel };
}

async function packagedVersion(host: GuestHost): Promise<string | undefined> {
  const offered = await lookUpPackage(host, PACKAGE);
  return offered && `${PACKAGE} ${offered.version}`;
}

function noKernel(tried: readonly string[]): never {
  return fail("There is no kernel for the guest", {
    detail: `${tried.join(". ")}. Where the packages are Debian's, what is missing is fetched but not installed, and needs nothing but apt's lists: as root, run apt-get update. Or install one: apt-get install ${PACKAGE}. Or name one: -kernel=FILE -modules=DIR, where DIR is as /lib/modules/VERSION.`,
  });
}

/**
 * Debian's kernel, whatever is installed.
 * @public scripts/guest.mjs takes it, in a bundle of its own
 */
export async function fetchKernel(host: GuestHost): Promise<Kernel | { readonly problem: string }> {
  const name = (await lookUpPackage(host, PACKAGE))?.needs.find((one) => /^linux-image-\d/.test(one));
  if (name === undefined) return { problem: `apt-cache knows no package ${PACKAGE}` };
  const unpacked = await unpackPackage(host, name);
  if ("problem" in unpacked) return unpacked;
  const tried: string[] = [];
  const kernel = await installedKernel(host, unpacked.tree, tried);
  return kernel ? { ...kernel, from: `the package ${name}` } : { problem: tried.join(". ") };
}

async function namedKernel(host: GuestHost, path: string, modules: string | undefined): Promise<Kernel> {
  const subject = `kernel ${path}`;
  const image = await host.ports.files.read(path).then(
    (read) => Buffer.from(read),
    (error: unknown) => fail("The kernel cannot be read", { subject, detail: `${reasonOf(error)}.`, cause: error }),
  );
  if (!isX86Kernel(image)) {
    fail("The kernel is none for this guest", {
      subject,
      detail: "It takes a kernel of 64-bit x86, as /boot/vmlinuz-VERSION is one, or unpacked as vmlinux.",
    });
  }
  // Those of an installed kernel are where they always are beside it.
  const usual = join(dirname(path), "../lib/modules", versionOf(path));
  const directory = await readModuleDirectory(host, modules ?? usual);
  if (modules !== undefined && directory === undefined) {
    fail("There are no kernel modules in the directory", {
      subject: `directory ${modules}`,
      detail: "It has no file modules.order that can be read. Name one as /lib/modules/VERSION.",
    });
  }
  return { image, modules: directory, from: path };
}

/** The running kernel before others, and later ones before earlier. What is passed over is told in `tried`. */
async function installedKernel(host: GuestHost, root: string, tried: string[]): Promise<Kernel | undefined> {
  const boot = join(root, "boot");
  const names = await host.ports.files.list(boot).catch(() => []);
  const running = (await readIfThere(host, "/proc/sys/kernel/osrelease"))?.toString().trim();
  const images = names
    .filter((name) => name.startsWith("vmlinuz-"))
    .toSorted((a, b) => Number(isOf(b, running)) - Number(isOf(a, running)) || later(a, b));
  for (const name of images) {
    const found = await readInstalled(host, join(boot, name), join(root, "lib/modules", versionOf(name)));
    if (!("problem" in found)) return found;
    tried.push(found.problem);
  }
  return undefined;
}

async function readInstalled(
  host: GuestHost,
  path: string,
  modules: string,
): Promise<Kernel | { readonly problem: string }> {
  let image: Buffer;
  try {
    image = Buffer.from(await host.ports.files.read(path));
  } catch (error) {
    return { problem: reasonOf(error) };
  }
  if (!isX86Kernel(image)) return { problem: `${path} is no kernel of 64-bit x86` };
  const directory = await readModuleDirectory(host, modules);
  if (!directory) return { problem: `${path} has no modules in ${modules}` };
  const missing = NETWORK.filter((one) => !hasModule(directory, one));
  if (missing.length > 0) return { problem: `${path} has no module ${missing.join(", ")}` };
  return { image, modules: directory, from: path };
}

function isOf(name: string, version: string | undefined): boolean {
  return versionOf(name) === version;
}

function versionOf(name: string): string {
  return basename(name).replace(/^vmlinuz-/, "");
}

function later(a: string, b: string): number {
  return b.localeCompare(a, "en", { numeric: true });
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
