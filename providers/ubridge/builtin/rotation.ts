import {
  closeSync,
  constants,
  fstatSync,
  linkSync,
  lstatSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { nextName } from "../captureNames.ts";

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;

interface FullFile {
  readonly path: string;
  readonly inode: number;
}

/**
 * The files that one capture has filled: each is kept under the next number, and the oldest go when there are more than
 * are to be kept. No file is touched that the capture has not written itself.
 */
export class FullFiles {
  keep = 0;
  /** Paths are bytes, one a character, as commands bring them. */
  private readonly path: string;
  private readonly kept: FullFile[] = [];

  constructor(path: Buffer) {
    this.path = path.toString("latin1");
  }

  /**
   * Puts the file of `descriptor` aside and another in its place, which begins with `header` and whose descriptor it
   * returns. There is a file at its place at any time. Throws when that cannot be done, and when another file is there.
   */
  replace(descriptor: number, header: Buffer): number {
    const { ino: inode } = fstatSync(descriptor);
    if (lstatSync(bytes(this.path)).ino !== inode) throw new Error("another file is at its place");
    const fresh = join(dirname(this.path), `.capture-${process.pid}-${inode}`);
    const opened = openSync(bytes(fresh), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
    try {
      writeSync(opened, header);
      this.kept.push({ path: this.putAside(), inode });
      renameSync(bytes(fresh), bytes(this.path));
    } catch (error) {
      closeSync(opened);
      rmSync(bytes(fresh), { force: true });
      throw error;
    }
    this.thin();
    return opened;
  }

  /** Under a second name, so that the first is there until the new file takes it. */
  private putAside(): string {
    const directory = dirname(this.path);
    for (let attempt = 0; ; attempt++) {
      const name = nextName(this.path, readdirSync(bytes(directory), { encoding: "latin1" }));
      const full = join(directory, name);
      try {
        linkSync(bytes(this.path), bytes(full));
        return full;
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        // Not all file systems have a second name for a file.
        if (code === "EPERM" || code === "ENOTSUP") {
          renameSync(bytes(this.path), bytes(full));
          return full;
        }
        // Somebody else took the number meanwhile.
        if (code !== "EEXIST" || attempt === 8) throw error;
      }
    }
  }

  private thin(): void {
    while (this.kept.length > this.keep) {
      const { path, inode } = this.kept.shift() as FullFile;
      try {
        if (lstatSync(bytes(path)).ino === inode) unlinkSync(bytes(path));
      } catch {
        // It was taken away before.
      }
    }
  }
}

function bytes(path: string): Buffer {
  return Buffer.from(path, "latin1");
}
