import { join } from "node:path";
import { errorDiagnostic, Failure, fail } from "../src/core/diagnostics.ts";
import type { Ports } from "../src/core/ports.ts";
import { shellWord } from "../src/core/shellWord.ts";
import type { State } from "../src/core/state.ts";
import { DEFAULT_WORKSPACE } from "../src/core/workspace.ts";
import { isWorkspaceName, type Workspaces } from "../src/core/workspaces.ts";
import { makeDataDirectory } from "./dataDirectory.ts";
import { guarded, ifPresent, subjectOf } from "./failure.ts";
import { areAllGone, type KnownProcess, knownOf, livingOf } from "./knownProcesses.ts";
import { type Layout, layoutOf } from "./layout.ts";
import { type Entry, registeredLabs } from "./registeredLabs.ts";
import { readKnown, removeEntry } from "./registryEntry.ts";

interface Options {
  readonly ports: Ports;
  /** Absolute. */
  readonly labDirectory: string;
  readonly dataDirectory?: string | undefined;
}

/** The workspaces of a lab: the directories in its data directory. Touches nothing until it is asked. */
export function createWorkspaces({ ports, labDirectory, dataDirectory }: Options): Workspaces {
  const layout = (name: string) => layoutOf(labDirectory, name, dataDirectory);
  const { selection } = layout(DEFAULT_WORKSPACE);
  const place = { role: "selected workspace", path: selection };
  const entriesOf = async (name?: string) =>
    (await registeredLabs(ports)).filter(
      (one) => one.directory === labDirectory && (name === undefined || one.workspace === name),
    );
  return {
    selection,
    selected: () =>
      guarded("read which workspace is selected", place, async () => {
        const text = (await ifPresent(ports.files.readText(selection)))?.trim();
        return text || undefined;
      }),
    async select(name) {
      await makeDataDirectory(ports, layout(name));
      await guarded("record which workspace is selected", place, () => ports.files.writeAtomic(selection, name, 0o600));
    },
    async list() {
      const names = new Set(await workspaceDirectories(ports, layout(DEFAULT_WORKSPACE)));
      for (const entry of await entriesOf()) {
        if (!names.has(entry.workspace) && (await isAlive(ports, entry))) names.add(entry.workspace);
      }
      names.delete(DEFAULT_WORKSPACE);
      return [DEFAULT_WORKSPACE, ...[...names].sort()];
    },
    async exists(name) {
      if (name === DEFAULT_WORKSPACE || (await isDirectory(ports, layout(name).workspace))) return true;
      for (const entry of await entriesOf(name)) if (await isAlive(ports, entry)) return true;
      return false;
    },
    make: (name) => makeDataDirectory(ports, layout(name)),
    captures: (name) => captureFiles(ports, layout(name)),
    remove: async (name, recorded) => remove(ports, layout(name), await entriesOf(name), { name, recorded }),
  };
}

/** The names of those that have a directory. */
export async function workspaceDirectories(ports: Ports, { data }: Layout): Promise<readonly string[]> {
  const place = { role: "data directory", path: data };
  return await guarded("list the workspaces", place, async () => {
    const found: string[] = [];
    for (const name of (await ifPresent(ports.files.list(data))) ?? []) {
      if (isWorkspaceName(name) && (await isDirectory(ports, join(data, name)))) found.push(name);
    }
    return found;
  });
}

async function isDirectory(ports: Ports, path: string): Promise<boolean> {
  const place = { role: "workspace", path };
  const stat = await guarded("look at the workspace", place, () => ifPresent(ports.files.stat(path)));
  return stat?.kind === "directory";
}

async function isAlive(ports: Ports, { registry }: Entry): Promise<boolean> {
  return !areAllGone(ports, await known(ports, registry));
}

function known(ports: Ports, registry: string): Promise<readonly KnownProcess[]> {
  return guarded("read the registry", { role: "registry entry", path: registry }, () => readKnown(ports, registry));
}

async function captureFiles(ports: Ports, layout: Layout): Promise<readonly string[]> {
  const path = join(layout.workspace, "captures");
  const names = await guarded("list the captures", { role: "captures", path }, () => ifPresent(ports.files.list(path)));
  return [...(names ?? [])].sort();
}

interface Removal {
  readonly name: string;
  readonly recorded: State;
}

/** The registry goes first: as long as the workspace's directory is there, a removal that was cut short is done again. */
async function remove(ports: Ports, layout: Layout, entries: readonly Entry[], removal: Removal): Promise<void> {
  const { name, recorded } = removal;
  const all = [...recorded.instances.values()].flatMap(knownOf);
  for (const { registry } of entries) all.push(...(await known(ports, registry)));
  const subject = subjectOf({ role: "workspace", path: layout.workspace });
  const living = livingOf(ports, all);
  if (living.length > 0) {
    const lines = living.map(({ address, identity }) => `  ${address || "a process"} (pid ${identity.pid})\n`).join("");
    throw new Failure(
      errorDiagnostic(`Workspace "${name}" still runs`, {
        subject,
        detail: `Without its state nobody would know of what runs, so not even -force deletes it:\n${lines}End it with \`labform -workspace=${shellWord(name)} destroy\`.`,
      }),
    );
  }
  if (!areAllGone(ports, all)) {
    fail(`Whether workspace "${name}" still runs cannot be seen from here`, {
      subject,
      detail: `Some of its processes are of another pid namespace, a container say. Run \`labform -workspace=${shellWord(name)} destroy\` there.`,
    });
  }
  for (const { registry } of entries) {
    const place = { role: "registry entry", path: registry };
    await guarded("remove the workspace's registry entry", place, () => removeEntry(ports, registry));
  }
  const place = { role: "workspace", path: layout.workspace };
  await guarded("remove the workspace", place, () => ports.files.remove(layout.workspace));
}
