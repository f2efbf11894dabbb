/**
 * Records what Terraform makes of expressions in which something is not known yet: `node
 * test/evaluation/unknowns/record.mjs`. The console has no such values, a plan with a resource that is yet to be made
 * has: `names` are written so that each is known as little as it says, and the rows of tables/plan.json are outputs of
 * that plan. A row gets `planned`, with "?" for what is not known, or `error`; `labform` and `because` are as in
 * ../record.mjs. Needs `terraform` (1.11 was used) on PATH and no network; the tests only read the table.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Where Terraform knows that a value will not be null it says more than labform can; these it knows nothing of. */
const text = "terraform_data.text.output";
const unless = (value) => `(${text} == "x" ? ${value} : null)`;
const names = {
  any: "terraform_data.any.output",
  text,
  number: `tonumber(${text})`,
  bool: `tobool(${text})`,
  list: unless('tolist(["x"])'),
  set: unless('toset(["x"])'),
  map: unless('tomap({ a = "x" })'),
  object: unless('{ a = "x" }'),
  tuple: unless('["x"]'),
  partlist: `tolist(["a", ${text}])`,
  partset: `toset(["a", ${text}])`,
  partmap: `tomap({ a = "x", b = ${text} })`,
};

const table = join(import.meta.dirname, "tables", "plan.json");
const directory = mkdtempSync(join(tmpdir(), "labform-record-"));
const environment = { PATH: process.env.PATH, HOME: directory, CHECKPOINT_DISABLE: "1" };

function terraform(...args) {
  return spawnSync("terraform", args, { cwd: directory, env: environment, encoding: "utf8", maxBuffer: 1 << 28 });
}

function write(rows) {
  const locals = Object.entries(names).map(([name, expression]) => `  ${name} = ${expression}\n`);
  // An unknown alone would be left out.
  const outputs = rows.map((row, at) => `output "o${at}" { value = [${row.expression}] }\n`);
  const resource = (name, input) => `resource "terraform_data" "${name}" {\n  input = ${input}\n}\n`;
  const resources = resource("text", "timestamp()") + resource("any", "jsondecode(timestamp())");
  writeFileSync(join(directory, "main.tf"), `${outputs.join("")}${resources}locals {\n${locals.join("")}}\n`);
}

function merged(after, unknown) {
  if (unknown === true) return "?";
  if (Array.isArray(unknown)) return unknown.map((one, at) => merged(after?.[at], one));
  if (unknown !== null && typeof unknown === "object" && Object.keys(unknown).length > 0) {
    const keys = [...new Set([...Object.keys(after ?? {}), ...Object.keys(unknown)])].sort();
    return Object.fromEntries(keys.map((key) => [key, merged(after?.[key], unknown[key] ?? false)]));
  }
  return after ?? null;
}

const rows = JSON.parse(readFileSync(table, "utf8")).map((row) =>
  typeof row === "string"
    ? { expression: row }
    : { expression: row.expression, labform: row.labform, because: row.because },
);
write(rows);
terraform("init");
let good = rows;
for (;;) {
  write(good);
  const { status, stdout } = terraform("plan", "-json", "-out=plan");
  if (status === 0) break;
  const wrong = new Map();
  for (const line of stdout.split("\n").filter((one) => one.includes('"@level":"error"'))) {
    const { summary, detail, range } = JSON.parse(line).diagnostic;
    const row = good[range.start.line - 1];
    row.error ??= `${summary} ${detail}`.replaceAll("\n", " ");
    wrong.set(row, true);
  }
  good = good.filter((row) => !wrong.has(row));
}
const { output_changes: changes } = JSON.parse(terraform("show", "-json", "plan").stdout);
for (const [at, row] of good.entries()) {
  const { after, after_unknown: unknown } = changes[`o${at}`];
  row.planned = merged(after, unknown === false ? [false] : unknown)[0];
}
const lines = rows.map(({ expression, planned, error, labform, because }) =>
  JSON.stringify({ expression, planned, error, ...(because === undefined ? {} : { labform, because }) }),
);
writeFileSync(table, `[\n  ${lines.join(",\n  ")}\n]\n`);
rmSync(directory, { recursive: true });
