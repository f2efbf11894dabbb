import type { Expression } from "../core/syntax.ts";
import type { Value } from "../core/values.ts";
import { objectValue } from "../core/values.ts";
import type { Scope } from "./scope.ts";

/** An element of a dynamic block's `for_each`, and where that was evaluated. */
export interface Element {
  /** Of a set, the element itself. */
  readonly key: Value;
  readonly value: Value;
  readonly forEach: Expression;
  readonly scope: Scope;
}

/** The name of a dynamic block's element, `disk.key` and `disk.value`, over the names around it. */
export class IteratorScope implements Scope {
  readonly functions: Scope["functions"];
  readonly surroundings: Scope["surroundings"];
  readonly #outer: Scope;
  readonly #name: string;
  readonly #element: Element;

  constructor(outer: Scope, name: string, element: Element) {
    this.#outer = outer;
    this.#name = name;
    this.#element = element;
    this.functions = outer.functions;
    this.surroundings = outer.surroundings;
  }

  element(root: string): Element | undefined {
    return root === this.#name ? this.#element : this.#outer.element?.(root);
  }

  member(root: string, name: string): Value | undefined {
    if (root !== this.#name) return this.#outer.member(root, name);
    return name === "key" || name === "value" ? this.#element[name] : undefined;
  }

  lookup(root: string): Value | undefined {
    if (root !== this.#name) return this.#outer.lookup(root);
    const { key, value } = this.#element;
    return objectValue(
      new Map([
        ["key", key],
        ["value", value],
      ]),
    );
  }

  names(root?: string): string[] {
    if (root === this.#name) return ["key", "value"];
    const outer = this.#outer.names(root);
    return root === undefined && !outer.includes(this.#name) ? [this.#name, ...outer] : outer;
  }
}
