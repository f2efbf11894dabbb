import { posix } from "node:path";
import type { FileStat } from "../../core/ports.ts";
import { refusalOf, systemCode } from "../../core/systemErrors.ts";
import { Fault } from "../fault.ts";
import { UNREAD } from "../readings.ts";
import { shortText } from "../shown.ts";
import type { Surroundings } from "../surroundings.ts";

/** What a function takes into memory of one file. */
const mostBytes = 16 * 1024 * 1024;

export const NO_SURROUNDINGS = new Fault(
  "this value is read before anything else of the lab, and cannot see files, templates or the time. Write it down itself, or use a local",
);

/** `~` and `~/x` are the user's; a text that does not begin so is itself. */
export function expandHome(path: string, home: string | undefined): string | Fault {
  if (!path.startsWith("~")) return path;
  if (path.length > 1 && path[1] !== "/") {
    return new Fault(`${shortText(path)} begins with another user's home directory; only one's own, "~/", is known`, 0);
  }
  if (home === undefined || home === "") {
    return new Fault(`the home directory that ${shortText(path)} begins with is not known: HOME is not set`, 0);
  }
  return path === "~" ? home : cleanPath(`${home}/${path.slice(1)}`);
}

/** Without `.`, `..`, doubled and final slashes where that changes nothing; `.` for nothing. */
export function cleanPath(path: string): string {
  const clean = posix.normalize(path);
  return clean.length > 1 && clean.endsWith("/") ? clean.slice(0, -1) : clean;
}

/** From the lab's directory. */
export function absolutePath(path: string, { directory }: Surroundings): string {
  return cleanPath(posix.isAbsolute(path) ? path : `${directory}/${path}`);
}

/** The absolute path of the first argument, `~` expanded. */
export function locate(path: string, surroundings: Surroundings): string | Fault {
  const expanded = expandHome(path, surroundings.home);
  return expanded instanceof Fault ? expanded : absolutePath(expanded, surroundings);
}

/** The content of a regular file of moderate size, named by the first argument. */
export function readBytes(path: string, surroundings: Surroundings): Uint8Array | Fault {
  return withFile(path, surroundings, (absolute) => surroundings.reader.read(absolute, mostBytes));
}

/** As `readBytes`, and the text in it. `advice` follows where it is none. */
export function readText(path: string, surroundings: Surroundings, advice: string): string | Fault {
  const bytes = readBytes(path, surroundings);
  if (bytes instanceof Fault) return bytes;
  try {
    return decoder.decode(bytes);
  } catch {
    return new Fault(`the content of ${shortText(path)} is not UTF-8. ${advice}`, 0);
  }
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** What `read` makes of a regular file; what is none, or cannot be read, is a fault of the first argument. */
export function withFile<T>(path: string, surroundings: Surroundings, read: (absolute: string) => T): T | Fault {
  const absolute = locate(path, surroundings);
  if (absolute instanceof Fault) return absolute;
  try {
    const kind = surroundings.reader.kind(absolute);
    return kind === "file" ? read(absolute) : notRegular(path, kind);
  } catch (error) {
    return refused(path, error);
  }
}

export function notRegular(path: string, kind: FileStat["kind"]): Fault {
  const what = kind === "directory" || kind === "socket" ? `a ${kind}` : "a device or a pipe";
  return new Fault(`${shortText(path)} is ${what}, not a file`, 0);
}

/** In words, what the system said of a path; rethrows what no system says. */
export function refused(path: string, error: unknown): Fault {
  const code = systemCode(error);
  if (code === undefined) throw error;
  const name = shortText(path);
  if (code === "ENOENT") {
    return new Fault(`there is no file ${name}. Relative names start in the lab's directory, also in a module`, 0);
  }
  if (code === "EFBIG") {
    return new Fault(`${name} is larger than ${mostBytes / 1024 / 1024} MiB, more than a value may hold`, 0);
  }
  if (code === UNREAD) {
    return new Fault(
      `${name} was not read when the plan was made, for its name was not known then, and apply opens no files of the lab. Use a name that is known at plan`,
      0,
    );
  }
  return new Fault(`${name} cannot be read: ${refusalOf(error)?.reason ?? code}`, 0);
}
