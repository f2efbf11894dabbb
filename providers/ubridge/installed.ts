import { isAbsolute, resolve } from "node:path";
import type { Ports } from "../../src/core/ports.ts";

/** An installed uBridge. */
export interface Installed {
  /** Absolute. */
  readonly path: string;
  /** `0.9.19` */
  readonly version: string;
  /** The option that takes the path of a Unix control socket, where it has one: `-U`. */
  readonly socketOption: string | undefined;
}

export type Found = Installed | { readonly problem: string };

/** Looks for uBridge: at `configured`, or on PATH. Undefined when there is none and none was named. */
export async function findUbridge(
  ports: Ports,
  labDirectory: string,
  configured: string | null,
): Promise<Found | undefined> {
  const named = configured ?? "ubridge";
  const path = named.includes("/")
    ? isAbsolute(named)
      ? named
      : resolve(labDirectory, named)
    : await ports.processes.find(named);
  if (path === undefined) return configured === null ? undefined : { problem: `there is no ${named} on PATH` };
  try {
    await ports.files.access(path, "execute");
    return await ask(ports, path);
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === "ENOENT") return { problem: `there is no file ${path}` };
    if (code === "EACCES") return { problem: `${path} may not be executed by this account` };
    return { problem: `${path} cannot be executed (${code ?? String(error)})` };
  }
}

async function ask(ports: Ports, path: string): Promise<Found> {
  const { stdout } = await ports.processes.run(path, ["-v"], { timeoutMs: 5000 });
  const version = /version (\d+\.\d+(?:\.\d+)?)/.exec(stdout)?.[1];
  if (version === undefined) return { problem: `${path} does not say its version, so it is no uBridge` };
  if (version.startsWith("0.")) return { path, version, socketOption: undefined };
  const help = await ports.processes.run(path, ["-h"], { timeoutMs: 5000 });
  return { path, version, socketOption: socketOptionOf(help.stdout) };
}

/** Reads the option for a Unix control socket off the help text: `  -U <path>  : … Unix … socket`. */
export function socketOptionOf(help: string): string | undefined {
  for (const line of help.split("\n")) {
    const option = /^\s*(-{1,2}[A-Za-z][\w-]*)[ =]<[^>:]*(?:path|socket|file)[^>:]*>\s/.exec(line);
    if (option && /\bunix\b/i.test(line)) return option[1];
  }
  return undefined;
}
