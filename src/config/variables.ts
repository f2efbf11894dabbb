import type { Diagnostic } from "../core/diagnostics.ts";
import { errorDiagnostic, hasErrors, warningDiagnostic } from "../core/diagnostics.ts";
import type { Checked, Lab, Variable } from "../core/lab.ts";
import type { Range, SourceFile } from "../core/source.ts";
import type { Expression } from "../core/syntax.ts";
import type { Value } from "../core/values.ts";
import { stringValue } from "../core/values.ts";
import { formatType } from "../evaluation/types.ts";
import { parseExpression } from "../language/parse.ts";
import { convertFor, evaluateConstant } from "./constant.ts";
import { compareVariableFiles } from "./files.ts";
import { didYouMean } from "./names.ts";
import { parseVariableFile } from "./variableFile.ts";

type Declared = Lab["variables"];

const PREFIX = "LABFORM_VAR_";

export interface VariableSources {
  readonly variables: Lab["variables"];
  /** All of it, or its part that begins with LABFORM_VAR_. */
  readonly environment: { readonly [name: string]: string | undefined };
  /** `labform.vars.hcl` and `*.auto.vars.hcl` of the lab's directory (see `isVariableFile`), in any order. */
  readonly files: readonly SourceFile[];
  /** `-var` and `-var-file` in the order given; what a user answers to a question comes last. */
  readonly given: readonly GivenVariable[];
}

export type GivenVariable =
  /** `-var`: `image=debian.qcow2` */
  | { readonly from: "argument"; readonly text: string }
  | { readonly from: "file"; readonly file: SourceFile }
  | { readonly from: "answer"; readonly name: string; readonly text: string };

/** The last value given to a variable; where it came from shows in the range of its expression or text. */
type Given = { readonly expression: Expression } | { readonly text: string; readonly range: Range };

/** The value of every variable, converted to its type and marked sensitive where it is declared so. */
export interface LoadedVariables extends Checked<ReadonlyMap<string, Value>> {
  /** Without a value. Each is an error in `diagnostics` too: who can ask for them does, and loads again. */
  readonly missing: readonly Variable[];
}

/**
 * Gathers the values of a lab's variables; the last wins: environment, `labform.vars.hcl`, `*.auto.vars.hcl` by name,
 * command line. An undeclared name is an error on the command line, a warning in a file (which may serve several
 * labs), and nothing in the environment. As Terraform: text from environment and command line is taken as it is for
 * string, number, bool and undeclared types, and as an expression for all others.
 */
export function loadVariables(sources: VariableSources): LoadedVariables {
  const diagnostics: Diagnostic[] = [];
  const given = gather(sources, diagnostics);
  const values = new Map<string, Value>();
  const missing: Variable[] = [];
  for (const variable of sources.variables.values()) {
    const value = valueOf(variable, given.get(variable.name), diagnostics);
    if (value === "missing") {
      missing.push(variable);
      diagnostics.push(missingValue(variable));
    } else if (value) values.set(variable.name, value);
  }
  return hasErrors(diagnostics) ? { missing, diagnostics } : { value: values, missing, diagnostics };
}

function gather(sources: VariableSources, diagnostics: Diagnostic[]): ReadonlyMap<string, Given> {
  const { variables } = sources;
  const given = new Map<string, Given>();
  for (const name of variables.keys()) {
    const text = sources.environment[PREFIX + name];
    if (text !== undefined) given.set(name, textOf(`<environment ${PREFIX}${name}>`, text));
  }
  const files = sources.files.toSorted((left, right) => compareVariableFiles(left.name, right.name));
  for (const file of files) gatherFile(file, variables, given, diagnostics);
  for (const one of sources.given) {
    if (one.from === "file") gatherFile(one.file, variables, given, diagnostics);
    else if (one.from === "answer") given.set(one.name, textOf(`<answer for var.${one.name}>`, one.text));
    else gatherArgument(one.text, variables, given, diagnostics);
  }
  return given;
}

function gatherFile(file: SourceFile, variables: Declared, given: Map<string, Given>, diagnostics: Diagnostic[]): void {
  const parsed = parseVariableFile(file);
  diagnostics.push(...parsed.diagnostics);
  for (const { name, nameRange: range, expression } of parsed.attributes) {
    if (variables.has(name)) given.set(name, { expression });
    else {
      const detail = `The lab declares no variable of this name, so the value is not used.${didYouMean(name, variables.keys())}`;
      diagnostics.push(warningDiagnostic(`Value for undeclared variable "${name}"`, { detail, range }));
    }
  }
}

function gatherArgument(
  argument: string,
  variables: Declared,
  given: Map<string, Given>,
  diagnostics: Diagnostic[],
): void {
  const equals = argument.indexOf("=");
  const name = (equals === -1 ? argument : argument.slice(0, equals)).trim();
  if (equals === -1 || name === "") {
    const detail = `Write the variable's name, an equals sign and its value: -var "${name || "name"}=value".`;
    diagnostics.push(errorDiagnostic(`-var ${JSON.stringify(argument)} gives no value`, { detail }));
    return;
  }
  if (!variables.has(name)) {
    const meant = didYouMean(name, variables.keys());
    const detail = `The lab declares no variable of this name.${meant || ` Add a block variable "${name}" { … } to use it.`}`;
    diagnostics.push(errorDiagnostic(`-var gives a value to undeclared variable "${name}"`, { detail }));
    return;
  }
  given.set(name, textOf(`<argument -var ${name}>`, argument.slice(equals + 1)));
}

function textOf(source: string, text: string): Given {
  return { text, range: { file: { name: source, text }, start: 0, end: text.length } };
}

/** Undefined when there was an error, which is reported. */
function valueOf(
  variable: Variable,
  given: Given | undefined,
  diagnostics: Diagnostic[],
): Value | "missing" | undefined {
  if (!given) return variable.default ? defaultOf(variable, diagnostics) : "missing";
  const value =
    "expression" in given
      ? evaluated(given.expression, variable, diagnostics)
      : fromText(given.text, given.range, variable, diagnostics);
  if (value === undefined || value.raw !== null || variable.nullable) return value;
  if (variable.default) return defaultOf(variable, diagnostics);
  diagnostics.push(
    errorDiagnostic(`var.${variable.name} cannot be null`, {
      detail: "It is declared with nullable = false and has no default to take instead. Give it another value.",
      range: "expression" in given ? given.expression.range : given.range,
      related: [{ message: "declared here", range: variable.range }],
    }),
  );
  return undefined;
}

/** Was checked when the lab was loaded. */
function defaultOf(variable: Variable, diagnostics: Diagnostic[]): Value | undefined {
  return evaluated(variable.default as Expression, variable, diagnostics);
}

function evaluated(expression: Expression, variable: Variable, diagnostics: Diagnostic[]): Value | undefined {
  const checked = evaluateConstant(expression, variable, "The value of a variable");
  diagnostics.push(...checked.diagnostics.map((one) => concealed(one, variable)));
  return checked.value;
}

function fromText(text: string, range: Range, variable: Variable, diagnostics: Diagnostic[]): Value | undefined {
  if (!isLiteral(variable)) {
    const parsed = parseExpression(range.file);
    diagnostics.push(...parsed.diagnostics.map((one) => concealed(one, variable)));
    return parsed.expression && evaluated(parsed.expression, variable, diagnostics);
  }
  const converted = convertFor(stringValue(text), variable);
  if ("value" in converted) return converted.value;
  diagnostics.push(
    concealed(
      errorDiagnostic(`Wrong type for var.${variable.name}`, {
        detail: `Its type is ${formatType(variable.type)}: ${converted.error}`,
        range,
      }),
      variable,
    ),
  );
  return undefined;
}

function isLiteral({ type, typeRange }: Variable): boolean {
  const { kind } = type;
  return kind === "string" || kind === "number" || kind === "bool" || typeRange === undefined;
}

/** A message about a sensitive value must not show the line it stands in: it points at the declaration instead. */
function concealed(diagnostic: Diagnostic, variable: Variable): Diagnostic {
  if (!variable.sensitive || !diagnostic.range) return diagnostic;
  return {
    severity: diagnostic.severity,
    summary: diagnostic.summary,
    detail: `The value given in ${diagnostic.range.file.name} cannot be used as ${formatType(variable.type)}. It is sensitive and is not shown.`,
    range: variable.range,
  };
}

function missingValue({ name, description, range, type }: Variable): Diagnostic {
  const what = description ? `${description.replace(/[.\s]*$/, "")}. ` : "";
  const example = type.kind === "string" || type.kind === "dynamic" ? '"…"' : "…";
  const detail =
    `${what}Give it one in any of these ways: -var '${name}=…', a line ${name} = ${example} in labform.vars.hcl, ` +
    `in a *.auto.vars.hcl file or in a file named with -var-file, the environment variable ${PREFIX}${name}, ` +
    "or a default in its block.";
  return errorDiagnostic(`No value for var.${name}`, { detail, range });
}
