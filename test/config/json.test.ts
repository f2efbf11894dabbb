import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parseJsonLabFile } from "../../src/config/jsonBody.ts";
import { renderDiagnostic } from "../../src/ui/diagnostics.ts";
import { printBody } from "../language/printTree.ts";
import { resourceSchemas, schemas } from "./support.ts";

/**
 * Each file of json/ holds cases of this form, the expectation rewritten with UPDATE_GOLDEN=1:
 *
 *     # what the case shows
 *     the text of a lab file in JSON
 *     ==> tree
 *     how it is understood, in the form of test/language/cases
 *     ==> errors
 *     what is said, as the user sees it
 *
 * The facts are those of json/spec.md in the HCL repository and of `terraform validate` 1.11 on the same shapes.
 */
interface Case {
  readonly name: string;
  readonly input: string;
  readonly expected: string;
}

const directory = new URL("json/", import.meta.url);
for (const name of readdirSync(directory)) {
  const path = new URL(name, directory);
  const cases = readCases(readFileSync(path, "utf8"));
  if (process.env["UPDATE_GOLDEN"]) {
    writeFileSync(path, cases.map((one) => `# ${one.name}\n${one.input}${actual(one)}`).join("\n"));
  }
  describe(name, () => {
    test("has cases", () => expect(cases.length).toBeGreaterThan(0));
    for (const one of cases) test(one.name, () => expect(actual(one)).toBe(one.expected));
  });
}

function readCases(text: string): Case[] {
  const cases: Case[] = [];
  for (const [, name, input, expected] of text.matchAll(/^# (.*)\n([^]*?)^(==>[^]*?)\n*(?=^# |$(?![^]))/gm)) {
    cases.push({ name: name as string, input: input as string, expected: `${expected}\n` });
  }
  return cases;
}

function actual({ input }: Case): string {
  const { body, diagnostics } = parseJsonLabFile({ name: "a.lab.json", text: input }, { schemas, resourceSchemas });
  const said = diagnostics.map((one) => renderDiagnostic(one, { colour: false, width: 110 }).trimEnd());
  const errors = said.length > 0 ? `==> errors\n${said.join("\n\n")}\n` : "";
  return `==> tree\n${printBody(body)}${errors}`;
}
