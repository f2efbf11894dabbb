import type { ResourceKind } from "../core/addresses.ts";
import type { Diagnostic } from "../core/diagnostics.ts";
import type { Lab } from "../core/lab.ts";
import type { ProviderSchema, ResourceSchema } from "../core/schema.ts";
import type { Expression } from "../core/syntax.ts";
import type { Value } from "../core/values.ts";
import { decodeBody } from "../evaluation/decode.ts";
import { evaluate } from "../evaluation/evaluate.ts";
import { evaluateOutput } from "../evaluation/output.ts";
import { references } from "../language/references.ts";
import { EarlyScope } from "./earlyScope.ts";
import { dependencies, order } from "./order.ts";

/** A lab some of whose variables have no value. */
export interface OpenLab {
  /** What none of them decides: it can be planned. */
  readonly rest: Lab;
  /** The names of all else (`node.r1`, `local.x`, `provider.qemu`), in an order in which each follows what it refers to. */
  readonly open: readonly string[];
}

/** Parts a lab into what can be planned without the `unset` variables, and what comes from one of them. */
export function splitOpenLab(lab: Lab, unset: ReadonlySet<string>): OpenLab {
  const open = new Set([...unset].map((name) => `var.${name}`));
  const targets = dependencies(lab);
  for (const name of order(lab)) {
    for (const target of targets.get(name) ?? []) if (open.has(target)) open.add(name);
  }
  const left = <T>(blocks: ReadonlyMap<string, T>, kind: string): ReadonlyMap<string, T> =>
    new Map([...blocks].filter(([name]) => !open.has(kind + name)));
  const closed = (expression: Expression | undefined) => {
    const waits = expression && references(expression).some(({ root, path }) => open.has(`${root}.${path[0]}`));
    return waits ? undefined : expression;
  };
  const rest: Lab = {
    ...lab,
    identity: closed(lab.identity),
    allowUnsafeOptions: closed(lab.allowUnsafeOptions),
    variables: left(lab.variables, "var."),
    providers: left(lab.providers, "provider."),
    locals: left(lab.locals, "local."),
    resources: left(lab.resources, ""),
    outputs: left(lab.outputs, "output."),
  };
  return { rest, open: [...open].filter((name) => !name.startsWith("var.")) };
}

export interface Schemas {
  readonly schemas: readonly ProviderSchema[];
  readonly resourceSchemas: ReadonlyMap<ResourceKind, ResourceSchema>;
}

/**
 * What is wrong with the open part of a lab whatever its variables will be: types, functions, arguments out of their
 * bounds. What only planning finds is not found.
 */
export function checkOpenLab(
  lab: Lab,
  open: readonly string[],
  values: ReadonlyMap<string, Value>,
  schemas: Schemas,
): readonly Diagnostic[] {
  const scope = new EarlyScope(lab, values);
  const checked = new Set(open);
  const diagnostics: Diagnostic[] = [];
  for (const name of order(lab)) {
    const found = name.startsWith("local.")
      ? scope.addLocal(name.slice("local.".length))
      : checked.has(name)
        ? checkBlock(lab, name, scope, schemas)
        : [];
    // The mistakes of all other locals are found when the rest is planned.
    if (checked.has(name)) diagnostics.push(...found);
  }
  return diagnostics;
}

function checkBlock(
  lab: Lab,
  address: string,
  scope: EarlyScope,
  { schemas, resourceSchemas }: Schemas,
): readonly Diagnostic[] {
  const name = address.slice(address.indexOf(".") + 1);
  const resource = lab.resources.get(address);
  if (resource) {
    const schema = resourceSchemas.get(resource.kind) as ResourceSchema;
    const instances = [resource.count, resource.forEach].flatMap((one) =>
      one ? evaluate(one, scope).diagnostics : [],
    );
    return [...instances, ...decodeBody(resource.body, schema, scope).diagnostics];
  }
  const output = address.startsWith("output.") ? lab.outputs.get(name) : undefined;
  if (output) return evaluateOutput(output, scope).diagnostics;
  const provider = lab.providers.get(name);
  const settings = schemas.find((one) => one.name === name)?.settings;
  return provider && settings ? decodeBody(provider.body, settings, scope).diagnostics : [];
}
