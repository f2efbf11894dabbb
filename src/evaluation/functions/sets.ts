import type { Type, Value } from "../../core/values.ts";
import { DYNAMIC, tupleValue, UNKNOWN, unknownValue } from "../../core/values.ts";
import { converted, makeSet } from "../convert.ts";
import { equal } from "../equality.ts";
import { Fault } from "../fault.ts";
import type { FunctionDeclaration, Parameter } from "../functions.ts";
import { isIterationKnown } from "../iteration.ts";
import { containsSensitive, marked } from "../marks.ts";
import { describeType } from "../types.ts";
import { unify } from "../unify.ts";
import type { Items } from "./making.ts";
import { elementOf, listValue, required } from "./making.ts";

type SetType = Extract<Type, { readonly kind: "set" }>;

const ANY_SET: SetType = { kind: "set", element: DYNAMIC };

/** The type that all sets convert to. An empty one of no certain type has no say. */
function commonType(...sets: Items): SetType | Fault {
  const elements = sets
    .filter(({ raw, type }) => !(type.kind === "set" && type.element.kind === "dynamic" && isEmpty(raw)))
    .map(elementOf);
  if (elements.length === 0) return ANY_SET;
  const element = unify(elements);
  if (element) return { kind: "set", element };
  const types = [...new Set(elements.map(describeType))].join(" and ");
  return new Fault(`the elements of all sets must be of one type, but here they are ${types}`);
}

function isEmpty(raw: Value["raw"]): boolean {
  return Array.isArray(raw) && raw.length === 0;
}

type Combine = (left: Items, right: Items) => Items;

/** Only a union says something of sets in which something is unknown. */
function operation(
  name: string,
  parameters: readonly string[],
  combine: Combine,
  partial = false,
): FunctionDeclaration {
  const parameter = (one: string): Parameter => ({ name: one, type: ANY_SET, partial });
  const call = (...sets: Items): Value | Fault => {
    const type = commonType(...sets);
    if (type instanceof Fault) return type;
    const items: Items[] = [];
    for (const [at, set] of sets.entries()) {
      const result = converted(set, type);
      if (typeof result === "string") return new Fault(result, at);
      items.push(result.raw as Items);
    }
    return makeSet(type.element, items.reduce(combine));
  };
  const last = parameters.at(-1) as string;
  const shape =
    name === "setsubtract"
      ? { parameters: parameters.map(parameter) }
      : { parameters: parameters.slice(0, -1).map(parameter), variadic: parameter(last) };
  return { name, ...shape, result: ANY_SET, unknownResult: commonType, call };
}

function has(items: Items, wanted: Value): boolean {
  return items.some((one) => equal(one, wanted) === true);
}

/** By the texts, numbers and bools in a set, which are most. */
function finder(items: Items): (wanted: Value) => boolean {
  const simple = new Set<unknown>(items.map(({ raw }) => raw));
  return (wanted) => simple.has(wanted.raw) || (typeof wanted.raw === "object" && has(items, wanted));
}

/** The element type of each: of a tuple what its elements have in common. */
function partTypes(sets: Items): readonly Type[] | Fault {
  if (sets.length < 2) return new Fault("at least two sets are needed");
  const types: Type[] = [];
  for (const [at, { type }] of sets.entries()) {
    if (type.kind === "list" || type.kind === "set") types.push(type.element);
    else if (type.kind !== "tuple") return required("a list, tuple or set", type, at);
    else {
      const common = type.elements.length === 0 ? DYNAMIC : unify(type.elements);
      if (!common) return new Fault("all elements must be of one type", at);
      types.push(common);
    }
  }
  return types;
}

function productType(sets: Items, parts: readonly Type[]): Extract<Type, { readonly kind: "list" | "set" }> {
  const ordered = sets.every(({ type }) => type.kind !== "set");
  return { kind: ordered ? "list" : "set", element: { kind: "tuple", elements: parts } };
}

/** All that take one element of each; of lists and tuples alone a list in their order. */
function setproduct(...sets: Items): Value | Fault {
  const undecided = sets.some(({ type }) => type.kind === "dynamic");
  const sensitive = sets.some((one) => one.sensitive);
  if (undecided && sets.length > 1) return marked(unknownValue(DYNAMIC), sensitive);
  const parts = partTypes(sets);
  if (parts instanceof Fault) return parts;
  const type = productType(sets, parts);
  const isCounted = sets.every((one) => one.raw !== UNKNOWN || one.type.kind === "tuple");
  if (isCounted && sets.some(({ raw }) => isEmpty(raw))) return { type, raw: [], sensitive };
  if (!sets.every((one) => one.raw !== UNKNOWN && isIterationKnown(one))) return marked(unknownValue(type), sensitive);
  const rows = product(sets, parts);
  if (rows instanceof Fault) return rows;
  return type.kind === "list"
    ? listValue(type.element, rows, sensitive)
    : makeSet(type.element, rows, sensitive || rows.some(containsSensitive));
}

/** As many as a lab could want; a slip would take all memory. */
const mostRows = 1_000_000;

function product(sets: Items, parts: readonly Type[]): Items | Fault {
  const count = sets.reduce((total, { raw }) => total * (raw as Items).length, 1);
  if (count > mostRows) return new Fault(`the product would have ${count} elements, which is too many`);
  let rows: (readonly Value[])[] = [[]];
  for (const [at, set] of sets.entries()) {
    const items: Value[] = [];
    for (const item of set.raw as Items) {
      const result = converted(item, parts[at] as Type);
      if (typeof result === "string") return new Fault(result, at);
      items.push(result);
    }
    rows = rows.flatMap((row) => items.map((item) => [...row, item]));
  }
  return rows.map(tupleValue);
}

export const setFunctions: readonly FunctionDeclaration[] = [
  operation("setunion", ["first_set", "other_sets"], (left, right) => [...left, ...right], true),
  operation("setintersection", ["first_set", "other_sets"], (left, right) => left.filter(finder(right))),
  operation("setsubtract", ["a", "b"], (left, right) => {
    const found = finder(right);
    return left.filter((one) => !found(one));
  }),
  {
    name: "setproduct",
    parameters: [],
    variadic: { name: "sets", type: DYNAMIC, unknown: true, marks: true },
    result: DYNAMIC,
    call: setproduct,
  },
];
