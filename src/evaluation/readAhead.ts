import type { Expression } from "../core/syntax.ts";
import type { Value } from "../core/values.ts";
import { UNKNOWN_VALUE } from "../core/values.ts";
import { eachExpression } from "../language/eachExpression.ts";
import { evaluate } from "./evaluate.ts";
import type { Scope } from "./scope.ts";

/**
 * Evaluates each call in an expression for itself, also those that are not reached as long as something is unknown: in
 * the body of a `for` over what is not known yet, behind a condition, after the first argument of `try`. So all that
 * these may read when more is known has been read. What comes of it, errors too, is dropped.
 */
export function readAhead(expression: Expression, scope: Scope): void {
  const ahead = new AheadScope(scope);
  for (const one of eachExpression(expression)) if (one.kind === "call") evaluate(one, ahead);
}

/** The names that a `for` binds are unknown: all others were looked for before. */
class AheadScope implements Scope {
  readonly functions: Scope["functions"];
  readonly surroundings: Scope["surroundings"];
  readonly #outer: Scope;

  constructor(outer: Scope) {
    this.#outer = outer;
    this.functions = outer.functions;
    this.surroundings = outer.surroundings;
  }

  member(root: string, name: string): Value | undefined {
    return this.#outer.member(root, name);
  }

  lookup(root: string): Value | undefined {
    return this.#outer.lookup(root) ?? UNKNOWN_VALUE;
  }

  names(root?: string): string[] {
    return this.#outer.names(root);
  }

  element(root: string): ReturnType<NonNullable<Scope["element"]>> {
    return this.#outer.element?.(root);
  }
}
