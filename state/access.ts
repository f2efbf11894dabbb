import { basename, dirname, join } from "node:path";
import { Failure, fail } from "../src/core/diagnostics.ts";
import type { Ports } from "../src/core/ports.ts";
import type { State } from "../src/core/state.ts";
import type { LoadedState, LoadOptions, OpenOptions, StateAccess, StateStore } from "../src/core/workspace.ts";
import { recordNamedFile } from "./backends/record.ts";
import { backendLayout, type Remote, type RemoteOptions, remoteOf, type Session } from "./backends/remote.ts";
import { makeDataDirectory } from "./dataDirectory.ts";
import { formatState, parseForeign } from "./document.ts";
import { examine } from "./examine.ts";
import { guarded, ifPresent, subjectOf } from "./failure.ts";
import { type Away, awayError, awayFrom, awayWarning, lostWarning, withoutLost } from "./host.ts";
import type { Layout } from "./layout.ts";
import { findLeftovers, removeLeftover } from "./leftovers.ts";
import { acquireLock, holderNow, unlock } from "./lock.ts";
import { type Recorded, readRecorded } from "./read.ts";
import { type RegisteredLab, readLab } from "./registryEntry.ts";
import { newRegistryPath } from "./registryPath.ts";
import { finishReleases } from "./release.ts";
import { directoriesOf, Store } from "./store.ts";
import { type RecordKeepers, upgradeRecorded, upgradeState } from "./upgrade.ts";

export interface AccessOptions extends RemoteOptions {
  /** The directory of labform's own programs. */
  readonly programs: string;
  /** Without them records are taken as they are. */
  readonly keepers?: RecordKeepers | undefined;
}

/** The state of one lab and workspace, on this host's disk or at a server. Touches nothing until it is asked. */
export function createStateAccess(options: AccessOptions): StateAccess {
  const { ports, labDirectory, workspace } = options;
  const layout = backendLayout(options);
  const remote = remoteOf(options, layout);
  return {
    address: remote?.backend.address,
    load: (request) => load(options, layout, remote, request),
    open: (request) => open(options, layout, remote, request),
    holder: () => holderNow(ports, layout),
    unlock: (id) => (remote ? remote.unlock(id) : unlock(ports, layout, id)),
    format: formatState,
    parse: (text, name) => parseGiven(text, name, options),
    leftovers: (currentLineage) => findLeftovers(ports, labDirectory, workspace, currentLineage),
    removeLeftover: (leftover) => removeLeftover(ports, leftover),
    examine: (lab) => examine(ports, layout, labDirectory, lab),
  };
}

async function load(
  options: AccessOptions,
  layout: Layout,
  remote: Remote | undefined,
  { lostHost, copy }: LoadOptions = {},
): Promise<LoadedState> {
  const read = () => readRecorded(options.ports, layout, options.labformVersion);
  const aligned = remote && !copy ? await remote.mirror.current(read) : await read();
  const state = upgradeState(aligned.state, options.keepers, options.labformVersion);
  const { host } = options.ports;
  const away = awayFrom(state, host);
  // Another host's registry means nothing here.
  if (!away) await requireOwnState(options, layout, state);
  const directories = directoriesOf(options, layout, state.registry);
  if (lostHost !== undefined) {
    const left = withoutLost(state, lostHost, away, host);
    return { state: left, directories: { ...directories, run: "" }, warnings: [lostWarning(lostHost, state)] };
  }
  if (!away) return { state, directories };
  return { state, directories, away: awayError(away), warnings: [awayWarning(away)] };
}

async function open(
  options: AccessOptions,
  layout: Layout,
  remote: Remote | undefined,
  request: OpenOptions,
): Promise<StateStore> {
  const { ports } = options;
  await makeDataDirectory(ports, layout);
  const lock = await acquireLock(ports, layout, request);
  let session: Session | undefined;
  try {
    await requireUndeleted(ports, layout);
    await recordNamedFile(ports, layout, options.backend);
    await removeTemporaries(ports, layout);
    const local = await readRecorded(ports, layout, options.labformVersion);
    session = remote && (await remote.open(request));
    const aligned = session ? await session.align(local) : local;
    const away = awayFrom(aligned.state, ports.host);
    if (away && request.lostHost === undefined) throw new Failure(awayError(away));
    const current = upgradeRecorded(aligned, options.keepers, options.labformVersion);
    const recorded = forgetting(current, request, away, ports);
    await requireOwnState(options, layout, recorded.state);
    await finishReleases(ports, layout, recorded.state);
    return new Store(options, layout, lock, { ...recorded, state: await identified(ports, recorded) }, session);
  } catch (error) {
    await session?.release();
    await lock.release();
    throw error;
  }
}

/** Without what the host that is lost had; that it is gone is on disk as soon as something is done. */
function forgetting(recorded: Recorded, { lostHost }: OpenOptions, away: Away | undefined, { host }: Ports): Recorded {
  if (lostHost === undefined) return recorded;
  const { state } = recorded;
  return { ...recorded, state: withoutLost(state, lostHost, away, host), lost: lostWarning(lostHost, state) };
}

/** `workspace delete` takes the directory away with its lock in it, which another may be waiting for. */
async function requireUndeleted(ports: Ports, layout: Layout): Promise<void> {
  const place = { role: "lock", path: layout.lock };
  if (await guarded("lock the lab", place, () => ifPresent(ports.files.stat(layout.lock)))) return;
  fail(`Workspace "${basename(layout.workspace)}" was deleted meanwhile`, {
    subject: subjectOf(place),
    detail: "Another labform deleted it while this one waited for its lock. Run the command again to make it anew.",
  });
}

function parseGiven(text: string, name: string, { labformVersion, keepers }: AccessOptions): State {
  const words = { what: "The given state", advice: "Give a document as `labform state pull` prints it." };
  return upgradeState(
    parseForeign(text, { role: "state", path: name }, labformVersion, words),
    keepers,
    labformVersion,
  );
}

/**
 * A state belongs to one directory. A copy of `.labform`, or one LABFORM_DATA_DIR for two labs, would have the one lab
 * destroy what the other runs. A directory that was moved is gone from its old place.
 */
async function requireOwnState(
  { ports, labDirectory, workspace, backend }: AccessOptions,
  layout: Layout,
  state: State,
): Promise<void> {
  if (state.registry === "") return;
  const lab = await readLab(ports, state.registry);
  if (!lab || lab.lineage !== state.lineage) return;
  if (lab.directory === labDirectory) return await requireOwnWorkspace(ports, workspace, lab, layout);
  if (!(await ifPresent(ports.files.stat(lab.directory)))) return;
  fail("The state found here is that of another lab", {
    subject: `state ${layout.checkpoint}`,
    detail:
      backend?.type === "http"
        ? `The state at the server belongs to the lab in ${lab.directory}, on this host: run the command there, or give this lab an address of its own.`
        : `It belongs to the lab in ${lab.directory}. Either .labform was copied from there (then remove the copy, which is only a record), or LABFORM_DATA_DIR names one place for both (then give each its own).`,
  });
}

/** And to one workspace: a copy beside the original is refused, a directory that was renamed is not. */
async function requireOwnWorkspace(ports: Ports, workspace: string, lab: RegisteredLab, layout: Layout): Promise<void> {
  if (lab.workspace === workspace) return;
  const { state: original } = lab;
  if (!(await ifPresent(ports.files.stat(original)))) return;
  fail(`The state of workspace "${workspace}" is that of workspace "${lab.workspace}"`, {
    subject: `state ${layout.checkpoint}`,
    detail: `Its directory was copied from ${dirname(original)}. Remove the copy, which is only a record: what runs belongs to "${lab.workspace}".`,
  });
}

/** What a kill left half-written. */
async function removeTemporaries(ports: Ports, layout: Layout): Promise<void> {
  const place = { role: "data directory", path: layout.workspace };
  await guarded("tidy up the data directory", place, async () => {
    const written = [layout.checkpoint, layout.releasing, layout.server, layout.serverLock];
    for (const directory of new Set(written.map(dirname))) {
      const ours = new Set(written.filter((path) => dirname(path) === directory).map((path) => basename(path)));
      const nameOf = (name: string) => /^\.(.*)\.[0-9a-f]+\.tmp$/.exec(name)?.[1] ?? "";
      const temporary = (await ports.files.list(directory)).filter((name) => ours.has(nameOf(name)));
      await Promise.all(temporary.map((name) => ports.files.remove(join(directory, name))));
    }
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
