import { dirname, join } from "node:path";
import type {
  BackendChange,
  BackendConfig,
  BackendSettings,
  DeclaredBackend,
  InitRequest,
  InitResult,
  ResolvedBackend,
} from "../../src/core/backend.ts";
import { fail } from "../../src/core/diagnostics.ts";
import type { FileLock } from "../../src/core/ports.ts";
import { shellWord } from "../../src/core/shellWord.ts";
import type { State } from "../../src/core/state.ts";
import { DEFAULT_WORKSPACE } from "../../src/core/workspace.ts";
import { makeDataDirectory } from "../dataDirectory.ts";
import { formatState } from "../document.ts";
import { guarded, ifPresent } from "../failure.ts";
import { JournalFile } from "../journalFile.ts";
import { type Layout, layoutOf } from "../layout.ts";
import { acquireLock } from "../lock.ts";
import { type Recorded, readRecorded } from "../read.ts";
import { moveState } from "../registryEntry.ts";
import { workspaceDirectories } from "../workspaces.ts";
import {
  describe,
  givenBefore,
  isSamePlace,
  LOCAL,
  readBackendRecord,
  resolveBackend,
  writeBackendRecord,
} from "./record.ts";
import { backendLayout, type Remote, type RemoteOptions, remoteOf, type Session } from "./remote.ts";

/**
 * From where to where `init` takes the state, by what is recorded and what is declared now. `given` stands for all that
 * was given before; without it that counts still.
 */
export async function prepareBackend(
  options: RemoteOptions,
  declared: DeclaredBackend | null,
  given: BackendSettings | undefined,
): Promise<BackendChange> {
  const { ports } = options;
  const layout = layoutOf(options.labDirectory, options.workspace, options.dataDirectory);
  const recorded = await readBackendRecord(ports, layout);
  const { environment } = ports.host;
  const { type, settings } = declared ?? LOCAL;
  const remembered = recorded?.type === type ? givenBefore(recorded) : {};
  const to = resolveBackend(type, settings, given ?? remembered, environment, recorded);
  // With the secrets of now: those of then were never written down.
  const from = recorded ? resolveBackend(recorded.type, undefined, {}, environment, recorded) : LOCAL;
  const change = new Change(options, layout, from, to);
  const kind = isSamePlace(from, to) ? "same" : recorded ? "changed" : "new";
  return {
    from: describe(from),
    to: describe(to),
    type,
    kind: recorded === undefined && type === "http" ? "new" : kind,
    locks: to.type === "local" || (change.to.remote?.backend.locks ?? false),
    run: (mode, request) => change.run(mode, request),
  };
}

interface Place {
  readonly config: BackendConfig;
  readonly layout: Layout;
  readonly remote: Remote | undefined;
}

class Change {
  readonly to: Place;
  readonly #from: Place;
  readonly #options: RemoteOptions;
  /** Without a path of its own: where a server's copy is. */
  readonly #layout: Layout;
  readonly #wanted: ResolvedBackend;
  readonly #backups: string[] = [];

  constructor(options: RemoteOptions, layout: Layout, from: BackendConfig, to: ResolvedBackend) {
    this.#options = options;
    this.#layout = layout;
    this.#wanted = to;
    this.to = this.#place(to);
    // One that cannot be reached any more can still be left behind.
    this.#from = isSamePlace(from, to) ? this.to : this.#place(from);
  }

  #place(config: BackendConfig): Place {
    const options = { ...this.#options, backend: config };
    const layout = backendLayout(options);
    return { config, layout, remote: remoteOf(options, layout) };
  }

  async run(mode: "keep" | "migrate" | "reconfigure", request: InitRequest): Promise<InitResult | undefined> {
    const { ports } = this.#options;
    if (this.#wanted.type === "http" && this.#from.config.type !== "http") await this.#refuseOtherWorkspaces();
    const locks: FileLock[] = [];
    const sessions: Session[] = [];
    const open = async ({ remote }: Place) => {
      const session = remote && (await remote.open(request));
      if (session) sessions.push(session);
      return session;
    };
    try {
      // A state in a file of its own has its lock there, and a run may have that one only.
      const layouts = [this.#layout, this.#from.layout, this.to.layout];
      for (const [at, layout] of layouts.entries()) {
        if (layouts.findIndex(({ lock }) => lock === layout.lock) < at) continue;
        await makeDataDirectory(ports, layout);
        locks.push(await acquireLock(ports, layout, request));
      }
      if (mode === "keep") return await this.#keep(open);
      if (mode === "reconfigure") return await this.#reconfigure(open);
      return await this.#migrate(open, request);
    } finally {
      for (const session of sessions.reverse()) await session.release();
      for (const lock of locks.reverse()) await lock.release();
    }
  }

  /** A server has one state: what the others have would be out of reach, and run on. */
  async #refuseOtherWorkspaces(): Promise<void> {
    const { ports, labDirectory, dataDirectory, labformVersion } = this.#options;
    for (const name of await workspaceDirectories(ports, this.#layout)) {
      if (name === DEFAULT_WORKSPACE) continue;
      const layout = layoutOf(labDirectory, name, dataDirectory);
      const { state } = await readRecorded(ports, layout, labformVersion);
      if (state.instances.size === 0) continue;
      fail(`A server has no room for workspace "${name}"`, {
        subject: `state ${layout.checkpoint}`,
        detail: `The backend http keeps one state, that of the workspace default, and the state of workspace "${name}" has ${state.instances.size} instances that could not be reached any more. Nothing was changed. Before you go to the server, take the backend block out and run: labform -workspace=${shellWord(name)} destroy.`,
      });
    }
  }

  async #keep(open: (place: Place) => Promise<Session | undefined>): Promise<InitResult> {
    const session = await open(this.to);
    await session?.align(await this.#recorded(this.to));
    await this.#note();
    return { backups: [], forgotten: 0 };
  }

  async #reconfigure(open: (place: Place) => Promise<Session | undefined>): Promise<InitResult> {
    const session = await open(this.to);
    // That the server can be reached, and has a state or none, is found out before anything is put away.
    await this.to.remote?.mirror.read();
    const left = await this.#putAside();
    const now = session ? await session.align(await this.#recorded(this.to)) : await this.#recorded(this.to);
    await this.#note();
    const kept = new Set([...now.state.instances.values()].map(({ id }) => id));
    const forgotten = [...(left?.instances.values() ?? [])].filter(({ id }) => !kept.has(id)).length;
    return { backups: this.#backups, forgotten };
  }

  /** This host's copy becomes a backup; without it the next reading takes what the backend has. */
  async #putAside(): Promise<State | undefined> {
    const { layout } = this.#from;
    await this.#from.remote?.mirror.forget();
    // A file with a name of its own is its user's, and of no account once it is not named any more.
    if (layout.checkpoint !== this.#layout.checkpoint) return undefined;
    const { state, hasCheckpoint, hasJournal } = await this.#recorded(this.#from);
    if (!hasCheckpoint && !hasJournal) return undefined;
    await this.#backUp(state);
    await this.#cut(layout);
    await this.#guarded(() => this.#options.ports.files.remove(layout.checkpoint));
    return state;
  }

  async #migrate(
    open: (place: Place) => Promise<Session | undefined>,
    request: InitRequest,
  ): Promise<InitResult | undefined> {
    const leaving = await open(this.#from);
    const { state } = leaving ? await leaving.align(await this.#recorded(this.#from)) : await this.#folded();
    const entering = await open(this.to);
    const there = await this.#there();
    const isNothing = state.serial === 0 && state.instances.size === 0;
    const copy = isNothing || isSame(state, there) ? undefined : raised(state, there);
    if (copy) {
      if (!(await request.confirm(this.#question(copy, there)))) return undefined;
      await this.#backUp(state);
      if (there) await this.#backUp(there);
    }
    const counted = copy ?? there ?? state;
    await this.#enter(counted, entering, copy !== undefined);
    await this.#note();
    return {
      copied: copy && { serial: copy.serial, instances: copy.instances.size },
      backups: this.#backups,
      forgotten: 0,
    };
  }

  /** The local state that is left, with what a killed command has in its journal. */
  async #folded(): Promise<Recorded> {
    const { layout } = this.#from;
    const recorded = await this.#recorded(this.#from);
    if (!recorded.hasJournal) return recorded;
    const text = formatState(recorded.state);
    await this.#guarded(() => this.#options.ports.files.writeAtomic(layout.checkpoint, text, 0o600));
    await this.#cut(layout);
    return recorded;
  }

  /** What the new place has already; undefined for nothing. */
  async #there(): Promise<State | undefined> {
    const { remote, layout } = this.to;
    if (remote) return await remote.mirror.read();
    // This host's copy of what is at a server is not a state of its own.
    if (layout.checkpoint === this.#from.layout.checkpoint) return undefined;
    const found = await this.#recorded(this.to);
    return found.hasCheckpoint ? found.state : undefined;
  }

  /** Only the new place counts afterwards; the record of the backend is written when this is done. */
  async #enter(state: State, session: Session | undefined, isCopy: boolean): Promise<void> {
    const { layout, remote } = this.to;
    const { files } = this.#options.ports;
    if (state.serial > 0) {
      await this.#guarded(async () => {
        await files.makeDirectory(dirname(layout.checkpoint));
        await files.writeAtomic(layout.checkpoint, formatState(state), 0o600);
      });
      // What is in it belongs to what was there before, which is in a backup.
      await this.#cut(layout);
    }
    await moveState(this.#options.ports, state.registry, state.lineage, layout.checkpoint);
    if (remote && session) {
      if (isCopy) await session.overwrite(state);
      else await session.align(await this.#recorded(this.to));
    }
    if (!remote) await this.#from.remote?.mirror.forget();
    if (
      this.#from.layout.checkpoint !== layout.checkpoint &&
      this.#from.layout.checkpoint === this.#layout.checkpoint
    ) {
      await this.#guarded(() => files.remove(this.#layout.checkpoint));
    }
  }

  #question(copy: State, there: State | undefined): string {
    const what = `the state (serial ${copy.serial}, ${copy.instances.size} instances)`;
    const way = `from ${describe(this.#from.config)} to ${describe(this.to.config)}`;
    if (!there || (there.serial === 0 && there.instances.size === 0)) return `Do you want to copy ${what} ${way}?`;
    const has = `serial ${there.serial}, ${there.instances.size} instances`;
    if (there.lineage !== copy.lineage) {
      return `There is the state of ANOTHER lab already (lineage ${there.lineage}, ${has}). Do you want to replace it by ${what}, ${way}? What it has is then known to a backup on this host only.`;
    }
    return `There is a state of this lab already (${has}). Do you want to replace it by ${what}, ${way}?`;
  }

  async #backUp(state: State): Promise<void> {
    const { clock, files } = this.#options.ports;
    const time = new Date(clock.now()).toISOString().replaceAll(/[:.]/g, "-");
    const name = `state-${state.serial}-${time}.backup.json`;
    const path = join(this.#layout.workspace, name);
    await this.#guarded(async () => {
      const taken = await ifPresent(files.lstat(path));
      const free = taken ? path.replace(".backup", `-${state.lineage.slice(0, 8)}.backup`) : path;
      await files.writeAtomic(free, formatState(state), 0o600);
      this.#backups.push(free);
    });
  }

  /** Its records are in the state that was read, which is written elsewhere by now or backed up. */
  async #cut(layout: Layout): Promise<void> {
    if (!(await ifPresent(this.#options.ports.files.lstat(layout.journal)))) return;
    const journal = new JournalFile(this.#options.ports, layout.journal);
    await journal.cut();
    await journal.close();
  }

  async #note(): Promise<void> {
    const { type, recorded } = this.#wanted;
    const isPlain = type === "local" && isSamePlace(this.#wanted, LOCAL);
    await writeBackendRecord(this.#options.ports, this.#layout, isPlain ? undefined : recorded);
  }

  #recorded({ layout }: Place): Promise<Recorded> {
    return readRecorded(this.#options.ports, layout, this.#options.labformVersion);
  }

  #guarded<T>(work: () => Promise<T>): Promise<T> {
    return guarded("move the state", { role: "data directory", path: this.#layout.workspace }, work);
  }
}

function isSame(one: State, other: State | undefined): boolean {
  return (
    other !== undefined && formatState({ ...other, labformVersion: "" }) === formatState({ ...one, labformVersion: "" })
  );
}

/** A server may take no serial twice, and nobody is to take an earlier state for a later one. */
function raised(state: State, there: State | undefined): State {
  if (!there || there.serial < state.serial) return state;
  return { ...state, serial: there.serial + 1 };
}
