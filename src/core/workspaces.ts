import type { ProcessIdentity, ProcessUsage } from "./ports.ts";
import type { State } from "./state.ts";

/** Places beside the workspaces in a lab's data directory. */
const TAKEN = ["environment", "released", "backend.json"];

/**
 * Whether a workspace may be called so. It names a directory, so it is what Terraform takes (what stands in a URL as it
 * is), but for what would be hidden or lead elsewhere.
 */
export function isWorkspaceName(name: string): boolean {
  return /^\w[\w.~$&+=:@-]{0,99}$/.test(name) && !TAKEN.includes(name);
}

/** The workspaces of one lab; state/ implements it. All rejections are `Failure`s. */
export interface Workspaces {
  /** Where the selection is recorded, for messages. */
  readonly selection: string;
  /** What was selected last, as it stands there; undefined where nothing was. */
  selected(): Promise<string | undefined>;
  select(name: string): Promise<void>;
  /** The default first, the others sorted: those that have a directory, and those of which something runs without one. */
  list(): Promise<readonly string[]>;
  exists(name: string): Promise<boolean>;
  /** No error when it is there. */
  make(name: string): Promise<void>;
  /** The names of the files in which its links' frames were captured. */
  captures(name: string): Promise<readonly string[]>;
  /**
   * Takes a workspace away, with all that is in its directory; its lock is the caller's, `recorded` its state. Rejects,
   * having done nothing, while something of it runs or may run where it cannot be seen.
   */
  remove(name: string, recorded: State): Promise<void>;
}

/** A lab that this account has on this host, as the registry knows it. */
export interface HostLab {
  /** Its registry entry. */
  readonly registry: string;
  readonly lineage: string;
  readonly name: string;
  readonly directory: string;
  readonly workspace: string;
  /** Where its state is, absolute. */
  readonly data: string;
  /** False where the directory is gone, or is none any more. */
  readonly isThere: boolean;
  /** How many nodes its state has; undefined where there is no state of this lineage, or none that can be read. */
  readonly nodes: number | undefined;
  readonly running: readonly RunningProcess[];
}

export interface RunningProcess {
  readonly address: string;
  readonly identity: ProcessIdentity;
  /** Undefined where it ended a moment ago. */
  readonly usage: ProcessUsage | undefined;
}
