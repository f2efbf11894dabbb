import { Failure, fail } from "../src/core/diagnostics.ts";

/** A file or directory by what it is for: `journal /lab/.labform/default/journal.jsonl`. */
export interface Place {
  readonly role: string;
  readonly path: string;
}

/**
 * Does `work` on `place`. An error of the operating system becomes a Failure with place, reason and remedy; anything
 * else passes through. `action` completes "Cannot …".
 */
export async function guarded<T>(action: string, place: Place, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Failure || codeOf(error) === undefined) throw error;
    fail(`Cannot ${action}: ${reasonOf(error)}`, {
      subject: subjectOf(place),
      detail: `${remedyOf(error)} What was recorded before is unharmed.`,
      cause: error,
    });
  }
}

export function subjectOf(place: Place): string {
  return `${place.role} ${place.path}`;
}

function codeOf(error: unknown): string | undefined {
  const code = (error as { readonly code?: unknown } | null)?.code;
  return typeof code === "string" ? code : undefined;
}

function isAbsent(error: unknown): boolean {
  return codeOf(error) === "ENOENT";
}

/** Undefined where there is nothing at that path. */
export async function ifPresent<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

const reasons: { readonly [code: string]: { readonly reason: string; readonly remedy: string } } = {
  ENOSPC: { reason: "no space left on the device", remedy: "Free space on its file system and run the command again." },
  EDQUOT: { reason: "disk quota exceeded", remedy: "Free space of this account's and run the command again." },
  EACCES: { reason: "permission denied", remedy: "Run labform as the account that owns it." },
  EPERM: { reason: "operation not permitted", remedy: "Run labform as the account that owns it." },
  EROFS: {
    reason: "read-only file system",
    remedy: "LABFORM_DATA_DIR moves the lab's own files to another place, XDG_STATE_HOME the registry of running labs.",
  },
  ENOENT: { reason: "no such file or directory", remedy: "It was removed while labform ran: run the command again." },
  ENOTDIR: { reason: "a part of its path is not a directory", remedy: "Move away what stands there." },
  EEXIST: { reason: "something that is no directory stands there", remedy: "Move it away." },
  EISDIR: { reason: "it is a directory", remedy: "Move it away." },
  EIO: { reason: "the device reports an error", remedy: "Look at the kernel's log: the disk may be failing." },
  EMFILE: { reason: "too many open files", remedy: "Raise the limit (ulimit -n)." },
  ENFILE: { reason: "too many open files on this host", remedy: "Close programs or raise fs.file-max." },
  ENOLCK: {
    reason: "its file system has no locks",
    remedy: "LABFORM_DATA_DIR moves the lab's own files to a file system that has.",
  },
};

export function reasonOf(error: unknown): string {
  return reasons[codeOf(error) ?? ""]?.reason ?? (error as Error).message;
}

function remedyOf(error: unknown): string {
  return reasons[codeOf(error) ?? ""]?.remedy ?? "Run the command again once that is solved.";
}
