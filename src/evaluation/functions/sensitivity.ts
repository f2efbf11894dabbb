import type { Value } from "../../core/values.ts";
import { BOOL, boolValue, DYNAMIC, UNKNOWN, unknownValue } from "../../core/values.ts";
import type { FunctionDeclaration, Parameter } from "../functions.ts";
import { marked } from "../marks.ts";

const ANYTHING: Parameter = { name: "value", type: DYNAMIC, nullable: true, unknown: true, marks: true };

/** What is unknown and not marked may still turn out sensitive. */
function issensitive(value: Value): Value {
  if (value.sensitive) return boolValue(true);
  return value.raw === UNKNOWN ? unknownValue(BOOL) : boolValue(false);
}

/** Takes the mark around the value; what is marked inside stays so. */
function nonsensitive(value: Value): Value {
  return value.sensitive ? { type: value.type, raw: value.raw, sensitive: false } : value;
}

export const sensitivityFunctions: readonly FunctionDeclaration[] = [
  { name: "sensitive", parameters: [ANYTHING], result: DYNAMIC, call: (value: Value) => marked(value, true) },
  { name: "nonsensitive", parameters: [ANYTHING], result: DYNAMIC, call: nonsensitive },
  { name: "issensitive", parameters: [ANYTHING], result: BOOL, call: issensitive },
];
