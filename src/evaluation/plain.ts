import { fromJavaScript, toJavaScript } from "../core/bigfloat.ts";
import type { BlockSchema, NestedBlockSchema } from "../core/schema.ts";
import type { Num, Path, Planned, PlannedAttributes, Type, Value } from "../core/values.ts";
import {
  boolValue,
  DYNAMIC,
  NULL,
  numberValue,
  objectValue,
  stringValue,
  tupleValue,
  UNKNOWN,
} from "../core/values.ts";
import { concrete, makeSet } from "./convert.ts";
import { marked, sensitivePaths } from "./marks.ts";
import { compareText, sortedEntries, sortedMap } from "./order.ts";
import { hasDynamic } from "./types.ts";

/** Between values and the plain data that providers, plans and the state hold. */

type ObjectType = Extract<Type, { readonly kind: "object" }>;

/** What is the same for all blocks of a schema. */
interface Layout {
  readonly type: ObjectType;
  readonly open: boolean;
  /** Sorted by name. */
  readonly parts: readonly Part[];
}

interface Part {
  readonly name: string;
  readonly type: Type;
  readonly nested: NestedBlockSchema | undefined;
  readonly sensitive: boolean;
  /** Null of its type. */
  readonly nothing: Value;
}

const layouts = new WeakMap<BlockSchema, Layout>();

function layoutOf(schema: BlockSchema): Layout {
  let layout = layouts.get(schema);
  if (!layout) {
    layout = makeLayout(schema);
    layouts.set(schema, layout);
  }
  return layout;
}

function makeLayout(schema: BlockSchema): Layout {
  const parts: Part[] = [];
  const add = (name: string, type: Type, sensitive: boolean, nested?: NestedBlockSchema) => {
    parts.push({ name, type, nested, sensitive, nothing: { type, raw: null, sensitive } });
  };
  for (const [name, one] of Object.entries(schema.attributes)) add(name, concrete(one.type), one.sensitive === true);
  for (const [name, block] of Object.entries(schema.blocks ?? {})) {
    add(block.attribute ?? name, nestedType(block), false, block);
  }
  parts.sort((left, right) => compareText(left.name, right.name));
  const type: ObjectType = { kind: "object", attributes: new Map(parts.map((part) => [part.name, part.type])) };
  return { type, open: hasDynamic(type), parts };
}

/** The object type of what a block of this schema makes: its attributes, and its nested blocks by their nesting. */
export function schemaType(schema: BlockSchema): Type {
  return layoutOf(schema).type;
}

function nestedType(block: NestedBlockSchema): Type {
  const element = schemaType(block);
  return block.nesting === "single" ? element : { kind: block.nesting, element };
}

/**
 * The object that expressions see of a resource. Attributes that are not there are null. What is at a path of
 * `sensitive`, or of a sensitive attribute, is marked.
 */
export function attributesToValue(
  attributes: PlannedAttributes,
  schema: BlockSchema,
  sensitive: readonly Path[] = [],
): Value {
  return markPaths(blockValue(attributes, schema), sensitive);
}

function blockValue(attributes: PlannedAttributes, schema: BlockSchema): Value {
  const { type, open, parts } = layoutOf(schema);
  const values = new Map<string, Value>();
  for (const part of parts) {
    const planned = attributes[part.name] ?? null;
    if (planned === null) values.set(part.name, part.nothing);
    else if (part.nested) values.set(part.name, nestedValue(planned, part.type, part.nested));
    else values.set(part.name, marked(plannedToValue(planned, part.type), part.sensitive));
  }
  return open ? objectValue(values) : { type, raw: values, sensitive: false };
}

function nestedValue(planned: Planned, type: Type, schema: NestedBlockSchema): Value {
  if (planned === null || planned === UNKNOWN) return { type, raw: planned, sensitive: false };
  if (schema.nesting === "single") return blockValue(planned as PlannedAttributes, schema);
  if (schema.nesting === "list") {
    const items = (planned as readonly Planned[]).map((item) => nestedItem(item, schema));
    return { type, raw: items, sensitive: false };
  }
  const items = new Map<string, Value>();
  for (const [label, item] of Object.entries(planned)) items.set(label, nestedItem(item as Planned, schema));
  return { type, raw: sortedMap(items), sensitive: false };
}

function nestedItem(item: Planned, schema: NestedBlockSchema): Value {
  if (item === null || item === UNKNOWN) return { type: schemaType(schema), raw: item, sensitive: false };
  return blockValue(item as PlannedAttributes, schema);
}

/** Plain data as a value of `type`. Throws where they disagree: plain data comes from labform itself. */
function plannedToValue(planned: Planned, type: Type): Value {
  if (planned === UNKNOWN || planned === null) return { type, raw: planned, sensitive: false };
  if (type.kind === "dynamic") return impliedValue(planned);
  if (typeof planned === "object") {
    const made = Array.isArray(planned)
      ? sequence(planned as readonly Planned[], type)
      : entries(planned as PlannedAttributes, type);
    if (made) return made;
  } else if (type.kind === typeof planned || (type.kind === "bool" && typeof planned === "boolean")) {
    return impliedValue(planned);
  }
  throw new TypeError(
    `plain data ${typeof planned === "object" ? "of several parts" : typeof planned} where the type is ${type.kind}`,
  );
}

function sequence(planned: readonly Planned[], type: Type): Value | undefined {
  if (type.kind === "list" || type.kind === "set") {
    const items = planned.map((item) => plannedToValue(item, type.element));
    return type.kind === "set"
      ? makeSet(type.element, items)
      : { type: listType(type, items), raw: items, sensitive: false };
  }
  if (type.kind !== "tuple" || type.elements.length !== planned.length) return undefined;
  return tupleValue(planned.map((item, at) => plannedToValue(item, type.elements[at] as Type)));
}

function listType(type: Extract<Type, { readonly kind: "list" }>, items: readonly Value[]): Type {
  return hasDynamic(type) && items[0] ? { kind: "list", element: items[0].type } : type;
}

function entries(planned: PlannedAttributes, type: Type): Value | undefined {
  if (type.kind !== "map" && type.kind !== "object") return undefined;
  const values = new Map<string, Value>();
  if (type.kind === "map") {
    for (const [name, item] of Object.entries(planned)) values.set(name, plannedToValue(item, type.element));
    const [first] = values.values();
    const exact: Type = hasDynamic(type) && first ? { kind: "map", element: first.type } : type;
    return { type: exact, raw: sortedMap(values), sensitive: false };
  }
  for (const [name, one] of type.attributes) {
    values.set(name, plannedToValue(Object.hasOwn(planned, name) ? (planned[name] as Planned) : null, one));
  }
  return hasDynamic(type) ? objectValue(values) : { type: concrete(type), raw: values, sensitive: false };
}

function impliedValue(planned: Planned): Value {
  if (planned === UNKNOWN) return { type: DYNAMIC, raw: UNKNOWN, sensitive: false };
  if (planned === null) return NULL;
  if (typeof planned === "string") return stringValue(planned);
  if (typeof planned === "number") return numberValue(fromJavaScript(planned));
  if (typeof planned === "boolean") return boolValue(planned);
  if (Array.isArray(planned)) return tupleValue((planned as readonly Planned[]).map(impliedValue));
  const attributes = Object.entries(planned as PlannedAttributes).map(
    ([name, item]) => [name, impliedValue(item)] as const,
  );
  return objectValue(new Map(attributes.sort(([left], [right]) => compareText(left, right))));
}

/** A path that leads nowhere marks the last value on the way: rather too much than too little. */
function markAt(value: Value, path: Path, from: number): Value {
  const step = path[from];
  const { raw } = value;
  if (step !== undefined && raw instanceof Map) {
    const items = raw as ReadonlyMap<string, Value>;
    const item = items.get(String(step));
    if (item) return { ...value, raw: new Map(items).set(String(step), markAt(item, path, from + 1)) };
  } else if (typeof step === "number" && Array.isArray(raw) && value.type.kind !== "set") {
    const items = raw as readonly Value[];
    const item = items[step];
    if (item) return { ...value, raw: items.with(step, markAt(item, path, from + 1)) };
  }
  return { ...value, sensitive: true };
}

/** A value with the marks that stand at `paths`. */
export function markPaths(value: Value, paths: readonly Path[]): Value {
  return paths.reduce((result, path) => markAt(result, path, 0), value);
}

/**
 * Plain data of a value, with the paths of what is marked in it. Numbers are rounded to JavaScript's. A mark around
 * others is one path.
 */
export function valueToPlanned(value: Value): { readonly planned: Planned; readonly sensitive: Path[] } {
  return { planned: plain(value), sensitive: sensitivePaths(value) };
}

function plain(value: Value): Planned {
  const { raw } = value;
  if (raw === UNKNOWN || raw === null || typeof raw === "string" || typeof raw === "boolean") return raw;
  if (typeof raw === "number") return raw;
  if (Array.isArray(raw)) return (raw as readonly Value[]).map(plain);
  if (raw instanceof Map) {
    const items = [...sortedEntries(raw as ReadonlyMap<string, Value>)];
    return Object.fromEntries(items.map(([name, item]) => [name, plain(item)]));
  }
  return toJavaScript(raw as Num);
}
