import type { Diagnostic } from "../core/diagnostics.ts";
import { errorDiagnostic } from "../core/diagnostics.ts";
import type { Range, SourceFile } from "../core/source.ts";
import type { Attribute, Block, Body, Label } from "../core/syntax.ts";
import { jsonExpression, NESTING_LIMIT, problemDiagnostic, rangeOf } from "../language/json/expression.ts";
import { parseJson } from "../language/json/parse.ts";
import type { JsonNode, JsonProperty } from "../language/json/tree.ts";
import type { ParsedFile } from "../language/parse.ts";
import { secretDefaults, withoutSecrets } from "./jsonSecrets.ts";
import type { BlockShape, BodyShape } from "./jsonShapes.ts";
import { labFileShape } from "./jsonShapes.ts";
import type { Schemas } from "./schemas.ts";

/** A property of this name is a comment, wherever an object stands for a body. */
const COMMENT = "//";

/**
 * A lab file in HCL's JSON syntax as the tree that the native syntax makes, with ranges in the JSON file. Facts from
 * json/spec.md of the HCL repository and from Terraform's "JSON Configuration Syntax"; in what both leave open, as Terraform 1.11.
 */
export function parseJsonLabFile(file: SourceFile, schemas: Schemas): ParsedFile {
  const { value, problems, isCut } = parseJson(file.text, NESTING_LIMIT);
  // A line of JSON may hold much of a file, so lines that are shown must not hold what is sensitive in it.
  const shown = value ? withoutSecrets(file, secretDefaults(value)) : file;
  const reader = new BodyReader(shown);
  reader.diagnostics.push(...problems.map((one) => problemDiagnostic(one, shown)));
  const root = value && !isCut ? value : emptyObject(shown);
  const body = reader.body(root, topShape(schemas), { what: "A lab file" });
  return { body, diagnostics: inOrder(reader.diagnostics) };
}

/** At the top every property is a block; of one that no one knows only the type matters. */
function topShape(schemas: Schemas): BodyShape {
  const shape = labFileShape(schemas);
  return { ...shape, block: (type) => shape.block(type) ?? unknownBlock };
}

const unknownBlock: BlockShape = {
  labels: 0,
  body: () => {
    throw new Error("the body of an unknown block is not read");
  },
};

/**
 * A file of values: an object whose properties are plain values, strings as they are. `isSecret` says which names may have
 * values that no line may show.
 */
export function parseJsonValues(file: SourceFile, isSecret: (name: string) => boolean): ParsedFile {
  const { value, problems, isCut } = parseJson(file.text, NESTING_LIMIT);
  const properties = value?.kind === "object" ? value.properties : [];
  const secrets = properties.filter(({ name }) => isSecret(name.value)).map((one) => one.value);
  const shown = withoutSecrets(file, secrets);
  const reader = new BodyReader(shown);
  reader.diagnostics.push(...problems.map((one) => problemDiagnostic(one, shown)));
  const root = value && !isCut ? value : emptyObject(shown);
  return { body: reader.values(root), diagnostics: inOrder(reader.diagnostics) };
}

function emptyObject({ text }: SourceFile): JsonNode {
  return { kind: "object", properties: [], start: 0, end: text.length };
}

/** All are of one file and have a place in it. */
function inOrder(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return diagnostics.toSorted((left, right) => (left.range?.start ?? 0) - (right.range?.start ?? 0));
}

/** For messages: what a value stands for, and what may be wrong when it cannot. */
interface Role {
  /** Begins a sentence. */
  readonly what: string;
  readonly advice?: string | undefined;
}

const values: BodyShape = { block: () => undefined, reading: () => "literal" };

class BodyReader {
  readonly diagnostics: Diagnostic[] = [];
  readonly #file: SourceFile;

  constructor(file: SourceFile) {
    this.#file = file;
  }

  body(node: JsonNode, shape: BodyShape, { what, advice }: Role): Body {
    const properties = this.#properties(node, { what: `${what} is an object of arguments and blocks`, advice });
    const attributes: Attribute[] = [];
    const blocks: Block[] = [];
    const names = new Map<string, Attribute>();
    for (const property of properties) {
      const { name } = property;
      if (name.value === COMMENT) continue;
      const block = shape.block(name.value);
      if (block) this.#blocks(property, block, blocks);
      else {
        const attribute = this.#attribute(property, shape);
        const first = names.get(name.value);
        if (first) this.#setTwice(attribute, first);
        else attributes.push(attribute);
        names.set(name.value, first ?? attribute);
      }
    }
    const closing = rangeOf({ start: Math.max(node.start, node.end - 1), end: node.end }, this.#file);
    return { attributes, blocks, range: rangeOf(node, this.#file), endRange: closing };
  }

  /** As `body`, but a list of objects is none. */
  values(node: JsonNode): Body {
    const role = { what: "A variable file" };
    if (node.kind === "object") return this.body(node, values, role);
    this.#refuse(node, { what: 'A variable file is one object of values, { "name": value }' });
    return this.body({ ...node, kind: "object", properties: [] }, values, role);
  }

  #attribute({ name, value }: JsonProperty, shape: BodyShape): Attribute {
    const file = this.#file;
    return {
      name: name.value,
      nameRange: rangeOf(name, file),
      expression: jsonExpression(value, file, shape.reading(name.value), this.diagnostics),
      range: rangeOf({ start: name.start, end: value.end }, file),
    };
  }

  #setTwice({ name, nameRange }: Attribute, first: Attribute): void {
    const detail = "An argument is set once in a body. Take one of the two away.";
    const related = [{ message: "first set here", range: first.nameRange }];
    this.diagnostics.push(errorDiagnostic(`\`${name}\` is set twice`, { detail, range: nameRange, related }));
  }

  /** Of an object, or of all objects of a list, which JSON writers use to keep an order. Null is nothing. */
  #properties(node: JsonNode, role: Role): readonly JsonProperty[] {
    if (node.kind === "object") return node.properties;
    if (node.kind === "word" && node.value === null) return [];
    if (node.kind !== "array") {
      this.#refuse(node, role);
      return [];
    }
    return node.items.flatMap((item) => {
      if (item.kind === "object") return item.properties;
      this.#refuse(item, { ...role, what: `${role.what}, or a list of such objects` });
      return [];
    });
  }

  #refuse(node: JsonNode, { what, advice = "" }: Role): void {
    const detail = `${what}, and this is ${describe(node)}.${advice}`;
    this.diagnostics.push(errorDiagnostic("An object is expected here", { detail, range: this.#mark(node) }));
  }

  /** What is short is marked as a whole, of brackets the first. */
  #mark(node: JsonNode): Range {
    const isNested = node.kind === "object" || node.kind === "array";
    return rangeOf({ start: node.start, end: isNested ? node.start + 1 : node.end }, this.#file);
  }

  /** The blocks of a property: by label, if they have one, and of each any number. */
  #blocks({ name, value }: JsonProperty, shape: BlockShape, blocks: Block[]): void {
    const type = name.value;
    const typeRange = rangeOf(name, this.#file);
    if (shape === unknownBlock) {
      const range = rangeOf({ start: name.start, end: value.end }, this.#file);
      const body = { attributes: [], blocks: [], range: this.#mark(value), endRange: this.#mark(value) };
      blocks.push({ type, typeRange, labels: [], body, headerRange: typeRange, range });
      return;
    }
    if (shape.labels === 0) {
      this.#instances(value, { type, typeRange, labels: [], headerRange: typeRange }, shape, blocks);
      return;
    }
    const form = `"${type}": { "name": { … } }`;
    const labels = this.#properties(value, { what: `"${type}" holds blocks by their names, ${form}` });
    if (labels.length === 0 && isEmpty(value)) this.#nameless(type, form, value);
    for (const one of labels) {
      const label: Label = { text: one.name.value, range: rangeOf(one.name, this.#file) };
      this.#instances(one.value, { type, typeRange, labels: [label], headerRange: label.range }, shape, blocks);
    }
  }

  #nameless(type: string, form: string, value: JsonNode): void {
    const detail = `There is no name in it, so there is no block: write ${form}, or take "${type}" away.`;
    this.diagnostics.push(errorDiagnostic(`Missing name of ${type}`, { detail, range: this.#mark(value) }));
  }

  #instances(node: JsonNode, header: Omit<Block, "body" | "range">, shape: BlockShape, blocks: Block[]): void {
    if (isNull(node)) return;
    const body = shape.body(header.labels[0]?.text);
    const role = roleOf(header);
    const add = (one: JsonNode, place: Range) => {
      const range = rangeOf({ start: Math.min(place.start, one.start), end: one.end }, this.#file);
      blocks.push({ ...header, headerRange: place, body: this.body(one, body, role), range });
    };
    if (node.kind !== "array") add(node, header.headerRange);
    // Of several with one header each is known by where it begins.
    else for (const item of node.items) add(item, node.items.length === 1 ? header.headerRange : this.#mark(item));
  }
}

function roleOf({ type, labels }: Pick<Block, "type" | "labels">): Role {
  const [label] = labels;
  if (!label) return { what: `The block ${type}` };
  const name = JSON.stringify(label.text);
  return {
    what: `The block ${type} ${name}`,
    advice: ` If ${name} is meant to be an argument, the block's own name is missing around it: "${type}": { "name": { ${name}: … } }.`,
  };
}

/** Without any property; a list of anything else has been reported. */
function isEmpty(node: JsonNode): boolean {
  return node.kind === "object" || (node.kind === "array" && node.items.every((item) => item.kind === "object"));
}

function isNull(node: JsonNode): boolean {
  return node.kind === "word" && node.value === null;
}

function describe(node: JsonNode): string {
  switch (node.kind) {
    case "object":
      return "an object";
    case "array":
      return "a list";
    case "string":
      return "a string";
    case "number":
      return "a number";
    case "word":
      return String(node.value);
  }
}
