import { posix } from "node:path";
import type { FileStat } from "../../../src/core/ports.ts";
import type { Chance } from "./chance.ts";
import { refusal } from "./errors.ts";

export interface Inode {
  readonly number: number;
  readonly kind: "file" | "directory" | "socket";
  mode: number;
  uid: number;
  modifiedMs: number;
  /** Of a file: as every process sees it now, and as a power loss would leave it. */
  data: Buffer;
  durable: Buffer;
  /** Of a directory. */
  readonly entries: Map<string, Inode>;
  durableEntries: ReadonlyMap<string, Inode>;
}

type Watcher = (name: string) => void;

/**
 * A file system in memory, with its page cache: a file's content is durable once the file was synced, its name once
 * its directory was. A power loss keeps any part of what was not. It has no links.
 */
export class Disk {
  readonly root: Inode;
  readonly #uid: number;
  readonly #now: () => number;
  readonly #watchers = new Map<Inode, Set<Watcher>>();
  #inodes = 100;

  constructor(uid: number, now: () => number) {
    this.#uid = uid;
    this.#now = now;
    this.root = this.#make("directory", 0o755);
  }

  find(path: string): Inode | undefined {
    let inode: Inode | undefined = this.root;
    for (const name of partsOf(path)) {
      if (inode?.kind !== "directory") return undefined;
      inode = inode.entries.get(name);
    }
    return inode;
  }

  /** Throws ENOENT, ENOTDIR or EACCES, as the kernel would. */
  get(path: string, call: string): Inode {
    let inode = this.root;
    for (const name of partsOf(path)) {
      if (inode.kind !== "directory") throw refusal("ENOTDIR", call, path);
      if (!this.permits(inode, "execute")) throw refusal("EACCES", call, path);
      const next = inode.entries.get(name);
      if (!next) throw refusal("ENOENT", call, path);
      inode = next;
    }
    return inode;
  }

  permits(inode: Inode, use: "read" | "write" | "execute"): boolean {
    const bit = { read: 4, write: 2, execute: 1 }[use];
    const shift = inode.uid === this.#uid ? 6 : 0;
    return ((inode.mode >> shift) & bit) !== 0;
  }

  read(path: string): Buffer {
    const inode = this.get(path, "open");
    if (inode.kind === "directory") throw refusal("EISDIR", "read", path);
    if (inode.kind === "socket") throw refusal("ENXIO", "open", path);
    if (!this.permits(inode, "read")) throw refusal("EACCES", "open", path);
    return inode.data;
  }

  /** The file at `path`, made empty where it is missing. */
  open(path: string, mode: number, isNew = false): Inode {
    const parent = this.#parent(path, "open");
    const name = posix.basename(path);
    const there = parent.entries.get(name);
    if (there) {
      if (isNew) throw refusal("EEXIST", "open", path);
      if (there.kind === "directory") throw refusal("EISDIR", "open", path);
      if (there.kind === "socket") throw refusal("ENXIO", "open", path);
      if (!this.permits(there, "write")) throw refusal("EACCES", "open", path);
      return there;
    }
    return this.#enter(parent, name, this.#make("file", mode), path);
  }

  write(path: string, data: string | Uint8Array, mode: number): void {
    const inode = this.open(path, mode);
    this.change(inode, Buffer.from(data), path);
  }

  append(inode: Inode, data: string | Uint8Array, path: string): void {
    this.change(inode, Buffer.concat([inode.data, Buffer.from(data)]), path);
  }

  change(inode: Inode, data: Buffer, path: string): void {
    inode.data = data;
    inode.modifiedMs = this.#now();
    const parent = this.find(posix.dirname(path));
    if (parent?.entries.get(posix.basename(path)) === inode) this.#tell(parent, posix.basename(path));
  }

  sync(inode: Inode): void {
    if (inode.kind === "directory") inode.durableEntries = new Map(inode.entries);
    else inode.durable = inode.data;
  }

  makeDirectory(path: string): void {
    let inode = this.root;
    let at = "";
    for (const name of partsOf(path)) {
      at += `/${name}`;
      if (!this.permits(inode, "execute")) throw refusal("EACCES", "mkdir", path);
      const next = inode.entries.get(name) ?? this.#enter(inode, name, this.#make("directory", 0o700), path);
      if (next.kind !== "directory") throw refusal(at === path ? "EEXIST" : "ENOTDIR", "mkdir", path);
      inode = next;
    }
  }

  /** A socket's file in the place of whatever file or socket had the name. */
  makeSocket(path: string): Inode {
    const parent = this.#parent(path, "bind");
    parent.entries.delete(posix.basename(path));
    return this.#enter(parent, posix.basename(path), this.#make("socket", 0o600), path);
  }

  rename(from: string, to: string): void {
    const inode = this.get(from, "rename");
    const target = this.#parent(to, "rename");
    const there = target.entries.get(posix.basename(to));
    if (there?.kind === "directory" && inode.kind !== "directory") throw refusal("EISDIR", "rename", from);
    if (inode.kind === "directory" && there && there.kind !== "directory") throw refusal("ENOTDIR", "rename", from);
    const source = this.#parent(from, "rename");
    this.#requireWritable(source, "rename", from);
    this.#requireWritable(target, "rename", to);
    source.entries.delete(posix.basename(from));
    target.entries.set(posix.basename(to), inode);
    this.#tell(source, posix.basename(from));
    this.#tell(target, posix.basename(to));
  }

  /** Directories with all they hold; no error when there is nothing. */
  remove(path: string): void {
    const name = posix.basename(path);
    let parent: Inode;
    try {
      parent = this.#parent(path, "rm");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
      throw error;
    }
    if (!parent.entries.has(name)) return;
    this.#requireWritable(parent, "rm", path);
    parent.entries.delete(name);
    this.#tell(parent, name);
  }

  list(path: string): readonly string[] {
    const inode = this.get(path, "scandir");
    if (inode.kind !== "directory") throw refusal("ENOTDIR", "scandir", path);
    if (!this.permits(inode, "read")) throw refusal("EACCES", "scandir", path);
    return [...inode.entries.keys()];
  }

  stat(path: string): FileStat {
    const { kind, data, modifiedMs, number, mode, uid } = this.get(path, "stat");
    return { kind, size: data.length, modifiedMs, changedMs: modifiedMs, inode: number, device: 1, mode, uid };
  }

  /** Calls `watcher` with the name of each entry that changes; returns how to end it. */
  watch(path: string, watcher: Watcher): () => void {
    const inode = this.get(path, "watch");
    const watchers = this.#watchers.get(inode) ?? new Set();
    this.#watchers.set(inode, watchers.add(watcher));
    return () => void watchers.delete(watcher);
  }

  /** Every path with its kind and content, for comparing. */
  contents(path = "/", inode = this.find(path)): ReadonlyMap<string, string> {
    const found = new Map<string, string>();
    if (!inode) return found;
    if (inode.kind !== "directory") return found.set(path, `${inode.kind} ${inode.data.toString("latin1")}`);
    found.set(path, "directory");
    for (const [name, entry] of inode.entries) {
      for (const one of this.contents(posix.join(path, name), entry)) found.set(...one);
    }
    return found;
  }

  /** What was not synced is there in part: each name or not, of each file's new end so much or so little. */
  losePower(chance: Chance, inode = this.root): void {
    if (inode.kind === "file" && inode.data !== inode.durable) {
      inode.data = chance.happens(0.5) ? inode.durable : tornOf(inode, chance);
      inode.durable = inode.data;
    }
    if (inode.kind !== "directory") return;
    for (const name of new Set([...inode.entries.keys(), ...inode.durableEntries.keys()])) {
      const [now, before] = [inode.entries.get(name), inode.durableEntries.get(name)];
      if (now === before || chance.happens(0.5)) continue;
      if (before) inode.entries.set(name, before);
      else inode.entries.delete(name);
    }
    inode.durableEntries = new Map(inode.entries);
    this.#watchers.delete(inode);
    for (const entry of inode.entries.values()) this.losePower(chance, entry);
  }

  /** As if all of it had been there for long. */
  syncAll(inode = this.root): void {
    this.sync(inode);
    for (const entry of inode.entries.values()) this.syncAll(entry);
  }

  #parent(path: string, call: string): Inode {
    const parent = this.get(posix.dirname(path), call);
    if (parent.kind !== "directory") throw refusal("ENOTDIR", call, path);
    return parent;
  }

  #enter(parent: Inode, name: string, inode: Inode, path: string): Inode {
    this.#requireWritable(parent, "open", path);
    parent.entries.set(name, inode);
    this.#tell(parent, name);
    return inode;
  }

  #requireWritable(directory: Inode, call: string, path: string): void {
    if (!this.permits(directory, "write")) throw refusal("EACCES", call, path);
  }

  #make(kind: Inode["kind"], mode: number): Inode {
    const empty = Buffer.alloc(0);
    return {
      number: ++this.#inodes,
      kind,
      mode,
      uid: this.#uid,
      modifiedMs: this.#now(),
      data: empty,
      durable: empty,
      entries: new Map(),
      durableEntries: new Map(),
    };
  }

  #tell(directory: Inode, name: string): void {
    for (const watcher of [...(this.#watchers.get(directory) ?? [])]) watcher(name);
  }
}

/** A part of what was appended, or of what was written anew. */
function tornOf({ data, durable }: Inode, chance: Chance): Buffer {
  const isAppended = data.subarray(0, durable.length).equals(durable);
  const kept = isAppended ? durable.length : 0;
  return data.subarray(0, chance.between(kept, data.length));
}

const known = new Map<string, readonly string[]>();

function partsOf(path: string): readonly string[] {
  const there = known.get(path);
  if (there) return there;
  if (!path.startsWith("/")) throw new Error(`${path} is no absolute path`);
  if (known.size > 10_000) known.clear();
  const parts = posix.normalize(path).split("/").filter(Boolean);
  known.set(path, parts);
  return parts;
}
