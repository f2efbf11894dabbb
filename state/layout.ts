import { join, resolve } from "node:path";

/** Where a workspace's files live; all absolute. */
export interface Layout {
  /** `.labform`, or what LABFORM_DATA_DIR names. */
  readonly data: string;
  readonly workspace: string;
  readonly checkpoint: string;
  readonly journal: string;
  readonly lock: string;
  readonly lockHolder: string;
  readonly nodes: string;
  /** Directories of nodes that are not labform's any more; those of all workspaces. */
  readonly released: string;
  /** Which directories are to be moved there as soon as the checkpoint no longer has their nodes. */
  readonly releasing: string;
  readonly gitignore: string;
}

/** A relative `dataDirectory` starts at the lab directory. */
export function layoutOf(labDirectory: string, workspace: string, dataDirectory: string | undefined): Layout {
  const data = resolve(labDirectory, dataDirectory || ".labform");
  const directory = join(data, workspace);
  return {
    data,
    workspace: directory,
    checkpoint: join(directory, "state.json"),
    journal: join(directory, "journal.jsonl"),
    lock: join(directory, "lock"),
    lockHolder: join(directory, "lock.json"),
    nodes: join(directory, "nodes"),
    released: join(data, "released"),
    releasing: join(directory, "releasing.json"),
    gitignore: join(data, ".gitignore"),
  };
}
