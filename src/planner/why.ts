import { addressIn } from "../core/addresses.ts";
import type { ResourceSchema } from "../core/schema.ts";
import { rangeText } from "../core/source.ts";
import type { Expression, Reference } from "../core/syntax.ts";
import type { Value } from "../core/values.ts";
import { isWhollyKnown } from "../core/values.ts";
import { referredIn } from "../evaluation/referred.ts";
import type { ModuleInstance, Roots } from "./moduleInstance.ts";
import { NO_ROOTS } from "./moduleInstance.ts";

/** Where an unknown value comes from: through which names, and what decides it in the end. */
interface Trace {
  readonly names: readonly string[];
  readonly end: string | undefined;
}

const deepest = 20;

/** Which reference makes an expression unknown, what that comes from, and when it is decided; whole sentences. */
export function whyUnknown(expression: Expression, module: ModuleInstance): string {
  const trace = follow(expression, module, NO_ROOTS, deepest);
  if (!trace || trace.names.length === 0)
    return "It depends on something that is decided only when the plan is applied.";
  const [first, ...others] = trace.names;
  const through = others.map((name) => `, which comes from ${name}`).join("");
  return `It depends on ${first}${through}; ${trace.end ?? "that is decided only when the plan is applied"}.`;
}

function follow(expression: Expression, module: ModuleInstance, roots: Roots, depth: number): Trace | undefined {
  if (depth === 0) return undefined;
  for (const { root, member, references } of referredIn(expression)) {
    if (member === undefined) continue;
    const whole = module.scope(roots).member(root, member);
    for (const reference of references) {
      const value = whole && at(whole, reference.path.slice(1));
      if (value && !isWhollyKnown(value)) return step(reference, value, module, depth);
    }
  }
  return undefined;
}

/** What is at the path; where it leads nowhere, the last that is there. */
function at(value: Value, path: Reference["path"]): Value {
  let found = value;
  for (const next of path) {
    const { raw } = found;
    const part =
      raw instanceof Map
        ? (raw as ReadonlyMap<string, Value>).get(String(next))
        : Array.isArray(raw)
          ? (raw as readonly Value[])[Number(next)]
          : undefined;
    if (!part) return found;
    found = part;
  }
  return found;
}

function step(reference: Reference, value: Value, module: ModuleInstance, depth: number): Trace {
  const { root, path } = reference;
  const name = String(path[0]);
  const text = addressIn(module.address, rangeText(reference.range).replaceAll(/\s+/g, " "));
  const source = sourceOf(root, name, module);
  if (source) {
    const further = follow(source.expression, source.module, source.roots, depth - 1);
    return { names: [text, ...(further?.names ?? [])], end: further?.end };
  }
  if (root === "module") return ofCall(text, reference, module, depth);
  return ofResource(text, reference, value, module, depth);
}

interface Source {
  readonly expression: Expression;
  readonly module: ModuleInstance;
  readonly roots: Roots;
}

function sourceOf(root: string, name: string, module: ModuleInstance): Source | undefined {
  const { outer, place } = module;
  const local = root === "local" ? place.module.locals.get(name) : undefined;
  if (local) return { expression: local.expression, module, roots: NO_ROOTS };
  const argument = root === "var" && outer ? outer.call.arguments.get(name) : undefined;
  return outer && argument ? { expression: argument, module: outer.module, roots: outer.roots } : undefined;
}

function ofCall(text: string, { path }: Reference, module: ModuleInstance, depth: number): Trace {
  const [name, ...steps] = path;
  const call = module.calls.get(String(name));
  const keyed = call !== undefined && call.shape !== "single";
  const wanted = steps[keyed ? 1 : 0];
  for (const { key, module: inner } of call?.instances ?? []) {
    if (keyed && steps[0] !== undefined && String(key) !== String(steps[0])) continue;
    for (const [output, { value }] of inner.outputs) {
      if ((wanted !== undefined && output !== wanted) || isWhollyKnown(value)) continue;
      const expression = inner.place.module.outputs.get(output)?.expression;
      const further = expression && follow(expression, inner, NO_ROOTS, depth - 1);
      return { names: [text, ...(further?.names ?? [])], end: further?.end };
    }
  }
  return { names: [text], end: undefined };
}

function ofResource(
  text: string,
  { root, path }: Reference,
  value: Value,
  module: ModuleInstance,
  depth: number,
): Trace {
  const [name, ...steps] = path;
  const resource = module.place.module.resources.get(`${root}.${name}`);
  const schema = resource && module.schemaOf(resource.kind);
  if (!resource || !schema) return { names: [text], end: undefined };
  const keyed = resource.count !== undefined || resource.forEach !== undefined;
  const attribute = steps[keyed ? 1 : 0];
  const who = addressIn(module.address, resource.address);
  if (attribute === undefined) return { names: [text], end: decidedParts(value, schema, who) };
  const when = whenDecided(String(attribute), schema, who);
  if (when !== undefined) return { names: [text], end: `that is decided on the host ${when}` };
  const written = resource.body.attributes.find((one) => one.name === attribute)?.expression;
  const further = written && follow(written, module, NO_ROOTS, depth - 1);
  return { names: [text, ...(further?.names ?? [])], end: further?.end };
}

function whenDecided(attribute: string, schema: ResourceSchema, who: string): string | undefined {
  const computed = schema.attributes[attribute]?.computed;
  if (computed === "create") return `when ${who} is made`;
  return computed === "start" ? `when ${who} starts` : undefined;
}

/** Of a whole resource: which of its attributes are not known. */
function decidedParts(value: Value, schema: ResourceSchema, who: string): string | undefined {
  const found = new Set<string>();
  const visit = ({ raw }: Value): void => {
    if (raw instanceof Map) {
      for (const [name, item] of raw as ReadonlyMap<string, Value>) {
        if (isWhollyKnown(item)) continue;
        if (whenDecided(name, schema, who) === undefined) visit(item);
        else found.add(name);
      }
    } else if (Array.isArray(raw)) (raw as readonly Value[]).forEach(visit);
  };
  visit(value);
  if (found.size === 0) return undefined;
  return `of it ${[...found].slice(0, 5).join(", ")} ${found.size === 1 ? "is" : "are"} decided on the host when it is made or starts`;
}
