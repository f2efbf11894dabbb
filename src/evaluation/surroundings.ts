import type { Value } from "../core/values.ts";
import { objectValue, stringValue } from "../core/values.ts";

/** What expressions see of the lab itself and of where it is: `lab.name`, `path.module`. */

export function labValue(name: string): Value {
  return objectValue(
    new Map([
      ["name", stringValue(name)],
      ["workspace", stringValue("default")],
    ]),
  );
}

/** `directory` is the lab's, absolute. */
export function pathValue(directory: string): Value {
  const here = stringValue(".");
  return objectValue(
    new Map([
      ["module", here],
      ["root", here],
      ["cwd", stringValue(directory)],
    ]),
  );
}
