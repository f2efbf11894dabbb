import type { Diagnostic } from "../../core/diagnostics.ts";
import { errorDiagnostic } from "../../core/diagnostics.ts";
import { suggestionText } from "../../core/suggestion.ts";
import type { Expression } from "../../core/syntax.ts";
import type { Value } from "../../core/values.ts";
import { DYNAMIC, STRING, UNKNOWN, UNKNOWN_VALUE, unknownValue } from "../../core/values.ts";
import { identifierEnd } from "../../language/characters.ts";
import { parseTemplate } from "../../language/parse.ts";
import { references } from "../../language/references.ts";
import { converted } from "../convert.ts";
import { evaluate } from "../evaluate.ts";
import { Fault } from "../fault.ts";
import type { FunctionDeclaration, FunctionRegistry, Parameter } from "../functions.ts";
import { functions } from "../functions.ts";
import { containsSensitive, marked } from "../marks.ts";
import { readAhead } from "../readAhead.ts";
import type { Scope } from "../scope.ts";
import { shortText } from "../shown.ts";
import type { Surroundings } from "../surroundings.ts";
import { describeType } from "../types.ts";
import { NO_SURROUNDINGS, readText } from "./fileAccess.ts";
import { PATH } from "./files.ts";

/** A mark on any of them marks the whole result, as in Terraform; inside, each keeps its own, so that none is quoted. */
const VARIABLES: Parameter = { name: "vars", type: DYNAMIC, partial: true, marks: true };

const readers = ["file", "filebase64", "fileexists", "fileset"];

/**
 * Texts with `${}` and `%{}` in them, from a file or a string. A template sees the variables it is given and the
 * functions of the language, but no template functions; one from a string reads no files either.
 */
export function templateFunctions(surroundings: Surroundings | undefined): readonly FunctionDeclaration[] {
  return [
    {
      name: "templatefile",
      parameters: [PATH, { ...VARIABLES, unknown: true }],
      result: DYNAMIC,
      call: (path: Value, variables: Value) => {
        if (!surroundings) return NO_SURROUNDINGS;
        const name = path.raw as string;
        const text = readText(name, surroundings, "A template is a text");
        if (text instanceof Fault) return text;
        return render({ name, text }, variables, surroundings, withoutTemplates(surroundings));
      },
    },
    {
      name: "templatestring",
      // What it is must be seen: only a string is a template.
      parameters: [{ name: "template", type: DYNAMIC }, VARIABLES],
      result: STRING,
      examine: ([template]) => (template ? examineTemplate(template) : undefined),
      call: (template: Value, variables: Value) => {
        if (!surroundings) return NO_SURROUNDINGS;
        if (template.type.kind !== "string")
          return new Fault(`a string is needed, this is ${describeType(template.type)}`, 0);
        const file = { name: "<template of templatestring()>", text: template.raw as string };
        const result = render(file, variables, surroundings, withoutFiles(surroundings));
        if (result instanceof Fault || result.raw === UNKNOWN)
          return result instanceof Fault ? result : marked(unknownValue(STRING), result.sensitive);
        const text = converted(result, STRING);
        return typeof text === "string" ? new Fault(`the template gives no text: ${text}`, 0) : text;
      },
    },
  ];
}

function render(
  file: { readonly name: string; readonly text: string },
  variables: Value,
  surroundings: Surroundings,
  registry: FunctionRegistry,
): Value | Fault {
  const isKnown = variables.raw !== UNKNOWN;
  const given = isKnown ? variablesOf(variables) : new Map<string, Value>();
  if (given instanceof Fault) return given;
  const { expression, diagnostics } = parseTemplate(file);
  if (!expression || diagnostics.length > 0) return faultOf(diagnostics);
  const scope: Scope = {
    member: () => undefined,
    lookup: (root) => given.get(root),
    names: (root) => (root === undefined ? [...given.keys()] : []),
    functions: registry,
    surroundings,
  };
  if (surroundings.readsAhead) readAhead(expression, scope);
  if (!isKnown) return marked(UNKNOWN_VALUE, variables.sensitive);
  const missing = missingVariables(expression, [...given.keys()]);
  if (missing.length > 0) return faultOf(missing);
  const result = evaluate(expression, scope);
  if (result.diagnostics.length > 0) return faultOf(result.diagnostics);
  if (result.value.raw === null) return new Fault("the template gives null, not a text", 0);
  return marked(result.value, containsSensitive(variables));
}

function variablesOf(variables: Value): ReadonlyMap<string, Value> | Fault {
  if (!(variables.raw instanceof Map)) {
    return new Fault(`the variables of a template are an object or a map, this is ${describeType(variables.type)}`, 1);
  }
  const given = variables.raw as ReadonlyMap<string, Value>;
  for (const name of given.keys()) {
    if (name !== "" && identifierEnd(name, 0) === name.length) continue;
    return new Fault(
      `${shortText(name)} cannot be written in a template: a name has letters, digits, - and _, and begins with no digit`,
      1,
    );
  }
  return given;
}

/** Also in parts that are not reached this time. */
function missingVariables(template: Expression, given: readonly string[]): readonly Diagnostic[] {
  const seen = new Set(given);
  const found: Diagnostic[] = [];
  for (const { root, range } of references(template)) {
    if (seen.has(root)) continue;
    seen.add(root);
    const detail = `A template sees only the variables that it is given in "vars". ${suggestionText(root, given)}`;
    found.push(errorDiagnostic(`The template is given no variable "${root}"`, { detail, range }));
  }
  return found;
}

/** That a template is no text of HCL says nothing of the lab file. */
function faultOf(diagnostics: readonly Diagnostic[]): Fault {
  return new Fault(
    "the template has errors",
    0,
    diagnostics.map(({ syntax: _, ...one }) => one),
  );
}

/** Only something that is named; a template that stands in its place is better written without the function. */
function examineTemplate(template: Expression): Fault | undefined {
  if (isNamed(template)) return undefined;
  const advice =
    template.kind === "template" && !template.wrap
      ? "Write the text with its ${} as it is, without the function"
      : template.kind === "template"
        ? "Write the name alone, without quotes and ${}"
        : "Give it a name with a local, and write local.NAME here";
  return new Fault(`it must be the name of a string that is found elsewhere, such as local.greeting. ${advice}`, 0);
}

function isNamed(expression: Expression): boolean {
  switch (expression.kind) {
    case "variable":
      return true;
    case "attribute":
      return isNamed(expression.object);
    case "index":
      return isNamed(expression.object);
    case "splat":
      return isNamed(expression.source);
    default:
      return false;
  }
}

const reduced = new WeakMap<Surroundings, { readonly templates: FunctionRegistry; readonly files: FunctionRegistry }>();

function withoutTemplates(surroundings: Surroundings): FunctionRegistry {
  return registriesFor(surroundings).templates;
}

function withoutFiles(surroundings: Surroundings): FunctionRegistry {
  return registriesFor(surroundings).files;
}

function registriesFor(surroundings: Surroundings) {
  let registries = reduced.get(surroundings);
  if (!registries) {
    const all = functions(surroundings);
    const templates = refusing(all, ["templatefile", "templatestring"], "a template cannot call for another one");
    const advice = "a template that comes from a string reads no files. Give it what is read as a variable";
    const hashes = [...all.keys()].filter((name) => /^file.*(?:md5|sha\d+)$/.test(name));
    registries = { templates, files: refusing(templates, [...readers, ...hashes], advice) };
    reduced.set(surroundings, registries);
  }
  return registries;
}

function refusing(registry: FunctionRegistry, names: readonly string[], reason: string): FunctionRegistry {
  const result = new Map(registry);
  for (const name of names) {
    const one = registry.get(name);
    if (one) result.set(name, { ...one, examine: () => new Fault(reason) });
  }
  return result;
}
