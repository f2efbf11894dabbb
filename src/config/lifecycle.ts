import type { Diagnostic } from "../core/diagnostics.ts";
import { errorDiagnostic, warningDiagnostic } from "../core/diagnostics.ts";
import type { Lifecycle, Trigger } from "../core/lab.ts";
import type { BlockSchema, NestedBlockSchema, ResourceSchema } from "../core/schema.ts";
import { attributeSchema } from "../core/schema.ts";
import type { Range } from "../core/source.ts";
import { rangeText } from "../core/source.ts";
import type { Body, Expression } from "../core/syntax.ts";
import type { Path, Type } from "../core/values.ts";
import { isJsonFile } from "../language/json/expression.ts";
import { attributeOf } from "./literals.ts";
import { didYouMean } from "./names.ts";
import { metaArguments } from "./schemas.ts";

/** The `lifecycle` block of a body, of which there is one at most. */
export function lifecycleOf({ blocks }: Body): Body | undefined {
  return blocks.find(({ type }) => type === "lifecycle")?.body;
}

/**
 * What the `lifecycle` block of a node, link or template says beside `enabled` and its conditions; undefined where it
 * says nothing of the kind. Names are compared with the schema here, since nothing of them is evaluated; what a trigger
 * refers to is checked with all other references.
 */
export function readLifecycle(body: Body, schema: ResourceSchema, diagnostics: Diagnostic[]): Lifecycle | undefined {
  const lifecycle = lifecycleOf(body);
  if (!lifecycle) return undefined;
  const preventDestroy = attributeOf(lifecycle, "prevent_destroy")?.expression;
  const ignored = attributeOf(lifecycle, "ignore_changes")?.expression;
  const triggers = attributeOf(lifecycle, "replace_triggered_by")?.expression;
  if (!preventDestroy && !ignored && !triggers) return undefined;
  return {
    preventDestroy,
    ignoreChanges: ignored && readIgnored(ignored, schema, diagnostics),
    triggers: triggers ? readTriggers(triggers, diagnostics) : [],
  };
}

type Step =
  | { readonly kind: "name"; readonly name: string; readonly range: Range }
  | { readonly kind: "key"; readonly key: Expression; readonly range: Range };

/** `root`, and what follows it, of an expression that is nothing else than that. */
function stepsOf(expression: Expression): { readonly root: string; readonly steps: readonly Step[] } | undefined {
  const steps: Step[] = [];
  let at = expression;
  for (;;) {
    if (at.kind === "parentheses") at = at.inner;
    else if (at.kind === "variable") return { root: at.name, steps: steps.reverse() };
    else if (at.kind === "attribute") {
      const { name, nameRange: range } = at;
      const key: Expression = { kind: "literal", value: Number(name), range };
      steps.push(at.legacyIndex ? { kind: "key", key, range } : { kind: "name", name, range });
      at = at.object;
    } else if (at.kind === "index") {
      steps.push({ kind: "key", key: at.key, range: at.key.range });
      at = at.object;
    } else return undefined;
  }
}

function constantKey(step: Step): string | number | undefined {
  if (step.kind === "name") return step.name;
  const { key } = step;
  if (key.kind !== "literal") return undefined;
  return typeof key.value === "string" || typeof key.value === "number" ? key.value : undefined;
}

function readIgnored(
  expression: Expression,
  schema: ResourceSchema,
  diagnostics: Diagnostic[],
): Lifecycle["ignoreChanges"] {
  if (isAll(expression)) return "all";
  const json = isJsonFile(expression.range.file);
  if (expression.kind !== "tuple") {
    const detail = json
      ? 'Write "ignore_changes": ["power", "ram"], or "ignore_changes": "all".'
      : "Write ignore_changes = [power, ram], without quotes, or ignore_changes = all.";
    diagnostics.push(
      errorDiagnostic("ignore_changes is a list of arguments, or all", { detail, range: expression.range }),
    );
    return [];
  }
  return expression.items.flatMap((item) => {
    const found = ignoredPath(item, schema);
    if (!("severity" in found)) return [found.path];
    diagnostics.push(found);
    return [];
  });
}

function isAll(expression: Expression): boolean {
  return expression.kind === "variable" && expression.name === "all";
}

function ignoredPath(item: Expression, schema: ResourceSchema): Diagnostic | { readonly path: Path } {
  const refuse = (detail: string) => errorDiagnostic("ignore_changes names arguments", { detail, range: item.range });
  if (isAll(item) && !attributeSchema(schema, "all")) {
    return refuse("All of them are ignored by ignore_changes = all, without brackets.");
  }
  const read = stepsOf(item);
  if (!read || read.steps.some((step) => constantKey(step) === undefined)) {
    return refuse(
      'Write each as it stands in the block, without quotes and with constant labels and keys: power, disk["hda"].size. They are read before anything is evaluated.',
    );
  }
  const steps: Step[] = [{ kind: "name", name: read.root, range: item.range }, ...read.steps];
  return new Resolving(schema, steps, item).block(schema, 0);
}

/** Leads a written path through a schema, to the path at which the value is recorded. */
class Resolving {
  readonly #owner: ResourceSchema;
  readonly #steps: readonly Step[];
  readonly #item: Expression;
  readonly #path: (string | number)[] = [];

  constructor(owner: ResourceSchema, steps: readonly Step[], item: Expression) {
    this.#owner = owner;
    this.#steps = steps;
    this.#item = item;
  }

  block(schema: BlockSchema, at: number): Diagnostic | { readonly path: Path } {
    const step = this.#steps[at];
    if (!step) return { path: this.#path };
    if (step.kind !== "name") return this.#refuse(step, "What follows a block is the name of an argument: .size.");
    const nested = blockNamed(schema, step.name);
    if (nested) return this.#nested(step.name, nested, at + 1);
    const attribute = attributeSchema(schema, step.name);
    if (!attribute) return this.#unknown(step.name, step.range, schema);
    this.#path.push(step.name);
    if (attribute.computed && !attribute.optional) return this.#withoutEffect(step.name);
    return this.#value(attribute.type, at + 1);
  }

  #nested(name: string, schema: NestedBlockSchema, at: number): Diagnostic | { readonly path: Path } {
    this.#path.push(schema.attribute ?? name);
    const step = this.#steps[at];
    if (!step || schema.nesting === "single") return this.block(schema, at);
    const key = constantKey(step) as string | number;
    if (schema.nesting === "map") this.#path.push(String(key));
    else if (typeof key === "number") this.#path.push(key);
    else return this.#refuse(step, `There may be several ${name}: say which by its number, ${name}[0].`);
    return this.block(schema, at + 1);
  }

  /** Within the value of an argument. */
  #value(type: Type, at: number): Diagnostic | { readonly path: Path } {
    const step = this.#steps[at];
    if (!step) return { path: this.#path };
    const key = constantKey(step) as string | number;
    this.#path.push(key);
    switch (type.kind) {
      case "dynamic":
        return this.#value(type, at + 1);
      case "map":
        this.#path[this.#path.length - 1] = String(key);
        return this.#value(type.element, at + 1);
      case "object": {
        const member = type.attributes.get(String(key));
        if (member) return this.#value(member, at + 1);
        return this.#refuse(step, `It has no "${key}".${didYouMean(String(key), type.attributes.keys())}`);
      }
      case "list":
        if (typeof key === "number") return this.#value(type.element, at + 1);
        return this.#refuse(step, "It is a list: its elements are told by numbers, from 0.");
      default:
        return this.#refuse(step, "There are no parts in its value. Name the argument itself.");
    }
  }

  #unknown(name: string, range: Range, schema: BlockSchema): Diagnostic {
    const { kind } = this.#owner;
    if (schema === this.#owner && (Object.hasOwn(metaArguments, name) || name === "template" || name === "lifecycle")) {
      const detail = `It is no argument of what is made: nothing is recorded of it that could stay.`;
      return errorDiagnostic(`"${name}" cannot stand in ignore_changes`, { detail, range });
    }
    const where = schema === this.#owner ? `A ${kind}` : this.#before(range);
    const detail = `${where} has no argument and no block of this name.${didYouMean(name, settableIn(schema))}`;
    return errorDiagnostic(`Unknown argument "${name}" in ignore_changes`, { detail, range });
  }

  /** As it is written, up to a step of it. */
  #before({ start }: Range): string {
    const { range } = this.#item;
    return rangeText(range)
      .slice(0, start - range.start)
      .replace(/[.\s]+$/, "");
  }

  #withoutEffect(name: string): Diagnostic {
    const detail = `labform decides ${name} and no lab file can set it, so there is nothing to ignore. Take it away.`;
    return warningDiagnostic(`"${name}" in ignore_changes has no effect`, { detail, range: this.#item.range });
  }

  #refuse({ range }: Step, detail: string): Diagnostic {
    return errorDiagnostic(`${rangeText(this.#item.range)} in ignore_changes leads nowhere`, { detail, range });
  }
}

/** By the name it is written with, or by that of the attribute that holds it. */
function blockNamed({ blocks = {} }: BlockSchema, name: string): NestedBlockSchema | undefined {
  if (Object.hasOwn(blocks, name)) return blocks[name];
  return Object.values(blocks).find(({ attribute }) => attribute === name);
}

function settableIn({ attributes, blocks = {} }: BlockSchema): readonly string[] {
  const settable = Object.entries(attributes).filter(([, one]) => !one.computed || one.optional);
  return [...settable.map(([name]) => name), ...Object.keys(blocks)];
}

function readTriggers(expression: Expression, diagnostics: Diagnostic[]): readonly Trigger[] {
  const json = isJsonFile(expression.range.file);
  if (expression.kind !== "tuple") {
    const detail = json
      ? 'Write "replace_triggered_by": ["node.r1", "link.core"].'
      : "Write replace_triggered_by = [node.r1, link.core], without quotes.";
    diagnostics.push(errorDiagnostic("replace_triggered_by is a list", { detail, range: expression.range }));
    return [];
  }
  return expression.items.flatMap((item) => {
    const found = readTrigger(item);
    if (!("severity" in found)) return [found];
    diagnostics.push(found);
    return [];
  });
}

function readTrigger(expression: Expression): Trigger | Diagnostic {
  const { range } = expression;
  const refuse = (detail: string, at = range) =>
    errorDiagnostic("replace_triggered_by names nodes, links and attributes of them", { detail, range: at });
  const read = stepsOf(expression);
  if (!read) {
    return refuse(
      'Write each as a reference and nothing else, without quotes: node.r1, node.router["r1"], node.router[each.key].ram.',
    );
  }
  const { root } = read;
  const [name, ...steps] = read.steps;
  if (!["node", "link", "network"].includes(root)) {
    return refuse(
      root === "module"
        ? "What is in another module cannot be named: write replace_triggered_by there, or refer to a node, link or network of this one."
        : `"${root}" is neither. Where a value is to have it made anew, put the value in an argument whose change does so.`,
    );
  }
  if (name?.kind !== "name") return refuse(`Say which ${root} is meant: ${root}.name.`);
  const [first] = steps;
  const key = first?.kind === "key" && constantKey(first) === undefined ? first.key : undefined;
  if (key && !isInstanceKey(key)) {
    return refuse("The key of an instance is a constant, each.key or count.index here.", key.range);
  }
  const path = (key ? steps.slice(1) : steps).map(constantKey);
  if (path.includes(undefined)) return refuse("What follows the instance is constant: .power, .adapter[0].");
  return { address: `${root}.${name.name}`, key, path: path as Path, expression };
}

function isInstanceKey(expression: Expression): boolean {
  const read = stepsOf(expression);
  const [only, more] = read?.steps ?? [];
  if (!read || only?.kind !== "name" || more) return false;
  return (read.root === "each" && only.name === "key") || (read.root === "count" && only.name === "index");
}
