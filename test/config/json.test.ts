import { parseJsonLabFile } from "../../src/config/jsonBody.ts";
import { renderDiagnostic } from "../../src/ui/diagnostics.ts";
import { printBody } from "../language/printTree.ts";
import { testCasesOf } from "../support/textCases.ts";
import { resourceSchemas, schemas } from "./support.ts";

/**
 * Each file of json/ holds cases of this form, the expectation rewritten with UPDATE_GOLDEN=1:
 *
 *     # what the case shows
 *     the text of a lab file in JSON
 *     ==> tree
 *     how it is understood, in the form of test/language/cases
 *     ==> errors
 *     what is said, as the user sees it
 *
 * The facts are those of json/spec.md in the HCL repository and of `terraform validate` 1.11 on the same shapes.
 */
testCasesOf(new URL("json/", import.meta.url), actual);

function actual(input: string): string {
  const { body, diagnostics } = parseJsonLabFile({ name: "a.lab.json", text: input }, { schemas, resourceSchemas });
  const said = diagnostics.map((one) => renderDiagnostic(one, { colour: false, width: 110 }).trimEnd());
  const errors = said.length > 0 ? `==> errors\n${said.join("\n\n")}\n` : "";
  return `==> tree\n${printBody(body)}${errors}`;
}
