import { posix } from "node:path";
import type { FileStat } from "../../core/ports.ts";
import { systemCode } from "../../core/systemErrors.ts";
import type { Value } from "../../core/values.ts";
import { STRING, stringValue } from "../../core/values.ts";
import { makeSet } from "../convert.ts";
import { Fault } from "../fault.ts";
import type { FunctionDeclaration } from "../functions.ts";
import { UNREAD } from "../readings.ts";
import { shortText } from "../shown.ts";
import type { Surroundings } from "../surroundings.ts";
import { absolutePath, cleanPath, NO_SURROUNDINGS, refused } from "./fileAccess.ts";
import { PATH } from "./files.ts";
import { isPattern, matches, type NamePattern, parsePattern } from "./glob.ts";

/** As many entries of directories are looked at: links may lead round and round. */
const mostEntries = 100_000;

/** The regular files below a directory whose names match, relative to it. Directories that are links are followed. */
export function fileSetFunction(surroundings: Surroundings | undefined): FunctionDeclaration {
  return {
    name: "fileset",
    parameters: [PATH, { name: "pattern", type: STRING }],
    result: { kind: "set", element: STRING },
    call: (path: Value, pattern: Value) =>
      surroundings ? fileset(path.raw as string, pattern.raw as string, surroundings) : NO_SURROUNDINGS,
  };
}

/** A name, `**`, or a pattern of names. */
type Part = string | NamePattern;

function fileset(path: string, pattern: string, surroundings: Surroundings): Value | Fault {
  const directory = absolutePath(path, surroundings);
  const parts: Part[] = [];
  for (const part of cleanPath(`${directory}/${pattern}`).split("/").slice(1)) {
    const parsed = part === "**" || !isPattern(part) ? part : parsePattern(part);
    if (typeof parsed === "string" && parsed !== part) {
      return new Fault(`${shortText(pattern)} is no pattern of file names: ${parsed}`, 1);
    }
    parts.push(parsed);
  }
  const search = new Search(surroundings);
  try {
    search.below("/", parts);
  } catch (error) {
    if (error instanceof TooMany) {
      return new Fault(
        `more than ${mostEntries} entries of directories would be looked at. Name a directory with fewer below it`,
        1,
      );
    }
    return refused(path, error);
  }
  const names = [...search.found].map((one) => stringValue(posix.relative(directory, one).normalize("NFC")));
  return makeSet(STRING, names);
}

class TooMany extends Error {}

class Search {
  readonly found = new Set<string>();
  readonly #surroundings: Surroundings;
  #entries = 0;

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
  }

  below(directory: string, parts: readonly Part[]): void {
    const names = parts.findIndex((part) => typeof part !== "string" || part === "**");
    const literal = names === -1 ? parts.length : names;
    const base = posix.join(directory, ...(parts.slice(0, literal) as string[]));
    const [part, ...rest] = parts.slice(literal);
    if (part === undefined) {
      if (this.#kind(base) === "file") this.found.add(base);
    } else if (part === "**") this.#anywhere(base, rest);
    else {
      for (const name of this.#list(base))
        if (matches(part as NamePattern, name)) this.#take(posix.join(base, name), rest);
    }
  }

  #take(path: string, rest: readonly Part[]): void {
    if (rest.length > 0) this.below(path, rest);
    else if (this.#kind(path) === "file") this.found.add(path);
  }

  /** In the directory itself and in all below it. */
  #anywhere(directory: string, rest: readonly Part[]): void {
    if (rest.length > 0) this.below(directory, rest);
    for (const name of this.#list(directory)) {
      const path = posix.join(directory, name);
      const kind = this.#kind(path);
      if (kind === "directory") this.#anywhere(path, rest);
      else if (kind === "file" && rest.length === 0) this.found.add(path);
    }
  }

  /** Nothing where it is no directory, or may not be read. */
  #list(directory: string): readonly string[] {
    if (this.#kind(directory) !== "directory") return [];
    return this.#unlessRefused(() => this.#surroundings.reader.list(directory)) ?? [];
  }

  #kind(path: string): FileStat["kind"] | undefined {
    if (++this.#entries > mostEntries) throw new TooMany();
    return this.#unlessRefused(() => this.#surroundings.reader.kind(path));
  }

  #unlessRefused<T>(ask: () => T): T | undefined {
    try {
      return ask();
    } catch (error) {
      const code = systemCode(error);
      if (code === undefined || code === UNREAD) throw error;
      return undefined;
    }
  }
}
