import { readFileSync } from "node:fs";
import { performance } from "node:perf_hooks";
import process from "node:process";
import type { Body } from "../../src/core/syntax.ts";
import { evaluate } from "../../src/evaluation/evaluate.ts";
import { parseFile } from "../../src/language/parse.ts";

/** Seconds that parsing a file and evaluating all its arguments take, once warm. */
const text = readFileSync(process.argv[2] ?? "", "utf8");
const scope = { member: () => undefined, lookup: () => undefined, names: () => [] };

function evaluateAll(body: Body): void {
  for (const { expression } of body.attributes) {
    const { diagnostics } = evaluate(expression, scope);
    if (diagnostics[0]) throw new Error(diagnostics[0].summary);
  }
  for (const block of body.blocks) evaluateAll(block.body);
}

function once(): number {
  const started = performance.now();
  const { body, diagnostics } = parseFile({ name: "blocks", text });
  if (diagnostics[0]) throw new Error(diagnostics[0].summary);
  evaluateAll(body);
  return (performance.now() - started) / 1000;
}

for (let at = 0; at < 5; at++) once();
process.stdout.write(`${once()}\n`);
