import { join } from "node:path";
import { fail } from "../../../src/core/diagnostics.ts";
import { isStatic, isX86Elf } from "./elf.ts";
import type { GuestHost } from "./host.ts";
import { readIfThere } from "./host.ts";
import { lookUpPackage, unpackPackage } from "./packages.ts";
import type { Part } from "./part.ts";
import { digestOf } from "./part.ts";

/** Debian's, Alpine's. */
const NAMES = ["busybox", "busybox.static", "busybox-static"];
const PACKAGE = "busybox-static";

export interface Busybox {
  readonly program: Buffer;
  /** For the user: a path, or a package. */
  readonly from: string;
}

/**
 * The one that was named, one that is installed, or Debian's, which is fetched when it is taken. Rejects with a `Failure`
 * that says what to do.
 */
export async function findBusybox(host: GuestHost, given: string | undefined): Promise<Part<Busybox>> {
  if (given !== undefined) return partOf(await namedBusybox(host, given));
  const found = await Promise.all(NAMES.map((name) => host.ports.processes.find(name)));
  const tried: string[] = [];
  for (const path of new Set([...found, "/bin/busybox", "/usr/bin/busybox"])) {
    const program = path === undefined ? undefined : await readIfThere(host, path);
    if (path === undefined || program === undefined) continue;
    const problem = problemOf(program);
    if (problem === undefined) return partOf({ program, from: path });
    tried.push(`${path} ${problem}`);
  }
  const offered = await lookUpPackage(host, PACKAGE);
  return { identity: offered && `${PACKAGE} ${offered.version}`, take: () => fetchBusybox(host, tried) };
}

function partOf(busybox: Busybox): Part<Busybox> {
  return { identity: digestOf(busybox.program), take: async () => busybox };
}

async function fetchBusybox(host: GuestHost, passedOver: readonly string[]): Promise<Busybox> {
  const tried = [...passedOver];
  const unpacked = await unpackPackage(host, PACKAGE);
  if ("problem" in unpacked) tried.push(unpacked.problem);
  else {
    for (const path of ["bin/busybox", "usr/bin/busybox"]) {
      const program = await readIfThere(host, join(unpacked.tree, path));
      if (program !== undefined && problemOf(program) === undefined) {
        return { program, from: `the package ${PACKAGE}` };
      }
    }
    tried.push(`the package ${PACKAGE} has no static busybox for x86-64`);
  }
  return fail("There is no static busybox for the guest", {
    detail: `${tried.join(". ")}. Where the packages are Debian's, it is fetched but not installed, and needs nothing but apt's lists: as root, run apt-get update. Or install it: apt-get install ${PACKAGE}. Or name one: -busybox=FILE.`,
  });
}

async function namedBusybox(host: GuestHost, path: string): Promise<Busybox> {
  const subject = `busybox ${path}`;
  const program = await readIfThere(host, path);
  if (program === undefined)
    return fail("busybox cannot be read", { subject, detail: "There is no such file to read." });
  const problem = problemOf(program);
  if (problem !== undefined) {
    fail("This busybox cannot run in the guest", {
      subject,
      detail: `It ${problem}; the guest has nothing but this one program. Debian's is in the package ${PACKAGE}.`,
    });
  }
  return { program, from: path };
}

function problemOf(program: Buffer): string | undefined {
  if (!isX86Elf(program)) return "is no program for x86-64";
  return isStatic(program) ? undefined : "needs libraries";
}
