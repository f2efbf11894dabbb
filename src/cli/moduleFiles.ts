import { isLabFile } from "../config/files.ts";
import type { ReadModule } from "../config/modules.ts";
import type { Reader } from "../core/ports.ts";
import type { SourceFile } from "../core/source.ts";
import { systemCode } from "../core/systemErrors.ts";
import { reasonOf } from "./files.ts";
import { decodeUtf8 } from "./utf8.ts";

/** A lab file is text that a person can read. */
const MOST_BYTES = 64 * 1024 * 1024;

/** Reads the lab files of modules; what it read is in `files`. */
export class ModuleReader {
  readonly files: SourceFile[] = [];
  readonly #reader: Reader;

  constructor(reader: Reader) {
    this.#reader = reader;
  }

  readonly read: ReadModule = (directory, shown) => {
    try {
      const names = this.#reader.list(directory).filter(isLabFile).toSorted();
      const found: SourceFile[] = [];
      for (const name of names) {
        const file = this.#readFile(`${directory}/${name}`, `${shown}/${name}`);
        if (typeof file === "string") return file;
        found.push(file);
      }
      this.files.push(...found);
      return found;
    } catch (error) {
      if (systemCode(error) === undefined) throw error;
      return systemCode(error) === "ENOENT" ? "there is no such directory" : reasonOf(error);
    }
  };

  #readFile(path: string, name: string): SourceFile | string {
    const text = decodeUtf8(this.#reader.read(path, MOST_BYTES));
    return typeof text === "string" ? { name, text } : `${name} is not UTF-8 in line ${text.line}`;
  }
}
