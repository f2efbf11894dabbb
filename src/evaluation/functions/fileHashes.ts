import type { DigestAlgorithm } from "../../core/ports.ts";
import type { Value } from "../../core/values.ts";
import { STRING, stringValue } from "../../core/values.ts";
import { Fault } from "../fault.ts";
import type { FunctionDeclaration } from "../functions.ts";
import type { Surroundings } from "../surroundings.ts";
import { NO_SURROUNDINGS, withFile } from "./fileAccess.ts";
import { PATH } from "./files.ts";

/** Digests of files of any size: they are read in pieces. */
export function fileHashFunctions(surroundings: Surroundings | undefined): readonly FunctionDeclaration[] {
  const declare = (name: string, algorithm: DigestAlgorithm, encoding: "hex" | "base64"): FunctionDeclaration => ({
    name,
    parameters: [PATH],
    result: STRING,
    call: (path: Value) => {
      if (!surroundings) return NO_SURROUNDINGS;
      const { reader } = surroundings;
      const digest = withFile(path.raw as string, surroundings, (absolute) => reader.digest(absolute, algorithm));
      if (digest instanceof Fault) return digest;
      return stringValue(encoding === "hex" ? digest : Buffer.from(digest, "hex").toString("base64"));
    },
  });
  return [
    declare("filemd5", "md5", "hex"),
    declare("filesha1", "sha1", "hex"),
    declare("filesha256", "sha256", "hex"),
    declare("filesha512", "sha512", "hex"),
    declare("filebase64sha256", "sha256", "base64"),
    declare("filebase64sha512", "sha512", "base64"),
  ];
}
