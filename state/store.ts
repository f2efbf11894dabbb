import { basename } from "node:path";
import type { FileLock, Ports } from "../src/core/ports.ts";
import type { HostDirectories } from "../src/core/provider.ts";
import type { JournalRecord, State } from "../src/core/state.ts";
import type { StateStore } from "../src/core/workspace.ts";
import type { AccessOptions } from "./access.ts";
import type { Session } from "./backends/remote.ts";
import { formatState } from "./document.ts";
import { guarded } from "./failure.ts";
import { boundHere, hostFacts } from "./host.ts";
import { stateViolations } from "./invariants.ts";
import { formatHeader, formatRecord } from "./journal.ts";
import { JournalFile } from "./journalFile.ts";
import { knownOf, knownOfRecord } from "./knownProcesses.ts";
import type { Layout } from "./layout.ts";
import { brokenRecord, LiveState } from "./liveState.ts";
import type { Recorded } from "./read.ts";
import { RegistryEntry } from "./registryEntry.ts";
import { runDirectory } from "./registryPath.ts";
import { finishReleases, planReleases } from "./release.ts";
import { refuseStrays, registryOf } from "./replacement.ts";
import { GroupCommit, Turns } from "./turns.ts";

type Begin = Extract<JournalRecord, { readonly record: "begin" }>;

/** The journal is folded into a checkpoint past this many bytes, or past the checkpoint's size where that is more. */
const longestJournal = 1024 * 1024;

interface Written {
  readonly record: JournalRecord;
  readonly line: string;
}

/**
 * The opened state of a workspace. What reaches the disk, in this order: the registry's tokens and identities, the
 * journal's records, and now and then a checkpoint, after which the journal is cut. A kill between any two of these
 * leaves what the next reading makes whole.
 */
export class Store implements StateStore {
  readonly #ports: Ports;
  readonly #options: AccessOptions;
  readonly #layout: Layout;
  readonly #lock: FileLock;
  #live: LiveState;
  readonly #journal: JournalFile;
  #registry: RegistryEntry;
  readonly #turns = new Turns();
  readonly #group = new GroupCommit<Written>(this.#turns, (written) => this.#commit(written));
  readonly #hasJournal: boolean;
  readonly #hasCheckpoint: boolean;
  /** Where else the state is kept; undefined where this host keeps it. */
  readonly #session: Session | undefined;
  readonly #lost: Recorded["lost"];
  /** Opening it made it another than it is on disk: records are of newer schemas, or a lost host's are gone. */
  #isChanged: boolean;
  #begun = false;
  #checkpointSize = 0;
  #closing: Promise<void> | undefined;

  /** `recorded` has a lineage and a registry path by now, if only in memory. */
  constructor(options: AccessOptions, layout: Layout, lock: FileLock, recorded: Recorded, session?: Session) {
    this.#ports = options.ports;
    this.#options = options;
    this.#layout = layout;
    this.#lock = lock;
    this.#live = new LiveState(recorded.state);
    this.#hasJournal = recorded.hasJournal;
    this.#isChanged = recorded.isUpgraded === true || recorded.lost !== undefined;
    this.#hasCheckpoint = recorded.hasCheckpoint;
    this.#session = session;
    this.#lost = recorded.lost;
    this.#journal = new JournalFile(options.ports, layout.journal);
    this.#registry = new RegistryEntry(options.ports, recorded.state.registry);
  }

  get state(): State {
    return this.#live.state;
  }

  get directories(): HostDirectories {
    return directoriesOf(this.#options, this.#layout, this.state.registry);
  }

  get warnings(): StateStore["warnings"] {
    return this.#lost && [this.#lost];
  }

  async record(record: JournalRecord): Promise<void> {
    if (record.record === "begin") {
      const { host, clock } = this.#ports;
      return await this.#turns.take(() => this.#begin({ ...record, host: boundHere(this.state, host, clock) }));
    }
    if (!this.#begun) throw new Error(`a record (${record.record}) before the command's begin`);
    this.#live.apply(record);
    await this.#group.add({ record, line: formatRecord(record) });
  }

  async #begin(record: Begin): Promise<void> {
    const { lineage, serial, registry, instances } = this.state;
    if (this.#begun) throw new Error("a command begins once");
    if (record.lineage !== lineage || record.serial !== serial + 1 || record.registry !== registry) {
      throw new Error("a begin record that does not continue the opened state");
    }
    try {
      await this.#register(this.#registry, { ...this.state, lab: record.lab });
      const nodes = { role: "node directory", path: this.#layout.nodes };
      await guarded("make the node directory", nodes, () => this.#ports.files.makeDirectory(nodes.path));
      // An earlier command was killed: its records must be in the checkpoint before the journal is another's.
      // So must it be as opening it made it, which the journal does not tell.
      if (this.#hasJournal || this.#isChanged) await this.#fold();
      const header = formatHeader(lineage, record.serial, this.#options.labformVersion);
      await this.#journal.append(header + formatRecord(record));
    } catch (error) {
      if (instances.size === 0) await this.#registry.removeIfDone(lineage).catch(() => {});
      throw error;
    }
    this.#live.apply(record);
    this.#begun = true;
  }

  async #register(entry: RegistryEntry, { lab, lineage, instances }: State): Promise<void> {
    const { labDirectory: directory, workspace } = this.#options;
    const name = lab?.name ?? basename(directory);
    const host = hostFacts(this.#ports.host);
    await entry.open(
      { directory, workspace, data: this.#layout.data, state: this.#layout.checkpoint, name, lineage, host },
      [...instances.values()].flatMap(knownOf),
    );
  }

  async #commit(written: readonly Written[]): Promise<void> {
    await this.#registry.add(written.flatMap(({ record }) => knownOfRecord(record)));
    const header = this.#journal.size === 0 ? this.#header() : "";
    await this.#journal.append(header + written.map(({ line }) => line).join(""));
    if (this.#journal.size > Math.max(longestJournal, this.#checkpointSize))
      void this.#turns.take(() => this.#relieve());
  }

  #header(): string {
    return formatHeader(this.state.lineage, this.state.serial, this.#options.labformVersion);
  }

  /** Of no consequence when it fails: the journal has all of it, and the command's own checkpoint will tell. */
  async #relieve(): Promise<void> {
    if (this.#journal.size <= Math.max(longestJournal, this.#checkpointSize)) return;
    await this.#fold().catch(() => {});
  }

  async checkpoint(): Promise<void> {
    await this.#turns.take(async () => {
      // Without a begin there is only what a killed command left: it is settled on disk all the same.
      // What it says otherwise than before is a change like any other.
      const changes = this.#isChanged && !this.#begun;
      if (changes) this.#live = new LiveState({ ...this.state, serial: this.state.serial + 1 });
      this.#isChanged = false;
      const writes = this.#begun || this.#hasJournal || changes;
      if (writes) await this.#fold();
      if (this.#begun) {
        await this.#registry.compact([...this.state.instances.values()].flatMap(knownOf));
      }
      if (this.state.instances.size === 0 && (this.#begun || this.#hasCheckpoint || this.#hasJournal)) {
        await this.#registry.removeIfDone(this.state.lineage);
      }
      if (writes) await this.#push();
    });
  }

  /** A server gets each serial once, when a command ends: some take none twice. */
  async #push(): Promise<void> {
    await this.#session?.push({ ...this.state, labformVersion: this.#options.labformVersion });
  }

  planReleases(ids: readonly string[]): Promise<void> {
    return planReleases(this.#ports, this.#layout, ids);
  }

  finishReleases(): Promise<ReadonlyMap<string, string>> {
    return this.#turns.take(() => finishReleases(this.#ports, this.#layout, this.state));
  }

  replace(state: State, released: readonly string[] = []): Promise<ReadonlyMap<string, string>> {
    return this.#turns.take(() => this.#replace(state, released));
  }

  /** The new checkpoint is what counts: before it is written all is as it was, after it only tidying up is left. */
  async #replace(wanted: State, released: readonly string[]): Promise<ReadonlyMap<string, string>> {
    if (this.#begun) throw new Error("a state cannot be replaced in the middle of a command");
    const before = this.state;
    const next = { ...wanted, registry: await registryOf(this.#options, wanted, before) };
    refuseStrays(this.#ports, before, next);
    const former = this.#registry;
    const entry = next.registry === former.path ? former : new RegistryEntry(this.#ports, next.registry);
    try {
      await this.#register(entry, next);
      // A journal that another lineage's checkpoint came beside would be taken for damage.
      if (this.#hasJournal || this.#isChanged) await this.#fold();
      await planReleases(this.#ports, this.#layout, released);
      await this.#write(next);
    } catch (error) {
      if (entry !== former || before.instances.size === 0) await entry.removeIfDone(next.lineage).catch(() => {});
      throw error;
    }
    this.#live = new LiveState(next);
    this.#registry = entry;
    await this.#journal.cut();
    const moved = await finishReleases(this.#ports, this.#layout, next);
    if (entry !== former) {
      await former.removeIfDone(before.lineage);
      await former.close();
    }
    if (next.instances.size === 0) await entry.removeIfDone(next.lineage);
    await this.#push();
    return moved;
  }

  async #fold(): Promise<void> {
    await this.#write(this.state);
    await this.#journal.cut();
  }

  async #write(recorded: State): Promise<void> {
    const state = { ...recorded, labformVersion: this.#options.labformVersion };
    const violations = stateViolations(state);
    if (violations.length > 0) throw brokenRecord(undefined, violations);
    const text = formatState(state);
    const place = { role: "state", path: this.#layout.checkpoint };
    await guarded("write the state", place, () => this.#ports.files.writeAtomic(place.path, text, 0o600));
    this.#checkpointSize = Buffer.byteLength(text);
  }

  close(): Promise<void> {
    this.#closing ??= this.#turns.take(async () => {
      try {
        await this.#journal.close();
        await this.#registry.close();
      } finally {
        await this.#session?.release();
        await this.#lock.release();
      }
    });
    return this.#closing;
  }
}

export function directoriesOf(options: AccessOptions, layout: Layout, registry: string): HostDirectories {
  return { lab: options.labDirectory, nodes: layout.nodes, run: runDirectory(registry), programs: options.programs };
}
