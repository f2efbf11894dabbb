import { expect, test } from "vitest";
import type { CommonOptions, Context } from "../../src/cli/context.ts";
import { reporter } from "../../src/cli/report.ts";
import { errorDiagnostic } from "../../src/core/diagnostics.ts";

function told(count: number, json: boolean): { readonly stdout: string; readonly stderr: string } {
  const written = { stdout: "", stderr: "" };
  const stream = (name: "stdout" | "stderr") => ({ columns: 80, write: (text: string) => (written[name] += text) });
  const context = { stdout: stream("stdout"), stderr: stream("stderr"), version: "0.1.0" } as unknown as Context;
  const report = reporter(context, { colour: false, json } as CommonOptions);
  report(Array.from({ length: count }, (_, at) => errorDiagnostic(`mistake ${at}.`)));
  return written;
}

test("up to a hundred mistakes are told", () => {
  const { stderr } = told(100, false);
  expect(stderr.match(/^Error: mistake/gm)).toHaveLength(100);
  expect(stderr).not.toContain("not shown");
});

test("of more the first hundred are told, and how many there are besides", () => {
  const { stderr } = told(1_234, false);
  expect(stderr.match(/^Error: mistake/gm)).toHaveLength(100);
  expect(stderr).toContain("Error: mistake 99.");
  expect(stderr).toMatch(/\n1134 more like these are not shown; -json tells all\.\n\n$/);
});

test("-json tells all", () => {
  const { stdout, stderr } = told(1_234, true);
  expect(stderr).toBe("");
  expect(stdout).toContain("mistake 1233.");
});
