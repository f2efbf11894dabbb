import { dirname, join } from "node:path";
import type { Files } from "../../src/core/ports.ts";

type Reading = Pick<Files, "readText" | "readLink">;

/**
 * Whose a process is that some lab of this account started, as `lab "pair" (workspace "blue", pid 4711)`: it works in its
 * run directory, beside which the registry has the lab's name. Undefined where it is no lab's.
 */
export async function labOfProcess(files: Reading, pid: string): Promise<string | undefined> {
  try {
    const directory = await files.readLink(`/proc/${pid}/cwd`);
    const text = await files.readText(join(dirname(directory), "lab.json"));
    const { name, workspace } = JSON.parse(text) as { readonly name?: unknown; readonly workspace?: unknown };
    if (typeof name !== "string" || typeof workspace !== "string") return undefined;
    return `lab "${name}" (workspace "${workspace}", pid ${pid})`;
  } catch {
    return undefined;
  }
}
