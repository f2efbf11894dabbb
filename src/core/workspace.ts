import type { Diagnostic } from "./diagnostics.ts";
import type { Finding } from "./doctor.ts";
import type { ProcessIdentity } from "./ports.ts";
import type { HostDirectories } from "./provider.ts";
import type { JournalRecord, State } from "./state.ts";

/** The workspace that is always there. */
export const DEFAULT_WORKSPACE = "default";

/** How the commands reach a lab's recorded state; state/ implements it. All rejections are `Failure`s. */
export interface StateAccess {
  /** Of the server that keeps the state, for people; undefined where this host does. */
  readonly address?: string | undefined;
  /** Without the lock, for commands that change nothing: the checkpoint and the journal's later records. */
  load(options?: LoadOptions): Promise<LoadedState>;
  /** With the lock, for commands that change something. A fresh lineage is made in memory, written at `begin`. */
  open(options: OpenOptions): Promise<StateStore>;
  /**
   * Who holds the lock now, for people ("labform apply (pid 4711) of …"); undefined when nobody does. What is recorded
   * as pending then is what a command that was killed left, not work under way.
   */
  holder(): Promise<string | undefined>;
  /**
   * Clears away what the lock's holder left behind, where `id` is its lock's, and resolves with its name for people. The
   * kernel frees a lock with its holder's death, so the lock of one that lives is never taken from it: that rejects, as
   * does an id that is not the lock's, and a lab that is not locked. At a server any lock is taken away but that of a run
   * of this host, which is known to live.
   */
  unlock(id: string): Promise<string>;
  /** The document that `parse` reads, sensitive values included: the same state is always the same text. */
  format(state: State): string;
  /** `name`: what the text came from, for messages. Rejects what is no state, contradicts itself, or is of a newer format. */
  parse(text: string, name: string): State;
  /**
   * What earlier states of this directory and workspace, now gone, left running on this host (the checkout was
   * cleaned). From the registry; an entry with nothing left alive is not listed.
   */
  leftovers(currentLineage: string): Promise<readonly Leftover[]>;
  /** Ends a leftover's processes (SIGTERM, then SIGKILL) and removes its registry entry. */
  removeLeftover(leftover: Leftover): Promise<void>;
  /**
   * Whether what is to be recorded can be written, and how much space there is. With `lab` the directory is a lab's;
   * without, only where labs of this account are registered is looked at. Changes nothing.
   */
  examine(lab: boolean): Promise<readonly Finding[]>;
}

export interface LoadedState {
  readonly state: State;
  /** Of the state's lineage; `run` is "" while there is none. */
  readonly directories: HostDirectories;
  /** Why nothing of it can be seen from here: the lab runs on another host. */
  readonly away?: Diagnostic | undefined;
  /** What is to be told with whatever is made of it. */
  readonly warnings?: readonly Diagnostic[] | undefined;
}

export interface LoadOptions {
  /** The name of a host that is gone for good: what was there is taken for absent. */
  readonly lostHost?: string | undefined;
  /** This host's copy will do: a server is not asked. */
  readonly copy?: boolean | undefined;
}

export interface OpenOptions extends Pick<LoadOptions, "lostHost"> {
  readonly command: string;
  /** 0: do not wait. */
  readonly lockTimeoutMs: number;
  /** Called once when another holds the lock and there is time to wait. */
  readonly onWait: (holder: string) => void;
  /** False: a lock at a server is not asked for. This host's own always is: it is what keeps the journal whole. */
  readonly lock?: boolean | undefined;
  /** What went wrong once all was done: the lock could not be given up. */
  readonly onTrouble?: ((warning: Diagnostic) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** An opened, locked state. */
export interface StateStore {
  /** As of now, with everything recorded so far. */
  readonly state: State;
  readonly directories: HostDirectories;
  /** As of a loaded state. */
  readonly warnings?: readonly Diagnostic[] | undefined;
  /**
   * Resolves when the record is on disk (group-synced with its neighbours). Tokens and process identities in it are
   * in the registry by then too.
   */
  record(record: JournalRecord): Promise<void>;
  /**
   * Writes down that the directories of the nodes with these ids are to be moved out of labform's way as soon as their
   * records are gone: to be called before these go. A kill leaves the moving to the next command that opens the state.
   */
  planReleases(ids: readonly string[]): Promise<void>;
  /** Moves those whose records are gone; resolves with where they are now, by id. The others keep theirs. */
  finishReleases(): Promise<ReadonlyMap<string, string>>;
  /**
   * Writes the checkpoint and cuts the journal; where nothing was recorded, what a killed command left in it. A state
   * without instances takes its registry entry away.
   */
  checkpoint(): Promise<void>;
  /**
   * Puts another state in the place of this one, as a command of its own: serial and all, but for the registry's path,
   * which is this host's. A kill leaves the one or the other. The directories of nodes with the ids `released`, which the
   * new state no longer has, are moved out of labform's way; resolves with where they are then, by id. Rejects, having
   * done nothing, when a process runs that the new state would not know.
   */
  replace(state: State, released?: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Gives up the lock. A second call does nothing. */
  close(): Promise<void>;
}

export interface Leftover {
  readonly lineage: string;
  readonly labName: string;
  /** Of the registry entry. */
  readonly registry: string;
  readonly processes: readonly { readonly address: string; readonly identity: ProcessIdentity }[];
}
