/** What the operating system refuses, in words, and what to do about it. By Node's error codes. */
const refusals: { readonly [code: string]: { readonly reason: string; readonly remedy: string } } = {
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

export function systemCode(error: unknown): string | undefined {
  const code = (error as { readonly code?: unknown } | null)?.code;
  return typeof code === "string" ? code : undefined;
}

export function refusalOf(error: unknown): { readonly reason: string; readonly remedy: string } | undefined {
  return refusals[systemCode(error) ?? ""];
}

/** The host's condition, whatever was done: no fault of who asked for it. */
const conditions: ReadonlySet<string> = new Set([
  "ENOSPC",
  "EDQUOT",
  "EROFS",
  "EIO",
  "EMFILE",
  "ENFILE",
  "EACCES",
  "EPERM",
]);

/** Whether an error says that the host could not, rather than that labform asked for nonsense. */
export function isHostCondition(error: unknown): boolean {
  return conditions.has(systemCode(error) ?? "");
}
