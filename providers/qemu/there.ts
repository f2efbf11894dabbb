import { fail } from "../../src/core/diagnostics.ts";
import type { FileStat, Files } from "../../src/core/ports.ts";

/**
 * What stands at a path; undefined only where there is certainly nothing. Rejects with `Failure` when that cannot be
 * told: a disk that does not answer must not be taken for an empty one, or what it holds would be made anew.
 */
export async function lookAt(files: Files, path: string): Promise<FileStat | undefined> {
  try {
    return await files.stat(path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    return fail(`${path} cannot be looked at`, { detail: `${message}.`, subject: path, cause: error });
  }
}
