import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { checkValidations } from "../../src/config/checkValidations.ts";
import type { GivenVariable } from "../../src/config/variables.ts";
import { loadVariables } from "../../src/config/variables.ts";
import type { Diagnostic } from "../../src/core/diagnostics.ts";
import { hasErrors } from "../../src/core/diagnostics.ts";
import { formatValue } from "../../src/evaluation/formatValue.ts";
import { load } from "./support.ts";

/** See recordVariables.mjs. */
interface Row {
  readonly body: string;
  readonly file?: string;
  readonly argument?: string;
  readonly environment?: string;
  readonly value?: string;
  readonly error?: string;
  readonly labform?: string | null;
  readonly because?: string;
}

/** What becomes of the variable, without its mark; the errors instead where there are any. */
function outcome({ body, file, argument, environment }: Row): string | readonly Diagnostic[] {
  const lab = load(`variable "v" {\n${body}\n}`);
  if (!lab.value || hasErrors(lab.diagnostics)) return lab.diagnostics;
  const given: GivenVariable[] = argument === undefined ? [] : [{ from: "argument", text: `v=${argument}` }];
  const loaded = loadVariables({
    variables: lab.value.variables,
    environment: environment === undefined ? {} : { LABFORM_VAR_v: environment },
    files: file === undefined ? [] : [{ name: "labform.vars.hcl", text: file }],
    given,
  });
  if (hasErrors(loaded.diagnostics)) return loaded.diagnostics;
  const broken = checkValidations(lab.value, loaded, false);
  const value = loaded.values.get("v");
  return value && !hasErrors(broken) ? formatValue({ ...value, sensitive: false }) : broken;
}

const shown = ({ body, file, argument, environment }: Row) =>
  [body, file, argument, environment]
    .filter((one) => one !== undefined)
    .join(" ; ")
    .replaceAll("\n", "; ");

describe("a variable takes what Terraform takes, and as Terraform does", () => {
  const rows = JSON.parse(
    readFileSync(join(import.meta.dirname, "tables", "variables.json"), "utf8"),
  ) as readonly Row[];
  test.each(rows.map((row) => [shown(row), row] as const))("%s", (_, row) => {
    const expected = row.because === undefined ? row.value : (row.labform ?? undefined);
    const result = outcome(row);
    if (expected !== undefined) expect(result).toBe(expected);
    else expect(typeof result === "string" ? result : result.map((one) => one.severity)).toContain("error");
  });
});
