import type { Diagnostic } from "../core/diagnostics.ts";
import { errorDiagnostic } from "../core/diagnostics.ts";
import type { ProviderSchema } from "../core/schema.ts";
import type { Range } from "../core/source.ts";
import type { Block } from "../core/syntax.ts";
import type { Type } from "../core/values.ts";
import { DYNAMIC } from "../core/values.ts";
import { parseType } from "../evaluation/typeConstraint.ts";
import { readRules } from "./conditions.ts";
import { concealed, evaluateConstant } from "./constant.ts";
import type { Draft } from "./draft.ts";
import { declaredName, onlyLabel } from "./labels.ts";
import { attributeOf, literalBool, literalString } from "./literals.ts";
import { didYouMean, listed } from "./names.ts";
import { readDependsOn } from "./resource.ts";
import { moduleArguments, outputSchema, variableSchema } from "./schemas.ts";
import { checkBody, duplicate, wrongLabels } from "./shape.ts";
import { unsupportedInOutput, unsupportedInVariable } from "./unsupported.ts";
import { readValidations } from "./validation.ts";

/** The blocks of a lab that are no resources: each reader checks its block's shape and adds it to the draft. */

export function readProvider(block: Block, draft: Draft, schemas: readonly ProviderSchema[]): void {
  const label = onlyLabel(block, 'provider "name" { … }', draft);
  if (!label) return;
  const name = label.text;
  const schema = schemas.find((one) => one.name === name);
  if (!schema) {
    const names = schemas.map((one) => one.name);
    const meant = didYouMean(name, names) || ` There are ${listed(names)}.`;
    const detail = `labform has no provider of this name.${meant}`;
    draft.diagnostics.push(errorDiagnostic(`Unknown provider "${name}"`, { detail, range: label.range }));
    return;
  }
  const first = draft.providers.get(name);
  if (first) {
    draft.diagnostics.push(duplicate(`provider "${name}"`, "in this lab", block.headerRange, first.range));
    return;
  }
  checkBody(block.body, schema.settings, { title: `provider "${name}"`, header: block.headerRange }, draft);
  draft.providers.set(name, { name, body: block.body, range: block.headerRange });
}

/** As Terraform's: words that mean something in a module block, now or later. */
const reservedVariables: ReadonlySet<string> = new Set([
  ...Object.keys(moduleArguments),
  ...["version", "providers", "lifecycle", "locals"],
]);

export function readVariable(block: Block, draft: Draft): void {
  const name = declaredName(block, draft, draft.variables, 'variable "name" { … }');
  if (name === undefined) return;
  const { body, headerRange: range } = block;
  const { diagnostics } = draft;
  if (reservedVariables.has(name)) {
    const detail = `In a module block ${name} has a meaning of its own, so no call could give the variable a value. Give it another name.`;
    diagnostics.push(errorDiagnostic(`A variable cannot be named "${name}"`, { detail, range }));
  }
  checkBody(
    body,
    variableSchema,
    { title: `variable "${name}"`, header: range, unsupported: unsupportedInVariable },
    draft,
  );

  const typeExpression = attributeOf(body, "type")?.expression;
  let type: Type = DYNAMIC;
  if (typeExpression) {
    const parsed = parseType(typeExpression);
    diagnostics.push(...parsed.diagnostics);
    if (parsed.value) type = parsed.value;
  }
  const variable = {
    name,
    type,
    typeRange: typeExpression?.range,
    default: attributeOf(body, "default")?.expression,
    description: literalString(body, "description", diagnostics),
    sensitive: literalBool(body, "sensitive", false, diagnostics),
    nullable: literalBool(body, "nullable", true, diagnostics),
    validations: readValidations(body, name, diagnostics),
    range,
  };
  draft.variables.set(name, variable);
  if (variable.default) {
    const checked = evaluateConstant(variable.default, variable, "The default of a variable");
    diagnostics.push(...checked.diagnostics.map((one) => concealed(one, variable)));
    if (checked.value?.raw === null && !variable.nullable) diagnostics.push(nullDefault(variable.default.range));
  }
}

function nullDefault(range: Range): Diagnostic {
  const detail = "The variable is declared with nullable = false. Give it another default, or remove this one.";
  return errorDiagnostic("The default cannot be null", { detail, range });
}

export function readLocals(block: Block, draft: Draft): void {
  if (block.labels.length > 0) draft.diagnostics.push(wrongLabels(block, "locals { … }", 0));
  for (const nested of block.body.blocks) {
    draft.diagnostics.push(
      errorDiagnostic(`Unknown block "${nested.type}"`, {
        detail: "A locals block holds arguments only: name = value.",
        range: nested.headerRange,
      }),
    );
  }
  for (const { name, nameRange, expression } of block.body.attributes) {
    const first = draft.locals.get(name);
    if (first) draft.diagnostics.push(duplicate(`local "${name}"`, "in this lab", nameRange, first.range));
    else draft.locals.set(name, { name, expression, range: nameRange });
  }
}

export function readOutput(block: Block, draft: Draft): void {
  const name = declaredName(block, draft, draft.outputs, 'output "name" { … }');
  if (name === undefined) return;
  const { body, headerRange: range } = block;
  const { diagnostics } = draft;
  checkBody(body, outputSchema, { title: `output "${name}"`, header: range, unsupported: unsupportedInOutput }, draft);
  const expression = attributeOf(body, "value")?.expression;
  if (!expression) return;
  draft.outputs.set(name, {
    name,
    expression,
    description: literalString(body, "description", diagnostics),
    sensitive: literalBool(body, "sensitive", false, diagnostics),
    dependsOn: readDependsOn(body, diagnostics),
    preconditions: readRules(body, "precondition"),
    range,
  });
}
