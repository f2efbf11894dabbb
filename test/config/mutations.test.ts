import { readdirSync, readFileSync } from "node:fs";
import { assert, constantFrom, integer, property } from "fast-check";
import { expect, test } from "vitest";
import { load } from "./support.ts";

const directory = new URL("cases/", import.meta.url);
const texts = readdirSync(directory)
  .flatMap((name) => readFileSync(new URL(name, directory), "utf8").split(/^# .*\n/m))
  .filter((one) => /^==> lab/m.test(one) && !one.includes(".json"))
  .map((one) => one.replace(/^==> [^]*/m, ""));

const words = ["dynamic", "template", "content", "labels", "for_each", "iterator", "disk", "ready", "locals", "null"];

/** What a slip of the hand makes of a lab file: a line lost, doubled or moved, a word in the place of another. */
function mutate(text: string, kind: number, at: number, word: string): string {
  const lines = text.split("\n");
  const line = at % lines.length;
  if (kind === 0) lines.splice(line, 1);
  else if (kind === 1) lines.splice(line, 0, lines[line] as string);
  else if (kind === 2) lines.push(...lines.splice(line, 1));
  else lines[line] = (lines[line] as string).replace(/[\w.]+/, word);
  return lines.join("\n");
}

test("a lab file with slips in it is read or refused with diagnostics, whatever they are", () => {
  let refused = 0;
  let read = 0;
  const check = (text: string, first: number, second: number, kind: number, word: string) => {
    const once = mutate(text, kind, first, word);
    const source = second % 2 === 0 ? once : mutate(once, (kind + first) % 4, second, word);
    const [base = "", ...overrides] = source.split(/^-- .*\n/m);
    const files = Object.fromEntries(overrides.map((one, at) => [`${at}_override.lab.hcl`, one]));
    const { value, diagnostics } = load({ "a.lab.hcl": base, "z.lab.hcl": 'lab "t" {}\n', ...files });
    expect(value !== undefined || diagnostics.length > 0).toBe(true);
    if (diagnostics.length > 0) refused++;
    else read++;
  };
  const slips = property(
    constantFrom(...texts),
    integer({ min: 0, max: 60 }),
    integer({ min: 0, max: 60 }),
    integer({ min: 0, max: 3 }),
    constantFrom(...words),
    check,
  );
  assert(slips, { numRuns: 1000 });
  expect(refused).toBeGreaterThan(50);
  expect(read).toBeGreaterThan(50);
});
