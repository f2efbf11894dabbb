import type { Diagnostic } from "../core/diagnostics.ts";
import type { Expression, TemplateExpression, TemplatePart } from "../core/syntax.ts";
import type { Value } from "../core/values.ts";
import { STRING, UNKNOWN } from "../core/values.ts";
import { normalised } from "../language/characters.ts";
import { evaluateCondition } from "./conditional.ts";
import { converted } from "./convert.ts";
import { evaluateInto } from "./evaluate.ts";
import { isIterationKnown, iterate, iterationProblem } from "./iteration.ts";
import { Problem, report } from "./problem.ts";
import type { Scope } from "./scope.ts";
import { LocalScope } from "./scope.ts";

export function evaluateTemplate(expression: TemplateExpression, scope: Scope, diagnostics: Diagnostic[]): Value {
  const [first] = expression.parts;
  if (expression.wrap && first?.kind === "interpolation") return evaluateInto(first.expression, scope, diagnostics);
  const output = new Output(diagnostics);
  output.parts(expression.parts, scope);
  return output.result();
}

/** The text as it grows; unknown as soon as a part is, while the rest is still looked through for errors. */
class Output {
  readonly #diagnostics: Diagnostic[];
  #text = "";
  #known = true;
  #sensitive = false;

  constructor(diagnostics: Diagnostic[]) {
    this.#diagnostics = diagnostics;
  }

  result(): Value {
    return { type: STRING, raw: this.#known ? normalised(this.#text) : UNKNOWN, sensitive: this.#sensitive };
  }

  parts(parts: readonly TemplatePart[], scope: Scope): void {
    for (const part of parts) {
      switch (part.kind) {
        case "text":
          this.#text += part.text;
          break;
        case "interpolation":
          this.#interpolate(part.expression, scope);
          break;
        case "if":
          this.#choose(part, scope);
          break;
        case "for":
          this.#repeat(part, scope);
          break;
      }
    }
  }

  #interpolate(expression: Expression, scope: Scope): void {
    const value = evaluateInto(expression, scope, this.#diagnostics);
    this.#sensitive ||= value.sensitive;
    const result = value.raw === null ? "it is null" : converted(value, STRING);
    if (typeof result === "string") {
      const problem = new Problem(
        "This value cannot be put into a text",
        `Only strings, numbers and bools can be: ${result}.`,
      );
      report(problem, expression.range, expression, scope, this.#diagnostics);
      this.#known = false;
    } else if (result.raw === UNKNOWN) this.#known = false;
    else this.#text += result.raw as string;
  }

  #choose(part: Extract<TemplatePart, { readonly kind: "if" }>, scope: Scope): void {
    const condition = evaluateCondition(part.condition, scope, this.#diagnostics);
    if (condition) this.#sensitive ||= condition.sensitive;
    if (condition?.raw !== true) this.#markAs(part.then, scope);
    if (condition?.raw !== false) this.#markAs(part.otherwise, scope);
    if (!condition || condition.raw === UNKNOWN) this.#known = false;
    else this.parts(condition.raw === true ? part.then : part.otherwise, scope);
  }

  /** What is not chosen makes the text sensitive all the same, as in Terraform; its errors are none. */
  #markAs(parts: readonly TemplatePart[], scope: Scope): void {
    if (this.#sensitive || parts.every((one) => one.kind === "text")) return;
    const other = new Output([]);
    other.parts(parts, scope);
    this.#sensitive = other.#sensitive;
  }

  #repeat(part: Extract<TemplatePart, { readonly kind: "for" }>, scope: Scope): void {
    const diagnostics = this.#diagnostics;
    const errors = diagnostics.length;
    const collection = evaluateInto(part.collection, scope, diagnostics);
    this.#sensitive ||= collection.sensitive;
    const problem = diagnostics.length > errors ? undefined : iterationProblem(collection);
    if (problem) report(problem, part.collection.range, part.collection, scope, diagnostics);
    if (diagnostics.length > errors || !isIterationKnown(collection)) {
      this.#known = false;
      return;
    }
    const local = new LocalScope(scope, part.keyName, part.valueName);
    for (const [key, value] of iterate(collection)) {
      local.bind(key, value);
      this.parts(part.body, local);
      if (diagnostics.length > errors) return;
    }
  }
}
