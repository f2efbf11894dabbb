import type { Lab, Resource } from "../core/lab.ts";
import type { Body, Expression, Reference } from "../core/syntax.ts";
import { references } from "../language/references.ts";

/** A set of references that stand in one block and may refer to the same things. */
export interface Site {
  /** `node.r1`, `local.x`, `output.y`, `provider.qemu`, `var.x` for a rule of its own, or `lab`. */
  readonly owner: string;
  readonly references: readonly Reference[];
  /** Set in a resource's body: which of `each` and `count` have a meaning there. */
  readonly instances?: "each" | "count" | undefined;
}

const known = new WeakMap<Lab, readonly Site[]>();

/** All references of a lab but those in `depends_on`, in the order of the files; found once for each lab. */
export function sitesOf(lab: Lab): readonly Site[] {
  let sites = known.get(lab);
  if (!sites) {
    sites = [...findSites(lab)];
    known.set(lab, sites);
  }
  return sites;
}

function* findSites(lab: Lab): Generator<Site> {
  yield { owner: "lab", references: referencesIn([lab.identity, lab.allowUnsafeOptions]) };
  for (const provider of lab.providers.values()) {
    yield { owner: `provider.${provider.name}`, references: referencesIn(expressionsOf(provider.body)) };
  }
  for (const { name, validations } of lab.variables.values()) {
    for (const { condition, errorMessage } of validations) {
      yield { owner: `var.${name}`, references: referencesIn([condition, errorMessage]) };
    }
  }
  for (const local of lab.locals.values()) {
    yield { owner: `local.${local.name}`, references: references(local.expression) };
  }
  for (const resource of lab.resources.values()) {
    yield { owner: resource.address, references: referencesIn([resource.count, resource.forEach]) };
    yield {
      owner: resource.address,
      references: referencesIn(expressionsOf(resource.body)),
      instances: instancesOf(resource),
    };
  }
  for (const output of lab.outputs.values()) {
    yield { owner: `output.${output.name}`, references: references(output.expression) };
  }
}

function instancesOf(resource: Resource): Site["instances"] {
  if (resource.forEach) return "each";
  return resource.count ? "count" : undefined;
}

function referencesIn(expressions: Iterable<Expression | undefined>): Reference[] {
  const found: Reference[] = [];
  for (const expression of expressions) if (expression) found.push(...references(expression));
  return found;
}

function* expressionsOf(body: Body): Generator<Expression> {
  for (const attribute of body.attributes) yield attribute.expression;
  for (const block of body.blocks) yield* expressionsOf(block.body);
}
