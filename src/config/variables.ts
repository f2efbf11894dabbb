import type { Diagnostic } from "../core/diagnostics.ts";
import { errorDiagnostic, warningDiagnostic } from "../core/diagnostics.ts";
import type { Lab, Variable } from "../core/lab.ts";
import type { Range, SourceFile } from "../core/source.ts";
import type { Expression } from "../core/syntax.ts";
import type { Value } from "../core/values.ts";
import { stringValue } from "../core/values.ts";
import { formatType } from "../evaluation/types.ts";
import { convertFor } from "../evaluation/variableValue.ts";
import { parseExpression } from "../language/parse.ts";
import type { GivenValues } from "./checkValidations.ts";
import { concealed, evaluateConstant } from "./constant.ts";
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

export interface LoadedVariables extends GivenValues {
  /** Converted to its type, and marked sensitive where it is declared so; without those missing or in error. */
  readonly values: ReadonlyMap<string, Value>;
  /** Without a value, in the order of their declaration; no error is in `diagnostics` for them, see `missingValue`. */
  readonly missing: readonly Variable[];
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Gathers the values of a lab's variables; the last wins: environment, `labform.vars.hcl`, `*.auto.vars.hcl` by name,
 * command line. An undeclared name is an error on the command line, a warning in a file (which may serve several
 * labs), and nothing in the environment. As Terraform: text from environment and command line is taken as it is for
 * string, number, bool and undeclared types, and as an expression for all others.
 */
export function loadVariables(sources: VariableSources): LoadedVariables {
  const diagnostics: Diagnostic[] = [];
  const { given, complete } = gather(sources, diagnostics);
  const values = new Map<string, Value>();
  const origins = new Map<string, Range>();
  const missing: Variable[] = [];
  for (const variable of sources.variables.values()) {
    const { name } = variable;
    const found = valueOf(variable, given.get(name), diagnostics);
    if (found === "missing") {
      if (complete) missing.push(variable);
    } else if (found) {
      values.set(name, found.value);
      origins.set(name, found.origin);
    }
  }
  return { values, origins, missing, diagnostics };
}

interface Gathered {
  readonly given: Map<string, Given>;
  /** False once a file could not be read: nothing is missing then that may stand in it. */
  complete: boolean;
}

function gather(sources: VariableSources, diagnostics: Diagnostic[]): Gathered {
  const { variables } = sources;
  const gathered: Gathered = { given: new Map(), complete: true };
  const { given } = gathered;
  for (const name of variables.keys()) {
    const text = sources.environment[PREFIX + name];
    if (text !== undefined) given.set(name, textOf(`<environment ${PREFIX}${name}>`, text));
  }
  const files = sources.files.toSorted((left, right) => compareVariableFiles(left.name, right.name));
  for (const file of files) gatherFile(file, variables, gathered, diagnostics);
  for (const one of sources.given) {
    if (one.from === "file") gatherFile(one.file, variables, gathered, diagnostics);
    else if (one.from === "answer") given.set(one.name, textOf(`<answer for var.${one.name}>`, one.text));
    else gatherArgument(one.text, variables, given, diagnostics);
  }
  return gathered;
}

function gatherFile(file: SourceFile, variables: Declared, gathered: Gathered, diagnostics: Diagnostic[]): void {
  const parsed = parseVariableFile(file, variables);
  diagnostics.push(...parsed.diagnostics);
  if (!parsed.complete) gathered.complete = false;
  for (const { name, nameRange, expression } of parsed.attributes) {
    if (variables.has(name)) gathered.given.set(name, { expression });
    else {
      // The name may be a sensitive variable's, misspelt: the line is shown without the value.
      const text = `${expression.range.file.text.slice(0, expression.range.start)}…`;
      const range = { ...nameRange, file: { name: file.name, text } };
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

interface Found {
  readonly value: Value;
  readonly origin: Range;
}

/** Undefined when there was an error, which is reported. */
function valueOf(
  variable: Variable,
  given: Given | undefined,
  diagnostics: Diagnostic[],
): Found | "missing" | undefined {
  if (!given) return variable.default ? defaultOf(variable) : "missing";
  const origin = "expression" in given ? given.expression.range : given.range;
  const value =
    "expression" in given
      ? evaluated(given.expression, variable, diagnostics)
      : fromText(given.text, origin, variable, diagnostics);
  if (value === undefined) return undefined;
  if (value.raw !== null || variable.nullable) return { value, origin };
  if (variable.default) return defaultOf(variable);
  diagnostics.push(
    errorDiagnostic(`var.${variable.name} cannot be null`, {
      detail: "It is declared with nullable = false and has no default to take instead. Give it another value.",
      range: origin,
      related: [{ message: "declared here", range: variable.range }],
    }),
  );
  return undefined;
}

/** Was checked when the lab was loaded: what is wrong with it is told already. */
function defaultOf(variable: Variable): Found | undefined {
  const expression = variable.default as Expression;
  const { value } = evaluateConstant(expression, variable, "The default of a variable");
  return value && { value, origin: expression.range };
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
        detail: `Its type is ${formatType(variable.type)}: ${converted.error}.`,
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

/** `why` is a sentence that goes before the ways to give a value. */
export function missingValue({ name, description, range, type }: Variable, why?: string): Diagnostic {
  const what = why ?? (description ? `${description.replace(/[.\s]*$/, "")}.` : "");
  const example = type.kind === "string" || type.kind === "dynamic" ? '"…"' : "…";
  const detail =
    `${what} Give it one in any of these ways: -var '${name}=…', a line ${name} = ${example} in labform.vars.hcl, ` +
    `in a *.auto.vars.hcl file or in a file named with -var-file, the environment variable ${PREFIX}${name}, ` +
    "or a default in its block.";
  return errorDiagnostic(`No value for var.${name}`, { detail: detail.trimStart(), range });
}
