import { constants, deflateRawSync, gzipSync } from "node:zlib";
import type { Value } from "../../core/values.ts";
import { DYNAMIC, STRING, stringValue } from "../../core/values.ts";
import { Fault } from "../fault.ts";
import type { FunctionDeclaration, Parameter } from "../functions.ts";
import { JsonFault, valueFromJsonText, valueToJsonText } from "../jsonText.ts";
import { shortText } from "../shown.ts";

const TEXT: Parameter = { name: "str", type: STRING };

const standard = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

function base64decode(text: Value): Value | Fault {
  const digits = (text.raw as string).replace(/[\r\n]/g, "");
  if (!standard.test(digits)) return new Fault(`${shortText(text.raw as string)} is no Base64`, 0);
  try {
    const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    return stringValue(decoder.decode(Buffer.from(digits, "base64")).normalize("NFC"));
  } catch {
    return new Fault("what it holds is not UTF-8, and a string of the language is text", 0);
  }
}

/** Go's header names no time and no system; what follows is flushed once, and ended by an empty block. */
const gzipHeader = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);
const lastBlock = Buffer.from([1, 0, 0, 0xff, 0xff]);

/** The frame is byte for byte Terraform's; the compressed data are zlib's, which for long texts chooses otherwise than Go. */
function base64gzip(text: Value): Value {
  const bytes = Buffer.from(text.raw as string, "utf8");
  const compressed = deflateRawSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH });
  const checksumAndLength = gzipSync(bytes, { level: 0 }).subarray(-8);
  return stringValue(Buffer.concat([gzipHeader, compressed, lastBlock, checksumAndLength]).toString("base64"));
}

/** As a part of a query: spaces are `+`, and only letters, digits and `-_.~` are themselves. */
function urlencode(text: Value): Value {
  let encoded = "";
  for (const byte of Buffer.from(text.raw as string, "utf8")) {
    const character = String.fromCharCode(byte);
    if (/[\w.~-]/.test(character)) encoded += character;
    else encoded += character === " " ? "+" : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return stringValue(encoded);
}

export const encodingFunctions: readonly FunctionDeclaration[] = [
  { name: "base64decode", parameters: [TEXT], result: STRING, call: base64decode },
  {
    name: "base64encode",
    parameters: [TEXT],
    result: STRING,
    call: (text: Value) => stringValue(Buffer.from(text.raw as string, "utf8").toString("base64")),
  },
  { name: "base64gzip", parameters: [TEXT], result: STRING, call: base64gzip },
  { name: "urlencode", parameters: [TEXT], result: STRING, call: urlencode },
  {
    name: "jsonencode",
    parameters: [{ name: "val", type: DYNAMIC, nullable: true }],
    result: STRING,
    call: (value: Value) => stringValue(valueToJsonText(value)),
  },
  {
    name: "jsondecode",
    parameters: [TEXT],
    result: DYNAMIC,
    call: (text: Value) => {
      const result = valueFromJsonText(text.raw as string);
      return result instanceof JsonFault ? new Fault(`it is no JSON: ${result.reason}`, 0) : result;
    },
  },
];
