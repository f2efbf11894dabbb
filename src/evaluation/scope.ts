import type { Value } from "../core/values.ts";
import type { FunctionDeclaration } from "./functions.ts";
import type { Element } from "./iteratorScope.ts";
import type { Surroundings } from "./surroundings.ts";

/**
 * What an expression may refer to. `root.name` asks for the one member first, so that `node.r1` never builds an
 * object of all nodes; a bare root, or an index on it, asks for the whole.
 */
export interface Scope {
  /** Undefined when `root` is not asked by members, or has no such one. */
  member(root: string, name: string): Value | undefined;
  /** Undefined when there is no such root. */
  lookup(root: string): Value | undefined;
  /** The roots, or the members of one: what a misspelt name is compared with. */
  names(root?: string): string[];
  /** Where `root` names the element of a dynamic block. */
  element?(root: string): Element | undefined;
  /** Instead of the language's own; where a scope has fewer or more. */
  readonly functions?: ReadonlyMap<string, FunctionDeclaration> | undefined;
  /** What functions see of the world outside; without them those that need it refuse. */
  readonly surroundings?: Surroundings | undefined;
}

/** Of what is read before all else: it refers to nothing and calls nothing. */
export const constants: Scope = {
  member: () => undefined,
  lookup: () => undefined,
  names: () => [],
  functions: new Map(),
};

/** The names a `for` binds, over those around it. */
export class LocalScope implements Scope {
  readonly functions: Scope["functions"];
  readonly surroundings: Scope["surroundings"];
  readonly #outer: Scope;
  readonly #keyName: string | undefined;
  readonly #valueName: string;
  #key: Value | undefined;
  #value: Value | undefined;

  constructor(outer: Scope, keyName: string | undefined, valueName: string) {
    this.#outer = outer;
    this.#keyName = keyName;
    this.#valueName = valueName;
    this.functions = outer.functions;
    this.surroundings = outer.surroundings;
  }

  /** The next element. */
  bind(key: Value, value: Value): void {
    this.#key = key;
    this.#value = value;
  }

  member(root: string, name: string): Value | undefined {
    return root === this.#valueName || root === this.#keyName ? undefined : this.#outer.member(root, name);
  }

  lookup(root: string): Value | undefined {
    if (root === this.#valueName) return this.#value;
    return root === this.#keyName ? this.#key : this.#outer.lookup(root);
  }

  names(root?: string): string[] {
    if (root === this.#valueName || (root !== undefined && root === this.#keyName)) return [];
    const outer = this.#outer.names(root);
    if (root !== undefined) return outer;
    return [this.#valueName, ...(this.#keyName === undefined ? [] : [this.#keyName]), ...outer];
  }
}
