import { join } from "node:path";
import type { RunResult } from "../../../src/core/ports.ts";
import type { GuestHost } from "./host.ts";

/** Downloading a kernel takes that long where the network is slow. */
const DOWNLOAD_MS = 900_000;
const QUESTION_MS = 180_000;

export type Unpacked = { readonly tree: string } | { readonly problem: string };

/**
 * A Debian package, fetched and unpacked into a directory of its own below `scratch`: nothing is installed, so no right is
 * needed. apt-get compares what it fetched with the signed lists.
 */
export async function unpackPackage(host: GuestHost, name: string): Promise<Unpacked> {
  const { files } = host.ports;
  const place = join(host.scratch, name);
  const tree = join(place, "tree");
  await files.makeDirectory(place);
  host.tell(`Fetching the Debian package ${name}, which is not installed into this system`);
  const fetched = await run(host, "apt-get", ["-qq", "download", name], DOWNLOAD_MS, place);
  if ("problem" in fetched) return fetched;
  const file = (await files.list(place)).find((one) => one.endsWith(".deb"));
  if (file === undefined) return { problem: `apt-get download ${name} brought no package` };
  const unpacked = await run(host, "dpkg-deb", ["--extract", join(place, file), tree], DOWNLOAD_MS);
  if ("problem" in unpacked) return unpacked;
  await files.remove(join(place, file));
  return { tree };
}

export interface Offered {
  /** Of the package that would be fetched. */
  readonly version: string;
  /** The names of the packages it needs. */
  readonly needs: readonly string[];
}

/** What apt's lists say of a package, without the network; undefined where they have none of that name. */
export async function lookUpPackage(host: GuestHost, name: string): Promise<Offered | undefined> {
  const said = await run(host, "apt-cache", ["show", "--no-all-versions", name], QUESTION_MS);
  if ("problem" in said) return undefined;
  const [, version] = /^Version: (\S+)$/m.exec(said.stdout) ?? [];
  if (version === undefined) return undefined;
  const [, needs = ""] = /^Depends: (.*)$/m.exec(said.stdout) ?? [];
  return { version, needs: needs.split(/,\s*/).map((one) => one.replace(/[ (:].*$/, "")) };
}

async function run(
  host: GuestHost,
  name: string,
  args: readonly string[],
  timeoutMs: number,
  directory?: string,
): Promise<RunResult | { readonly problem: string }> {
  const { processes } = host.ports;
  const program = await processes.find(name);
  if (program === undefined) return { problem: `this system has no ${name} to fetch packages with` };
  const result = await processes.run(program, args, {
    timeoutMs,
    ...(directory === undefined ? {} : { directory }),
    ...(host.signal === undefined ? {} : { signal: host.signal }),
  });
  host.signal?.throwIfAborted();
  if (result.exitCode === 0) return result;
  const [why = "it was ended"] = result.stderr.split("\n").filter((line) => /^(?:E:|dpkg)/.test(line));
  return { problem: `${[name, ...args].join(" ")} failed: ${why}` };
}
