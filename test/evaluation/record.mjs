/**
 * Records what Terraform makes of the expressions in tables/*.json: `node test/evaluation/record.mjs [TABLE…]`. Needs
 * `terraform` (1.11 was used) on PATH; the tests only read the tables. A row is `{ expression, value }` or
 * `{ expression, error }`, both Terraform's; where labform means to differ, `labform` has what it gives (null for an
 * error) and `because` says why. The console reads one line, so an expression of several stands in a file beside it. It
 * runs in a copy of files/, which is its home directory too.
 */
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const tables = join(import.meta.dirname, "tables");
const empty = mkdtempSync(join(tmpdir(), "labform-record-"));
cpSync(join(import.meta.dirname, "files"), empty, { recursive: true });
const environment = { PATH: process.env.PATH, HOME: empty, CHECKPOINT_DISABLE: "1" };
const chosen = process.argv.slice(2);

function ask(expression) {
  const isLong = expression.includes("\n");
  const file = join(empty, "main.tf");
  if (isLong) writeFileSync(file, `locals {\n  it = ${expression}\n}\n`);
  else rmSync(file, { force: true });
  const { status, stdout, stderr } = spawnSync("terraform", ["console"], {
    cwd: empty,
    env: environment,
    input: isLong ? "local.it\n" : `${expression}\n`,
    encoding: "utf8",
  });
  // What the file has wrong leaves the console going, on what was understood.
  const isBroken = stdout.includes("Due to the problems above");
  if (status === 0 && !isBroken) return { value: stdout.replace(/\n$/, "") };
  if (stderr.includes("TERRAFORM CRASH")) return { error: "Terraform crashes" };
  const lines = stderr
    // Terraform's colours
    .replace(/\u001b\[\d*m/g, "")
    .split("\n")
    .map((line) => line.replace(/^[╷│╵] ?/, "").trim())
    .filter((line) => line !== "" && !/^(?:on (?:<console-input>|main\.tf) line|\(source code|\d+:)/.test(line));
  // Where it crashed in its own program says nothing about the expression.
  return {
    error: lines
      .join(" ")
      .replaceAll(empty, "")
      .replace(/^Error: /, "")
      .replace(/ goroutine \d+ .*/s, ""),
  };
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
