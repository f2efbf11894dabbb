import { createHash } from "node:crypto";
import type { DigestAlgorithm } from "../../core/ports.ts";
import type { Value } from "../../core/values.ts";
import { STRING, stringValue } from "../../core/values.ts";
import { Fault } from "../fault.ts";
import type { FunctionDeclaration } from "../functions.ts";
import { shortText } from "../shown.ts";

/** Of the text's UTF-8 bytes. */
function declare(name: string, algorithm: DigestAlgorithm, encoding: "hex" | "base64"): FunctionDeclaration {
  return {
    name,
    parameters: [{ name: "str", type: STRING }],
    result: STRING,
    call: (text: Value) =>
      stringValue(
        createHash(algorithm)
          .update(text.raw as string, "utf8")
          .digest(encoding),
      ),
  };
}

/** RFC 4122, appendix C. */
const namespaces: { readonly [name: string]: string } = {
  dns: "6ba7b8109dad11d180b400c04fd430c8",
  url: "6ba7b8119dad11d180b400c04fd430c8",
  oid: "6ba7b8129dad11d180b400c04fd430c8",
  x500: "6ba7b8149dad11d180b400c04fd430c8",
};

const forms = [
  /^([\da-f]{8})-([\da-f]{4})-([\da-f]{4})-([\da-f]{4})-([\da-f]{12})$/i,
  /^urn:uuid:([\da-f]{8})-([\da-f]{4})-([\da-f]{4})-([\da-f]{4})-([\da-f]{12})$/i,
  // Whatever stands at its ends, as the library that Terraform uses has it.
  /^[\x00-\x7f]([\da-f]{8})-([\da-f]{4})-([\da-f]{4})-([\da-f]{4})-([\da-f]{12})[\x00-\x7f]$/i,
  /^([\da-f]{32})$/i,
];

/** Hexadecimal digits alone. */
function parseUuid(text: string): string | undefined {
  for (const form of forms) {
    const match = form.exec(text);
    if (match) return match.slice(1).join("").toLowerCase();
  }
  return undefined;
}

function uuidv5(namespace: Value, name: Value): Value | Fault {
  const given = namespace.raw as string;
  const digits = Object.hasOwn(namespaces, given) ? namespaces[given] : parseUuid(given);
  if (digits === undefined) {
    return new Fault(`${shortText(given)} is neither a UUID nor one of "dns", "url", "oid" and "x500"`, 0);
  }
  const digest = createHash("sha1")
    .update(Buffer.from(digits, "hex"))
    .update(name.raw as string, "utf8")
    .digest();
  digest[6] = ((digest[6] as number) & 0x0f) | 0x50;
  digest[8] = ((digest[8] as number) & 0x3f) | 0x80;
  const hex = digest.toString("hex");
  const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)];
  return stringValue(parts.join("-"));
}

export const hashFunctions: readonly FunctionDeclaration[] = [
  declare("md5", "md5", "hex"),
  declare("sha1", "sha1", "hex"),
  declare("sha256", "sha256", "hex"),
  declare("sha512", "sha512", "hex"),
  declare("base64sha256", "sha256", "base64"),
  declare("base64sha512", "sha512", "base64"),
  {
    name: "uuidv5",
    parameters: [
      { name: "namespace", type: STRING },
      { name: "name", type: STRING },
    ],
    result: STRING,
    call: uuidv5,
  },
];
