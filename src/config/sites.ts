import type { Conditions, Module, ModuleCall, Resource, Rule } from "../core/lab.ts";
import type { RuleKind } from "../core/plan.ts";
import type { Expression, Reference } from "../core/syntax.ts";
import { bodyReferences } from "../language/bodyReferences.ts";
import { references } from "../language/references.ts";
import { readConditions, withoutLifecycle } from "./conditions.ts";
import { lifecycleOf } from "./lifecycle.ts";
import { isLab } from "./places.ts";

/** A set of references that stand in one block and may refer to the same things. */
export interface Site {
  /**
   * `node.r1`, `template.x`, `local.x`, `output.y`, `check.z`, `provider.qemu`, `var.x` for a rule of its own, `module.pod`,
   * `module.pod.var.x` for an argument of its call, or `lab`.
   */
  readonly owner: string;
  readonly references: readonly Reference[];
  /** Set in a resource's body: which of `each` and `count` have a meaning there. */
  readonly instances?: "each" | "count" | "either" | undefined;
  /** The resource whose body it is: parts of it may stand in templates. */
  readonly resource?: Resource | undefined;
  /** Set of what stands in `replace_triggered_by`. */
  readonly triggers?: true;
  /** Set of a condition and its message, but for those of a variable. */
  readonly rule?: { readonly kind: Exclude<RuleKind, "validation">; readonly condition: Expression };
}

const known = new WeakMap<Module, readonly Site[]>();

/** All references of a module but those in `depends_on`, in the order of the files; found once for each module. */
export function sitesOf(module: Module): readonly Site[] {
  let sites = known.get(module);
  if (!sites) {
    sites = [...findSites(module)];
    known.set(module, sites);
  }
  return sites;
}

function* findSites(module: Module): Generator<Site> {
  if (isLab(module)) {
    yield { owner: "lab", references: referencesIn([module.identity, module.allowUnsafeOptions]) };
    for (const provider of module.providers.values()) {
      yield { owner: `provider.${provider.name}`, references: bodyReferences(provider.body) };
    }
  }
  for (const { name, validations } of module.variables.values()) {
    for (const { condition, errorMessage } of validations) {
      yield { owner: `var.${name}`, references: referencesIn([condition, errorMessage]) };
    }
  }
  for (const local of module.locals.values()) {
    yield { owner: `local.${local.name}`, references: references(local.expression) };
  }
  for (const { name, body } of module.templates.values()) {
    const owner = `template.${name}`;
    yield { owner, references: bodyReferences(withoutLifecycle(body)), instances: "either" };
    const { attributes = [] } = lifecycleOf(body) ?? {};
    const argument = (wanted: string) => attributes.find((one) => one.name === wanted)?.expression;
    yield { owner, references: referencesIn([argument("prevent_destroy")]) };
    yield { owner, references: referencesIn([argument("replace_triggered_by")]), instances: "either" };
    yield* findConditionSites(readConditions(body), { owner, instances: "either" });
  }
  for (const call of module.calls.values()) yield* findCallSites(call);
  for (const resource of module.resources.values()) {
    const { count, forEach, enabled, lifecycle } = resource;
    const repetition = referencesIn([count, forEach, enabled, lifecycle?.preventDestroy]);
    if (repetition.length > 0) yield { owner: resource.address, references: repetition };
    yield {
      owner: resource.address,
      references: bodyReferences(resource.body),
      instances: instancesOf(resource),
      resource,
    };
    const { address: owner, conditions } = resource;
    if (lifecycle?.triggers.length) {
      const expressions = lifecycle.triggers.map(({ expression }) => expression);
      yield {
        owner,
        references: referencesIn(expressions),
        instances: instancesOf(resource),
        resource,
        triggers: true,
      };
    }
    yield* findConditionSites(conditions, { owner, instances: instancesOf(resource), resource });
  }
  for (const output of module.outputs.values()) {
    const owner = `output.${output.name}`;
    yield { owner, references: references(output.expression) };
    yield* findRuleSites(output.preconditions, "precondition", { owner });
  }
  for (const { name, assertions } of module.checks.values()) {
    yield* findRuleSites(assertions, "assertion", { owner: `check.${name}` });
  }
}

function* findConditionSites(conditions: Conditions | undefined, of: Omit<Site, "references">): Generator<Site> {
  if (!conditions) return;
  yield* findRuleSites(conditions.preconditions, "precondition", of);
  yield* findRuleSites(conditions.postconditions, "postcondition", of);
}

function* findRuleSites(
  rules: readonly Rule[],
  kind: Exclude<RuleKind, "validation">,
  of: Omit<Site, "references">,
): Generator<Site> {
  for (const { condition, errorMessage } of rules) {
    yield { ...of, references: referencesIn([condition, errorMessage]), rule: { kind, condition } };
  }
}

function* findCallSites(call: ModuleCall): Generator<Site> {
  yield { owner: call.address, references: referencesIn([call.count, call.forEach, call.enabled]) };
  for (const [name, expression] of call.arguments) {
    const owner = `${call.address}.var.${name}`;
    yield { owner, references: references(expression), instances: instancesOf(call) };
  }
}

function instancesOf({ count, forEach }: Resource | ModuleCall): Site["instances"] {
  if (forEach) return "each";
  return count ? "count" : undefined;
}

function referencesIn(expressions: Iterable<Expression | undefined>): Reference[] {
  const found: Reference[] = [];
  for (const expression of expressions) if (expression) found.push(...references(expression));
  return found;
}
