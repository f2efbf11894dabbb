import { addressIn } from "../core/addresses.ts";
import type { Diagnostic } from "../core/diagnostics.ts";
import type { Lab, Lifecycle, Module, ModuleCall, ModulePlace, Repeated, Rule, Vertex } from "../core/lab.ts";
import type { RuleKind } from "../core/plan.ts";
import type { ResourceSchema } from "../core/schema.ts";
import type { Expression } from "../core/syntax.ts";
import { addOnce, withUser } from "../core/templateUse.ts";
import type { Value } from "../core/values.ts";
import { decodeBody } from "../evaluation/decode.ts";
import { evaluate } from "../evaluation/evaluate.ts";
import { evaluateOutput } from "../evaluation/output.ts";
import { checkRule } from "../evaluation/rules.ts";
import type { Scope } from "../evaluation/scope.ts";
import type { Surroundings } from "../evaluation/surroundings.ts";
import { references } from "../language/references.ts";
import { EarlyScope } from "./earlyScope.ts";
import { comingFrom, order } from "./order.ts";
import { eachPlace, placesOf } from "./places.ts";
import type { Schemas } from "./schemas.ts";

/** A lab some of whose variables have no value. */
export interface OpenLab {
  /** What none of them decides: it can be planned. */
  readonly rest: Lab;
  /** The names of all else: `node.r1`, `local.x`, `provider.qemu`, `module.pod.node.r1`. */
  readonly open: ReadonlySet<string>;
}

/** Parts a lab into what can be planned without the `unset` variables, and what comes from one of them. */
export function splitOpenLab(lab: Lab, unset: ReadonlySet<string>): OpenLab {
  const open = comingFrom(
    lab,
    [...unset].map((name) => `var.${name}`),
  );
  const closed = (expression: Expression | undefined) => {
    const waits = expression && references(expression).some(({ root, path }) => open.has(`${root}.${path[0]}`));
    return waits ? undefined : expression;
  };
  const rest: Lab = {
    ...lab,
    ...closedModule(placesOf(lab), open),
    identity: closed(lab.identity),
    allowUnsafeOptions: closed(lab.allowUnsafeOptions) ?? permitted(lab.allowUnsafeOptions),
    providers: new Map([...lab.providers].filter(([name]) => !open.has(`provider.${name}`))),
  };
  return { rest, open };
}

/** What a variable may allow is not wrong while the variable is not set. */
function permitted(expression: Expression | undefined): Expression | undefined {
  return expression && { kind: "literal", value: true, range: expression.range };
}

/** The same module may be open in one place and closed in another, so each place gets its own. */
function closedModule(place: ModulePlace, open: ReadonlySet<string>): Module {
  const { module } = place;
  const left = <T>(blocks: ReadonlyMap<string, T>, kind: string): ReadonlyMap<string, T> =>
    new Map([...blocks].filter(([name]) => !open.has(addressIn(place.address, kind + name))));
  const calls = new Map<string, ModuleCall>();
  for (const [name, call] of left(module.calls, "module.")) {
    const inner = place.inner.get(name) as ModulePlace;
    const given = [...call.arguments].filter(([argument]) => !open.has(addressIn(inner.address, `var.${argument}`)));
    calls.set(name, { ...call, arguments: new Map(given), module: closedModule(inner, open) });
  }
  return {
    ...module,
    variables: left(module.variables, "var."),
    locals: left(module.locals, "local."),
    resources: left(module.resources, ""),
    outputs: left(module.outputs, "output."),
    checks: left(module.checks, "check."),
    calls,
  };
}

/**
 * What is wrong with the open part of a lab whatever its variables will be: types, functions, arguments out of their
 * bounds. What only planning finds is not found.
 */
export function checkOpenLab(
  lab: Lab,
  open: ReadonlySet<string>,
  values: ReadonlyMap<string, Value>,
  schemas: Schemas,
  surroundings: Surroundings,
): readonly Diagnostic[] {
  const root = placesOf(lab);
  const scopes = new Map<ModulePlace, EarlyScope>();
  for (const place of eachPlace(root)) {
    scopes.set(place, new EarlyScope(place, place === root ? values : new Map(), surroundings));
  }
  const diagnostics: Diagnostic[] = [];
  for (const vertex of order(lab)) {
    const isOpen = open.has(vertex.name);
    const found = evaluateVertex(vertex, scopes) ?? (isOpen ? checkVertex(vertex, scopes, schemas) : []);
    // The mistakes of all others are found when the rest is planned.
    if (!isOpen) continue;
    for (const one of [...found, ...checkConditions(vertex, scopes)]) addOnce(one, diagnostics);
  }
  return diagnostics;
}

/** Of what others refer to; undefined for all else. */
function evaluateVertex(
  { kind, block, place }: Vertex,
  scopes: ReadonlyMap<ModulePlace, EarlyScope>,
): readonly Diagnostic[] | undefined {
  const scope = scopes.get(place) as EarlyScope;
  const outer = place.outer && scopes.get(place.outer);
  if (kind === "local") return scope.addLocal(block.name);
  if (kind === "variable") return outer ? scope.addArgument(block, outer) : [];
  return kind === "output" && outer ? outer.addOutput(place, block.name, scope) : undefined;
}

function checkVertex(
  { kind, block, place }: Vertex,
  scopes: ReadonlyMap<ModulePlace, EarlyScope>,
  { schemas, resourceSchemas }: Schemas,
): readonly Diagnostic[] {
  const scope = scopes.get(place) as EarlyScope;
  switch (kind) {
    case "resource": {
      const schema = resourceSchemas.get(block.kind) as ResourceSchema;
      const found = decodeBody(block.body, schema, scope).diagnostics.map((one) => withUser(one, block));
      return [...checkInstances(block, scope, block.lifecycle), ...found];
    }
    case "call":
      return checkInstances(block, scope);
    case "output":
      return evaluateOutput(block, scope).diagnostics;
    case "provider": {
      const settings = schemas.find((one) => one.name === block.name)?.settings;
      return settings ? decodeBody(block.body, settings, scope).diagnostics : [];
    }
    default:
      return [];
  }
}

/** What is broken whatever is given, where there is such an instance whatever is given. */
function checkConditions(
  { kind, block, place }: Vertex,
  scopes: ReadonlyMap<ModulePlace, EarlyScope>,
): readonly Diagnostic[] {
  const scope = scopes.get(place) as EarlyScope;
  const judge = (rules: readonly Rule[], of: Exclude<RuleKind, "validation">, name: string, isThere = true) =>
    rules.flatMap((rule) =>
      isThere && isSingle(place)
        ? checkRule(rule, { kind: of, address: addressIn(place.address, name) }, scope).diagnostics
        : evaluate(rule.condition, scope).diagnostics,
    );
  if (kind === "check") return judge(block.assertions, "assertion", `check.${block.name}`);
  if (kind === "output") return judge(block.preconditions, "precondition", `output.${block.name}`);
  if (kind !== "resource" || !block.conditions) return [];
  const { address, conditions, count, forEach, enabled } = block;
  const isThere = !count && !forEach && !enabled;
  const found = [
    ...judge(conditions.preconditions, "precondition", address, isThere),
    ...judge(conditions.postconditions, "postcondition", address, isThere),
  ];
  return found.map((one) => withUser(one, block));
}

/** Whether there is one instance of the module, whatever is given. */
function isSingle({ call, outer }: ModulePlace): boolean {
  return !call?.count && !call?.forEach && !call?.enabled && (!outer || isSingle(outer));
}

function checkInstances({ count, forEach, enabled }: Repeated, scope: Scope, lifecycle?: Lifecycle) {
  const found = [count, forEach, enabled, lifecycle?.preventDestroy];
  return found.flatMap((one) => (one ? evaluate(one, scope).diagnostics : []));
}
