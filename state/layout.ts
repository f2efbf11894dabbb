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
  /** The name of the workspace that commands work in unless they are told otherwise. */
  readonly selection: string;
  /** Which backend is in use; of all workspaces. */
  readonly backend: string;
  /** What the server had last, where the state is kept at one. */
  readonly server: string;
  /** The lock this host has at the server, or had when it was killed. */
  readonly serverLock: string;
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
    selection: join(data, "environment"),
    backend: join(data, "backend.json"),
    server: join(directory, "server.json"),
    serverLock: join(directory, "server-lock.json"),
  };
}

/**
 * The same with the state in a file that its user named. Lock and journal stand beside it, so that all who use the file
 * keep out of each other's way. As in Terraform, the path is the default workspace's.
 */
export function layoutAt(layout: Layout, labDirectory: string, path: string): Layout {
  const checkpoint = resolve(labDirectory, path);
  return {
    ...layout,
    checkpoint,
    journal: `${checkpoint}.journal`,
    lock: `${checkpoint}.lock`,
    lockHolder: `${checkpoint}.lock.json`,
  };
}
