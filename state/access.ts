import { dirname, join } from "node:path";
import { fail } from "../src/core/diagnostics.ts";
import type { Ports } from "../src/core/ports.ts";
import type { State } from "../src/core/state.ts";
import type { LoadedState, OpenOptions, StateAccess, StateStore } from "../src/core/workspace.ts";
import { formatState, parseState } from "./document.ts";
import { examine } from "./examine.ts";
import { guarded, ifPresent } from "./failure.ts";
import { type Layout, layoutOf } from "./layout.ts";
import { findLeftovers, removeLeftover } from "./leftovers.ts";
import { acquireLock, holderNow, unlock } from "./lock.ts";
import { type Recorded, readRecorded } from "./read.ts";
import { readLab } from "./registryEntry.ts";
import { newRegistryPath } from "./registryPath.ts";
import { finishReleases } from "./release.ts";
import { directoriesOf, Store } from "./store.ts";

export interface AccessOptions {
  readonly ports: Ports;
  /** Absolute. */
  readonly labDirectory: string;
  readonly workspace: string;
  /** The directory of labform's own programs. */
  readonly programs: string;
  readonly labformVersion: string;
  /** What LABFORM_DATA_DIR says; instead of `.labform` in the lab directory. */
  readonly dataDirectory?: string | undefined;
}

/** The state of one lab and workspace on this host's disk. Touches nothing until it is asked. */
export function createStateAccess(options: AccessOptions): StateAccess {
  const { ports, labDirectory, workspace } = options;
  const layout = layoutOf(labDirectory, workspace, options.dataDirectory);
  return {
    load: () => load(options, layout),
    open: (request) => open(options, layout, request),
    holder: () => holderNow(ports, layout),
    unlock: (id) => unlock(ports, layout, id),
    format: formatState,
    parse: (text, name) => parseGiven(text, name, options.labformVersion),
    leftovers: (currentLineage) => findLeftovers(ports, labDirectory, workspace, currentLineage),
    removeLeftover: (leftover) => removeLeftover(ports, leftover),
    examine: (lab) => examine(ports, layout, labDirectory, lab),
  };
}

async function load(options: AccessOptions, layout: Layout): Promise<LoadedState> {
  const { state } = await readRecorded(options.ports, layout, options.labformVersion);
  await requireOwnState(options, layout, state);
  return { state, directories: directoriesOf(options, layout, state.registry) };
}

async function open(options: AccessOptions, layout: Layout, request: OpenOptions): Promise<StateStore> {
  const { ports } = options;
  await makeDataDirectory(ports, layout);
  const lock = await acquireLock(ports, layout, request);
  try {
    await removeTemporaries(ports, layout);
    const recorded = await readRecorded(ports, layout, options.labformVersion);
    await requireOwnState(options, layout, recorded.state);
    await finishReleases(ports, layout, recorded.state);
    return new Store(options, layout, lock, { ...recorded, state: await identified(ports, recorded) });
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** A lineage names the registry's entry, so it must be no path. */
function parseGiven(text: string, name: string, labformVersion: string): State {
  const advice = "Give a document as `labform state pull` prints it.";
  const state = parseState(text, { role: "state", path: name }, labformVersion, { what: "The given state", advice });
  if (/^[\w-]*$/.test(state.lineage)) return state;
  return fail("The given state has no lineage of labform's", {
    subject: `state ${name}`,
    detail: `${JSON.stringify(state.lineage)} should be letters, digits and dashes. ${advice}`,
  });
}

/**
 * A state belongs to one directory. A copy of `.labform`, or one LABFORM_DATA_DIR for two labs, would have the one lab
 * destroy what the other runs. A directory that was moved is gone from its old place.
 */
async function requireOwnState({ ports, labDirectory }: AccessOptions, layout: Layout, state: State): Promise<void> {
  if (state.registry === "") return;
  const lab = await readLab(ports, state.registry);
  if (!lab || lab.lineage !== state.lineage || lab.directory === labDirectory) return;
  if (!(await ifPresent(ports.files.stat(lab.directory)))) return;
  fail("The state found here is that of another lab", {
    subject: `state ${layout.checkpoint}`,
    detail: `It belongs to the lab in ${lab.directory}. Either .labform was copied from there (then remove the copy, which is only a record), or LABFORM_DATA_DIR names one place for both (then give each its own).`,
  });
}

/** With the file that keeps all of it out of git: from here on there is something to keep out. */
async function makeDataDirectory(ports: Ports, layout: Layout): Promise<void> {
  const place = { role: "data directory", path: layout.data };
  await guarded("make the data directory", place, async () => {
    await ports.files.makeDirectory(layout.workspace);
    const ignored = await ifPresent(ports.files.lstat(layout.gitignore));
    if (ignored) return;
    // The state that is synced in it later must not be lost with its directory.
    await ports.files.syncDirectory(layout.data);
    await ports.files.syncDirectory(dirname(layout.data));
    await ports.files.write(layout.gitignore, "*\n", 0o600);
  });
}

/** What a kill left half-written. */
async function removeTemporaries(ports: Ports, layout: Layout): Promise<void> {
  const place = { role: "data directory", path: layout.workspace };
  await guarded("tidy up the data directory", place, async () => {
    const names = await ports.files.list(layout.workspace);
    const temporary = names.filter((name) => /^\.(?:state|releasing)\.json\.[0-9a-f]+\.tmp$/.test(name));
    await Promise.all(temporary.map((name) => ports.files.remove(join(layout.workspace, name))));
  });
}

/**
 * With a lineage, and with a registry path. A recorded path is kept for as long as its entry is there or an instance's
 * sockets may be in it; without either the entry may move with the account's directories.
 */
async function identified(ports: Ports, { state }: Recorded): Promise<State> {
  const lineage = state.lineage || ports.random.uuid();
  const keeps =
    state.registry !== "" &&
    (state.instances.size > 0 || (await ifPresent(ports.files.lstat(state.registry)).catch(() => undefined)));
  return { ...state, lineage, registry: keeps ? state.registry : newRegistryPath(ports.host, lineage) };
}
