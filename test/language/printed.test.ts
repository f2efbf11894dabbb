import { expect, test } from "vitest";
import type { Diagnostic } from "../../src/core/diagnostics.ts";
import type { Body, Expression } from "../../src/core/syntax.ts";
import type { Value } from "../../src/core/values.ts";
import { NULL, numberValue, objectValue, stringValue, tupleValue, UNKNOWN_VALUE } from "../../src/core/values.ts";
import { evaluate } from "../../src/evaluation/evaluate.ts";
import { parseFile } from "../../src/language/parse.ts";
import { renderDiagnostic } from "../../src/ui/diagnostics.ts";
import { scopeOf, secret } from "../evaluation/support.ts";
import { testCasesOf } from "../support/textCases.ts";

/**
 * Broken files and all that a user is told about each, as it stands on a screen of 80 cells. Each file of printed/ holds
 * cases of the form of cases/ with `==> printed`, rewritten with UPDATE_GOLDEN=1. Where a file is understood, the values
 * of its arguments are computed, in the scope below.
 */
const object = (members: { readonly [name: string]: Value }): Value => objectValue(new Map(Object.entries(members)));

const router = object({
  name: stringValue("r1"),
  ram: numberValue(512),
  adapters: tupleValue([stringValue("e0"), stringValue("e1")]),
  pid: UNKNOWN_VALUE,
});

const scope = scopeOf({
  var: {
    image: stringValue("debian.qcow2"),
    ram: numberValue(512),
    names: tupleValue([stringValue("r1"), stringValue("r2")]),
    sizes: object({ small: numberValue(256), large: numberValue(1024) }),
    nothing: NULL,
    password: secret(stringValue("hunter2")),
    größe: numberValue(3),
  },
  local: { prefix: stringValue("lab"), motd: stringValue("first\nsecond") },
  node: { router, r2: object({ name: stringValue("r2") }) },
  each: object({ key: stringValue("r1"), value: numberValue(2) }),
});

function expressionsOf(body: Body): Expression[] {
  return [
    ...body.attributes.map((one) => one.expression),
    ...body.blocks.flatMap((block) => expressionsOf(block.body)),
  ].sort((left, right) => left.range.start - right.range.start);
}

function printed(text: string): string {
  const { body, diagnostics } = parseFile({ name: "pair.lab.hcl", text });
  const found: readonly Diagnostic[] = [
    ...diagnostics,
    ...(diagnostics.length > 0 ? [] : expressionsOf(body).flatMap((one) => evaluate(one, scope).diagnostics)),
  ];
  return found.map((one) => renderDiagnostic(one, { colour: false, width: 80 })).join("\n");
}

const count = testCasesOf(new URL("printed/", import.meta.url), (input) => {
  const text = input.replaceAll("␍", "\r").replace(/␄\n$/, "");
  return `==> printed\n${printed(text).trimEnd()}\n`;
});

test("there are many", () => expect(count).toBeGreaterThanOrEqual(60));
