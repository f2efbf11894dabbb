import type { Lab, Resource, Rule } from "../../src/core/lab.ts";
import { position, rangeText } from "../../src/core/source.ts";
import type { Body, Expression } from "../../src/core/syntax.ts";

/**
 * What a lab has after templates and override files were merged into it: each argument with the file and line it
 * comes from. Nothing of what is in the file alone, such as descriptions.
 */
export function printLab(lab: Lab): string {
  const lines = [argument("identity", lab.identity), ...written("required_version", lab.requiredVersion)];
  for (const { name, default: standard, sensitive, validations } of lab.variables.values()) {
    lines.push(`variable "${name}"${sensitive ? " sensitive" : ""}\n`, argument("  default", standard));
    for (const { condition } of validations) lines.push(argument("  condition", condition));
  }
  for (const { name, expression } of lab.locals.values()) lines.push(argument(`local.${name}`, expression));
  for (const { name, body } of lab.providers.values()) lines.push(`provider "${name}"\n`, printBody(body, "  "));
  for (const resource of lab.resources.values()) lines.push(printResource(resource));
  for (const { name, expression, sensitive, preconditions } of lab.outputs.values()) {
    lines.push(`output "${name}"${sensitive ? " sensitive" : ""}\n`, argument("  value", expression));
    lines.push(rules("  precondition", preconditions));
  }
  for (const { name, assertions } of lab.checks.values())
    lines.push(`check "${name}"\n`, rules("  assert", assertions));
  return lines.join("");
}

function printResource({ kind, name, count, forEach, dependsOn, body, conditions }: Resource): string {
  const waits = dependsOn.map(({ address }) => `  depends on ${address}\n`);
  const meta = [argument("  count", count), argument("  for_each", forEach), ...waits];
  const { preconditions = [], postconditions = [] } = conditions ?? {};
  const told = [rules("  precondition", preconditions), rules("  postcondition", postconditions)];
  return `${kind} "${name}"\n${meta.join("")}${printBody(body, "  ")}${told.join("")}`;
}

function rules(name: string, found: readonly Rule[]): string {
  return found.map(({ condition }) => argument(name, condition)).join("");
}

function printBody({ attributes, blocks }: Body, indentation: string): string {
  const lines = attributes.map(({ name, expression }) => argument(indentation + name, expression));
  for (const { type, labels, body } of blocks) {
    const title = [type, ...labels.map(({ text }) => JSON.stringify(text))].join(" ");
    lines.push(`${indentation}${title}\n`, printBody(body, `${indentation}  `));
  }
  return lines.join("");
}

function argument(name: string, expression: Expression | undefined): string {
  return written(name, expression).join("");
}

function written(name: string, one: { readonly range: Expression["range"] } | undefined): string[] {
  if (!one) return [];
  const { file, start } = one.range;
  return [`${name} = ${rangeText(one.range).replaceAll(/\s+/g, " ")} (${file.name}:${position(file, start).line})\n`];
}
