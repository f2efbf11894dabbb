import type { Diagnostic } from "../../src/core/diagnostics.ts";
import { formatRange, rangeText } from "../../src/core/source.ts";
import { testCasesOf } from "../support/textCases.ts";
import { printLab } from "./printLab.ts";
import { load } from "./support.ts";

/**
 * Each file of cases/ holds cases of this form, the expectation rewritten with UPDATE_GOLDEN=1:
 *
 *     # what the case shows
 *     the text of a.lab.hcl
 *     -- override.lab.hcl
 *     the text of another file, any number of them
 *     ==> lab
 *     what is read
 *     ==> errors
 *     what is said
 *
 * A case that has no lab block gets one.
 */
testCasesOf(new URL("cases/", import.meta.url), actual);

function actual(input: string): string {
  const { value, diagnostics } = load(filesOf(input));
  const parts = [];
  if (diagnostics.length > 0) parts.push(`==> errors\n${diagnostics.map(printDiagnostic).join("")}`);
  else if (value) parts.push(`==> lab\n${printLab(value)}`);
  return parts.join("");
}

function filesOf(input: string): { readonly [name: string]: string } {
  const [first, ...others] = input.split(/^-- (.*)\n/m);
  const files: { [name: string]: string } = { "a.lab.hcl": first ?? "" };
  for (let at = 0; at < others.length; at += 2) files[others[at] as string] = others[at + 1] as string;
  if (!/^lab "/m.test(files["a.lab.hcl"] as string)) files["z.lab.hcl"] = 'lab "t" {}\n';
  return files;
}

function printDiagnostic({ summary, detail, range, related }: Diagnostic): string {
  const place = range ? `${formatRange(range)} ${rangeText(range).replaceAll(/\s+/g, " ")}` : "nowhere";
  const lines = [place, `  ${summary}`, `  ${detail ?? ""}`];
  for (const one of related ?? []) lines.push(`  ${formatRange(one.range)} ${one.message}`);
  return `${lines.join("\n")}\n`;
}
