/**
 * Records what Terraform makes of variables and the values given to them: `node test/config/recordVariables.mjs`. A
 * row of tables/variables.json is the body of `variable "v"` and how it gets its value: `file` (the text of a file of
 * values), `argument` (what follows `-var v=`) or `environment`. It gets `value`, as the console shows it without its
 * mark, or `error`; where labform means to differ, `labform` has what it gives (null for an error) and `because` says
 * why. Needs `terraform` (1.11 was used) on PATH and no network; the tests only read the table.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const table = join(import.meta.dirname, "tables", "variables.json");
const directory = mkdtempSync(join(tmpdir(), "labform-record-"));

function ask({ body, file, argument, environment }) {
  const output = 'output "o" {\n  sensitive = true\n  value = var.v\n}\n';
  writeFileSync(join(directory, "main.tf"), `variable "v" {\n${body}\n}\n${output}`);
  writeFileSync(join(directory, "terraform.tfvars"), file ?? "");
  const given = argument === undefined ? [] : [`-var=v=${argument}`];
  const env = { PATH: process.env.PATH, HOME: directory, CHECKPOINT_DISABLE: "1" };
  if (environment !== undefined) env.TF_VAR_v = environment;
  const options = { cwd: directory, env, encoding: "utf8" };
  const plan = spawnSync("terraform", ["plan", "-json", "-input=false", ...given], options);
  const errors = plan.stdout.split("\n").filter((line) => line.includes('"@level":"error"'));
  if (errors.length > 0) {
    const texts = errors
      .map((line) => JSON.parse(line).diagnostic)
      .map(({ summary, detail }) => `${summary}: ${detail}`);
    return { error: texts.join(" ").replace(/\s+/g, " ") };
  }
  const input = "nonsensitive(var.v)\n";
  return { value: spawnSync("terraform", ["console", ...given], { ...options, input }).stdout.replace(/\n$/, "") };
}

const rows = JSON.parse(readFileSync(table, "utf8")).map(({ value: _, error: __, labform, because, ...row }) => ({
  ...row,
  ...ask(row),
  ...(because === undefined ? {} : { labform, because }),
}));
writeFileSync(table, `[\n${rows.map((row) => `  ${JSON.stringify(row)}`).join(",\n")}\n]\n`);
rmSync(directory, { recursive: true });
