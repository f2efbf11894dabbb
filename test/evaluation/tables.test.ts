import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Range } from "../../src/core/source.ts";
import { formatValue } from "../../src/evaluation/formatValue.ts";
import { tryEvaluate } from "./support.ts";
import { tableScope } from "./tableScope.ts";

interface Row {
  readonly expression: string;
  readonly value?: string;
  readonly error?: string;
  /** What labform gives where it means to differ from Terraform: a value, or null for an error. */
  readonly labform?: string | null;
  readonly because?: string;
}

const tables = join(import.meta.dirname, "tables");
const scope = tableScope();

for (const name of readdirSync(tables)) {
  const rows = JSON.parse(readFileSync(join(tables, name), "utf8")) as readonly Row[];
  describe(`expressions have the values Terraform gives them: ${name}`, () => {
    test.each(rows)("$expression", ({ expression, value, because, labform }) => {
      const expected = because === undefined ? value : (labform ?? undefined);
      const result = tryEvaluate(expression, scope);
      if (expected === undefined) {
        expect(result.diagnostics).not.toEqual([]);
        for (const one of result.diagnostics) {
          expect(one.severity).toBe("error");
          // Where something is missing at the end of a line, nothing but the place can be marked.
          const { file, start, end } = one.range as Range;
          expect(/^$|^\n/.test(file.text.slice(start)) ? "end" : file.text.slice(start, end)).not.toBe("");
        }
      } else {
        expect(result.diagnostics).toEqual([]);
        expect(formatValue(result.value)).toBe(expected);
      }
    });
  });
}
