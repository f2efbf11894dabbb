/**
 * Records what Terraform makes of the expressions in tables/*.json: `node test/evaluation/record.mjs [TABLE…]`. Needs
 * `terraform` (1.11 was used) on PATH; the tests only read the tables. A row is `{ expression, value }` or
 * `{ expression, error }`, both Terraform's; where labform means to differ, `labform` has what it gives (null for an
 * error) and `because` says why.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const tables = join(import.meta.dirname, "tables");
const empty = mkdtempSync(join(tmpdir(), "labform-record-"));
const environment = { PATH: process.env.PATH, HOME: empty, CHECKPOINT_DISABLE: "1" };
const chosen = process.argv.slice(2);

function ask(expression) {
  const { status, stdout, stderr } = spawnSync("terraform", ["console"], {
    cwd: empty,
    env: environment,
    input: `${expression}\n`,
    encoding: "utf8",
  });
  if (status === 0) return { value: stdout.replace(/\n$/, "") };
  const lines = stderr
    // Terraform's colours
    .replace(/\u001b\[\d*m/g, "")
    .split("\n")
    .map((line) => line.replace(/^[╷│╵] ?/, "").trim())
    .filter((line) => line !== "" && !line.startsWith("on <console-input>") && !line.startsWith("(source code"));
  return { error: lines.join(" ").replace(/^Error: /, "") };
}

for (const name of readdirSync(tables).sort()) {
  if (chosen.length > 0 && !chosen.includes(name)) continue;
  const rows = JSON.parse(readFileSync(join(tables, name), "utf8")).map((row) => {
    const { expression, labform, because } = typeof row === "string" ? { expression: row } : row;
    return { expression, ...ask(expression), ...(because === undefined ? {} : { labform, because }) };
  });
  writeFileSync(join(tables, name), `[\n${rows.map((row) => `  ${JSON.stringify(row)}`).join(",\n")}\n]\n`);
}
rmSync(empty, { recursive: true });
