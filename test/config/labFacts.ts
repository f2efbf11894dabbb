import type { ResourceKind } from "../../src/core/addresses.ts";
import type { Lab, Resource, Rule } from "../../src/core/lab.ts";
import type { BlockSchema, ProviderSchema, ResourceSchema } from "../../src/core/schema.ts";
import type { Body, Expression } from "../../src/core/syntax.ts";
import type { Value } from "../../src/core/values.ts";
import { DYNAMIC, objectValue, stringValue, UNKNOWN_VALUE, unknownValue } from "../../src/core/values.ts";
import { decodeBody } from "../../src/evaluation/decode.ts";
import { evaluate } from "../../src/evaluation/evaluate.ts";
import type { Scope } from "../../src/evaluation/scope.ts";
import { formatType } from "../../src/evaluation/types.ts";

interface Schemas {
  readonly schemas: readonly ProviderSchema[];
  readonly resourceSchemas: ReadonlyMap<ResourceKind, ResourceSchema>;
}

/**
 * All that a lab says, evaluated, without the places where it says it: labs of the same facts are the same lab.
 * Variables have their defaults, nodes and links are unknown, and the first instance stands for all.
 */
export function labFacts(lab: Lab, { schemas, resourceSchemas }: Schemas): object {
  const scope = scopeOf(lab);
  const of = (expression: Expression | undefined) => expression && outcome(expression, scope);
  const body = (one: Body, schema: BlockSchema) => {
    const { attributes, sensitive, deferred, diagnostics } = decodeBody(one, schema, scope);
    return { attributes, sensitive, deferred: deferred.map(({ path }) => path), errors: diagnostics.length };
  };
  const rules = (found: readonly Rule[] = []) =>
    found.map(({ condition, errorMessage }) => [of(condition), of(errorMessage)]);
  const waits = (one: Pick<Resource, "dependsOn">) => one.dependsOn.map(({ address }) => address);
  return {
    name: lab.name,
    version: lab.requiredVersion?.text,
    identity: of(lab.identity),
    unsafe: of(lab.allowUnsafeOptions),
    variables: named(lab.variables).map((one) => ({
      ...one,
      range: undefined,
      typeRange: undefined,
      type: formatType(one.type),
      default: of(one.default),
      validations: rules(one.validations),
    })),
    locals: named(lab.locals).map(({ name, expression }) => [name, of(expression)]),
    providers: named(lab.providers).map(({ name, body: settings }) => [
      name,
      body(settings, schemas.find((one) => one.name === name)?.settings ?? { attributes: {} }),
    ]),
    resources: named(lab.resources).map((one) => ({
      address: one.address,
      instances: [of(one.count), of(one.forEach)],
      waits: waits(one),
      conditions: [rules(one.conditions?.preconditions), rules(one.conditions?.postconditions)],
      body: body(one.body, resourceSchemas.get(one.kind) as ResourceSchema),
    })),
    outputs: named(lab.outputs).map((one) => ({
      ...one,
      range: undefined,
      expression: of(one.expression),
      dependsOn: waits(one),
      preconditions: rules(one.preconditions),
    })),
    checks: named(lab.checks).map(({ name, assertions }) => [name, rules(assertions)]),
  };
}

/** Their order is no fact: converters sort by name. */
function named<T>(blocks: ReadonlyMap<string, T>): readonly T[] {
  return [...blocks].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, block]) => block);
}

/** The value of an expression, or that it has none. */
export function outcome(expression: Expression, scope: Scope): Value | "error" {
  const { value, diagnostics } = evaluate(expression, scope);
  return diagnostics.length > 0 ? "error" : value;
}

function scopeOf(lab: Lab): Scope {
  const nothing: Scope = { member: () => undefined, lookup: () => undefined, names: () => [] };
  const variables = [...lab.variables.values()].map(
    (one) => [one.name, one.default ? evaluate(one.default, nothing).value : unknownValue(one.type)] as const,
  );
  const roots = new Map<string, Value>([
    ["var", objectValue(new Map(variables))],
    ["lab", objectValue(new Map([["name", stringValue(lab.name)]]))],
    [
      "each",
      objectValue(
        new Map([
          ["key", stringValue("a")],
          ["value", stringValue("b")],
        ]),
      ),
    ],
    ["node", UNKNOWN_VALUE],
    ["link", unknownValue(DYNAMIC)],
  ]);
  const scope: Scope = {
    member: () => undefined,
    lookup: (root) => roots.get(root),
    names: (root) => (root === undefined ? [...roots.keys()] : []),
  };
  // Twice, so that those which refer to later ones are known too.
  for (let round = 0; round < 2; round++) {
    const locals = [...lab.locals.values()].map((one) => [one.name, evaluate(one.expression, scope).value] as const);
    roots.set("local", objectValue(new Map(locals)));
  }
  return scope;
}
