import type { Reader } from "../core/ports.ts";
import type { Value } from "../core/values.ts";
import { objectValue, stringValue } from "../core/values.ts";

/** What functions see of the world outside: files and the time. */
export interface Surroundings {
  readonly reader: Reader;
  /** The lab's, absolute: relative names start here. */
  readonly directory: string;
  /** Of the user; undefined where the environment does not say. */
  readonly home: string | undefined;
  /** ISO 8601 */
  readonly planTime: string;
  /** ISO 8601; undefined until something is applied, and `timestamp()` is unknown. */
  readonly applyTime?: string | undefined;
  /** What may be read once more is known is read now: see `readAhead`. */
  readonly readsAhead?: boolean | undefined;
}

/** What expressions see of the lab itself and of where it is: `lab.name`, `path.module`. */

export function labValue({ name, workspace }: { readonly name: string; readonly workspace: string }): Value {
  return objectValue(
    new Map([
      ["name", stringValue(name)],
      ["workspace", stringValue(workspace)],
    ]),
  );
}

/** `directory` is the lab's, absolute; `module` the module's, as it is named from there. */
export function pathValue(directory: string, module: string): Value {
  return objectValue(
    new Map([
      ["module", stringValue(module)],
      ["root", stringValue(".")],
      ["cwd", stringValue(directory)],
    ]),
  );
}
