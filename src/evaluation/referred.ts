import type { Expression, Reference } from "../core/syntax.ts";
import { references } from "../language/references.ts";

/** A name that an expression refers to, with all references to it. */
export interface Referred {
  readonly root: string;
  /**
   * The name after the root (`var.image`, `node["r1"]`); undefined where the root is taken as a whole or with an index
   * that is no constant name.
   */
  readonly member: string | undefined;
  readonly references: readonly Reference[];
}

const known = new WeakMap<Expression, readonly Referred[]>();

/** What an expression refers to, each name once; found once for each expression, however many instances ask. */
export function referredIn(expression: Expression): readonly Referred[] {
  if (expression.kind === "literal") return [];
  let found = known.get(expression);
  if (!found) {
    found = byName(references(expression));
    known.set(expression, found);
  }
  return found;
}

function byName(found: readonly Reference[]): readonly Referred[] {
  const groups = new Map<string, { root: string; member: string | undefined; references: Reference[] }>();
  for (const reference of found) {
    const { root, path } = reference;
    const member = typeof path[0] === "string" ? path[0] : undefined;
    const key = nameOf(root, member);
    const group = groups.get(key);
    if (group) group.references.push(reference);
    else groups.set(key, { root, member, references: [reference] });
  }
  return [...groups.values()];
}

/** `var.image`, or the root alone. */
export function nameOf(root: string, member: string | undefined): string {
  return member === undefined ? root : `${root}.${member}`;
}
