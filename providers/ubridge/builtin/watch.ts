import { watch } from "node:fs";

/** Tells who waits for a file of one directory that it may have come or changed. */
export class DirectoryWatch {
  /** False where the host refuses to watch (its inotify limits): waiting is polling then. */
  working = false;
  private readonly waiting = new Map<string, Set<() => void>>();
  private watcher: ReturnType<typeof watch> | undefined;

  constructor(directory: string) {
    try {
      this.watcher = watch(directory, (_event, name) => {
        if (name !== null) for (const wake of this.waiting.get(name) ?? []) wake();
      });
      this.watcher.on("error", () => this.close());
      this.working = true;
    } catch {
      this.working = false;
    }
  }

  /** Calls `wake` at each change of the entry `name` until the returned function is called. */
  on(name: string, wake: () => void): () => void {
    const set = this.waiting.get(name) ?? new Set();
    this.waiting.set(name, set.add(wake));
    return () => {
      set.delete(wake);
      if (set.size === 0) this.waiting.delete(name);
    };
  }

  close(): void {
    this.working = false;
    this.watcher?.close();
    this.watcher = undefined;
  }
}
