/**
 * Records what `terraform fmt` makes of the texts in tables/*.txt (their form: cases.ts):
 * `node test/language/format/record.mjs [TABLE…]`. Needs `terraform` (1.11 was used) on PATH; the tests only read the
 * tables. With `--generate` the texts of generated.txt are made anew first.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import fc from "fast-check";

const tables = join(import.meta.dirname, "tables");
const chosen = process.argv.slice(2).filter((word) => !word.startsWith("--"));
const empty = mkdtempSync(join(tmpdir(), "labform-record-"));

async function load(name) {
  const outfile = join(empty, `${name}.mjs`);
  const entryPoints = [join(import.meta.dirname, `${name}.ts`)];
  await build({ entryPoints, outfile, bundle: true, platform: "node", format: "esm", logLevel: "error" });
  return import(outfile);
}

/** By way of files: what goes through standard input comes back with a line end at its end, whatever it had. */
function format(texts) {
  const directory = mkdtempSync(join(empty, "texts-"));
  const path = (at) => join(directory, `${at}.tf`);
  texts.forEach((text, at) => writeFileSync(path(at), text));
  const { status, stderr } = spawnSync("terraform", ["fmt", "-list=false", "-no-color", directory], {
    cwd: empty,
    env: { PATH: process.env.PATH, HOME: empty, CHECKPOINT_DISABLE: "1" },
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`terraform takes not all of it:\n${stderr}`);
  return texts.map((_, at) => readFileSync(path(at), "utf8"));
}

/** Short ones, always the same; without what Terraform is known to lose: comments and signs in headers. */
async function generated(count) {
  const { isValid, spacedText } = await load("spacedText");
  const isWanted = (text) =>
    text.length > 20 && text.length < 240 && isValid(text) && !/(?:node|link|output)[^{\n]*(?:\/\*|[$%])/.test(text);
  const texts = fc.sample(spacedText, { numRuns: 12 * count, seed: 4 }).filter(isWanted);
  return [...new Set(texts)].slice(0, count);
}

try {
  const { readCases, writeCases } = await load("cases");
  if (process.argv.includes("--generate")) {
    const cases = (await generated(80)).map((input, at) => ({ name: `generated ${at + 1}`, input, terraform: input }));
    writeFileSync(join(tables, "generated.txt"), writeCases(cases));
  }
  for (const name of readdirSync(tables).sort()) {
    if (chosen.length > 0 && !chosen.includes(name)) continue;
    const cases = readCases(readFileSync(join(tables, name), "utf8"));
    const recorded = format(cases.map((one) => one.input));
    const path = join(tables, name);
    writeFileSync(path, writeCases(cases.map((one, at) => ({ ...one, terraform: recorded[at] }))));
  }
} finally {
  rmSync(empty, { recursive: true });
}
