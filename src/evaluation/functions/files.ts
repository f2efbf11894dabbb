import { posix } from "node:path";
import { systemCode } from "../../core/systemErrors.ts";
import type { Value } from "../../core/values.ts";
import { BOOL, boolValue, STRING, stringValue } from "../../core/values.ts";
import { Fault } from "../fault.ts";
import type { FunctionDeclaration, Parameter } from "../functions.ts";
import type { Surroundings } from "../surroundings.ts";
import {
  absolutePath,
  cleanPath,
  expandHome,
  locate,
  NO_SURROUNDINGS,
  notRegular,
  readBytes,
  readText,
  refused,
} from "./fileAccess.ts";

export const PATH: Parameter = { name: "path", type: STRING };

/** Their rules are Terraform's internal/lang/funcs/filesystem.go, and of paths Go's path/filepath. */
export function fileFunctions(surroundings: Surroundings | undefined): readonly FunctionDeclaration[] {
  const outside = (answer: (path: string, surroundings: Surroundings) => string | Fault) => (path: Value) => {
    const result = surroundings ? answer(path.raw as string, surroundings) : NO_SURROUNDINGS;
    return result instanceof Fault ? result : stringValue(result.normalize("NFC"));
  };
  return [
    { name: "abspath", parameters: [PATH], result: STRING, call: outside(absolutePath) },
    { name: "basename", parameters: [PATH], result: STRING, call: inside(basename) },
    { name: "dirname", parameters: [PATH], result: STRING, call: inside(dirname) },
    { name: "file", parameters: [PATH], result: STRING, call: outside(file) },
    { name: "filebase64", parameters: [PATH], result: STRING, call: outside(filebase64) },
    {
      name: "fileexists",
      parameters: [PATH],
      result: BOOL,
      call: (path: Value) => (surroundings ? fileexists(path.raw as string, surroundings) : NO_SURROUNDINGS),
    },
    {
      name: "pathexpand",
      parameters: [PATH],
      result: STRING,
      call: outside((path, { home }) => expandHome(path, home)),
    },
  ];
}

const inside = (answer: (path: string) => string) => (path: Value) => stringValue(answer(path.raw as string));

/** `.` for nothing, `/` for the root. */
function basename(path: string): string {
  return posix.basename(path) || (path === "" ? "." : "/");
}

/** All before the last slash; a final slash is not passed over. */
function dirname(path: string): string {
  return cleanPath(path.slice(0, path.lastIndexOf("/") + 1));
}

function file(path: string, surroundings: Surroundings): string | Fault {
  const advice = "filebase64() gives it in Base64, filesha256() and its like its digest";
  return readText(path, surroundings, advice);
}

function filebase64(path: string, surroundings: Surroundings): string | Fault {
  const bytes = readBytes(path, surroundings);
  return bytes instanceof Fault ? bytes : Buffer.from(bytes).toString("base64");
}

function fileexists(path: string, surroundings: Surroundings): Value | Fault {
  const absolute = locate(path, surroundings);
  if (absolute instanceof Fault) return absolute;
  try {
    const kind = surroundings.reader.kind(absolute);
    return kind === "file" ? boolValue(true) : notRegular(path, kind);
  } catch (error) {
    return systemCode(error) === "ENOENT" ? boolValue(false) : refused(path, error);
  }
}
