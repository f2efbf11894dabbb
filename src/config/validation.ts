import type { Diagnostic } from "../core/diagnostics.ts";
import { errorDiagnostic } from "../core/diagnostics.ts";
import type { Rule } from "../core/lab.ts";
import type { Body } from "../core/syntax.ts";
import { references } from "../language/references.ts";
import { readRules } from "./conditions.ts";
import { attributeOf } from "./literals.ts";

/** The rules in a variable's body; those that lack a part, which is reported with the body's shape, are left out. */
export function readValidations(body: Body, name: string, diagnostics: Diagnostic[]): readonly Rule[] {
  for (const block of body.blocks) {
    if (block.type !== "validation") continue;
    const condition = attributeOf(block.body, "condition")?.expression;
    if (condition && !references(condition).some(({ root, path }) => root === "var" && path[0] === name)) {
      diagnostics.push(
        errorDiagnostic(`The condition does not look at var.${name}`, {
          detail: `It is checked for each value of the variable, so it must refer to var.${name}.`,
          range: condition.range,
        }),
      );
    }
  }
  return readRules(body, "validation");
}
