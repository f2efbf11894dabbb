import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Planned, Type, Value } from "../../../src/core/values.ts";
import {
  BOOL,
  NUMBER,
  STRING,
  stringValue,
  tupleValue,
  UNKNOWN,
  UNKNOWN_VALUE,
  unknownValue,
} from "../../../src/core/values.ts";
import { convert } from "../../../src/evaluation/convert.ts";
import { valueToPlanned } from "../../../src/evaluation/plain.ts";
import { scopeOf, tryEvaluate, valueOf } from "../support.ts";

interface Row {
  readonly expression: string;
  /** Plain data, with "?" for what is not known. */
  readonly planned?: unknown;
  readonly error?: string;
  readonly labform?: unknown;
  readonly because?: string;
}

const STRINGS: Type = { kind: "list", element: STRING };
const SET: Type = { kind: "set", element: STRING };
const MAP: Type = { kind: "map", element: STRING };

const part = tupleValue([stringValue("a"), unknownValue(STRING)]);

function converted(value: Value, type: Type): Value {
  const result = convert(value, type);
  if ("error" in result) throw new Error(result.error);
  return result.value;
}

/** The names of record.mjs. */
const scope = scopeOf({
  local: {
    any: UNKNOWN_VALUE,
    text: unknownValue(STRING),
    number: unknownValue(NUMBER),
    bool: unknownValue(BOOL),
    list: unknownValue(STRINGS),
    set: unknownValue(SET),
    map: unknownValue(MAP),
    object: unknownValue({ kind: "object", attributes: new Map([["a", STRING]]) }),
    tuple: unknownValue({ kind: "tuple", elements: [STRING] }),
    partlist: converted(part, STRINGS),
    partset: converted(part, SET),
    partmap: converted(valueOf('{a = "x", b = x.y}', scopeOf({ x: { y: unknownValue(STRING) } })), MAP),
  },
});

function shown(planned: Planned): unknown {
  if (planned === UNKNOWN) return "?";
  if (Array.isArray(planned)) return (planned as readonly Planned[]).map(shown);
  if (planned === null || typeof planned !== "object") return planned;
  return Object.fromEntries(Object.entries(planned).map(([name, one]) => [name, shown(one)]));
}

describe("of what is not known yet, an expression says as much as in a plan of Terraform", () => {
  const rows = JSON.parse(readFileSync(join(import.meta.dirname, "tables", "plan.json"), "utf8")) as readonly Row[];
  test.each(rows)("$expression", ({ expression, planned, because, labform }) => {
    const expected = because === undefined ? planned : (labform ?? undefined);
    const { value, diagnostics } = tryEvaluate(expression, scope);
    if (expected === undefined) expect(diagnostics.map((one) => one.severity)).toContain("error");
    else {
      expect(diagnostics).toEqual([]);
      expect(shown(valueToPlanned(value).planned)).toEqual(expected);
    }
  });
});
