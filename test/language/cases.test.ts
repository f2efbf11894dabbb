import { parseFile } from "../../src/language/parse.ts";
import { testCasesOf } from "../support/textCases.ts";
import { printErrors } from "./printErrors.ts";
import { printBody } from "./printTree.ts";

/**
 * Each file of cases/ holds cases of this form, the expectation rewritten with UPDATE_GOLDEN=1:
 *
 *     # what the case shows
 *     the text of a lab file
 *     ==> tree
 *     how it is understood
 *
 * or `==> errors`, or both. In the text, `␍` stands for a carriage return and `␄` for the end of a file without a
 * line end.
 */
testCasesOf(new URL("cases/", import.meta.url), actual);

function actual(input: string): string {
  const text = input.replaceAll("␍", "\r").replace(/␄\n$/, "");
  const { body, diagnostics } = parseFile({ name: "case", text });
  const tree = printBody(body);
  const parts = [];
  if (tree !== "" || diagnostics.length === 0) parts.push(`==> tree\n${tree}`);
  if (diagnostics.length > 0) parts.push(`==> errors\n${printErrors(diagnostics)}`);
  return parts.join("");
}
