import type { ResourceKind } from "../core/addresses.ts";
import type { Diagnostic } from "../core/diagnostics.ts";
import { errorDiagnostic } from "../core/diagnostics.ts";
import type { BlockSchema } from "../core/schema.ts";
import { attributeSchema } from "../core/schema.ts";
import { suggestionText } from "../core/suggestion.ts";
import type { Block, Body } from "../core/syntax.ts";
import type { Report } from "./draft.ts";
import { mergeBodies } from "./merge.ts";
import { withMetaArguments } from "./resource.ts";
import type { Schemas } from "./schemas.ts";
import { labSchema, moduleBlocks, outputSchema, variableSchema } from "./schemas.ts";
import { titleOf } from "./shape.ts";

/**
 * The blocks of a lab with those of its override files merged into them, one after the other: a block changes the one of
 * its type and name, a local the one of its name. What overrides nothing is an error, but for a provider, whose block
 * may be left out. Blocks that are wrong in themselves are passed on as they are, for the reader of blocks to report.
 * Facts from Terraform's "Override Files", and from what `terraform validate` 1.11 refuses.
 */
export function applyOverrides(
  blocks: readonly Block[],
  overrides: readonly Block[],
  report: Report,
  schemas: Schemas,
): readonly Block[] {
  if (overrides.length === 0) return blocks;
  const merging = new Merging(blocks, report, schemas);
  for (const block of overrides) merging.add(block);
  return merging.blocks;
}

class Merging {
  readonly blocks: Block[];
  readonly #report: Report;
  readonly #schemas: Schemas;
  /** Positions in `blocks`, by title; of two with one title the first, since the second is an error. */
  readonly #named = new Map<string, number>();
  /** Of the block that declares each local. */
  readonly #locals = new Map<string, number>();

  constructor(blocks: readonly Block[], report: Report, schemas: Schemas) {
    this.blocks = [...blocks];
    this.#report = report;
    this.#schemas = schemas;
    for (const [at, block] of blocks.entries()) {
      const title = titleOf(block);
      if (!this.#named.has(title)) this.#named.set(title, at);
      if (block.type !== "locals") continue;
      for (const { name } of block.body.attributes) if (!this.#locals.has(name)) this.#locals.set(name, at);
    }
  }

  add(block: Block): void {
    if (block.type === "locals") {
      this.#addLocals(block);
      return;
    }
    const reason = neverOverridden.get(block.type);
    if (reason !== undefined) {
      this.#error(`"${block.type}" blocks cannot stand in an override file`, reason, block.typeRange);
      return;
    }
    const schema = block.labels.length === 1 ? this.#schemaOf(block) : undefined;
    const at = this.#named.get(titleOf(block));
    const base = at === undefined ? undefined : this.blocks[at];
    if (at !== undefined && base && schema) {
      this.blocks[at] = { ...base, body: mergeBodies(base.body, this.#allowed(block, schema), schema) };
    } else if (schema && block.type !== "provider") this.#missing(block);
    else this.blocks.push(block);
  }

  #addLocals(block: Block): void {
    for (const attribute of block.body.attributes) {
      const { name, nameRange } = attribute;
      const at = this.#locals.get(name);
      const base = at === undefined ? undefined : this.blocks[at];
      if (at === undefined || !base) {
        this.#nothingThere(`local.${name}`, `local.${name}`, [name, this.#locals.keys()], nameRange);
        continue;
      }
      const others = base.body.attributes.filter((one) => one.name !== name);
      this.blocks[at] = { ...base, body: { ...base.body, attributes: [...others, attribute] } };
    }
    const isPlain = block.labels.length === 0 && block.body.blocks.length === 0;
    if (!isPlain) this.blocks.push({ ...block, body: { ...block.body, attributes: [] } });
  }

  #schemaOf({ type, labels }: Block): BlockSchema | undefined {
    const { schemas, resourceSchemas } = this.#schemas;
    const known = ownSchemas.get(type);
    if (known) return known;
    if (type === "provider") return schemas.find(({ name }) => name === labels[0]?.text)?.settings;
    const resource = resourceSchemas.get(type === "template" ? "node" : (type as ResourceKind));
    return resource && withMetaArguments(resource);
  }

  /** What an override may say; the rest is reported. */
  #allowed(block: Block, schema: BlockSchema): Body {
    const { body } = block;
    const attributes = body.attributes.filter(({ name, nameRange }) => {
      if (name !== "depends_on" || !attributeSchema(schema, name) || block.type === "template") return true;
      const detail = "What waits for what stays as it is in the file that declares the block. Change it there.";
      this.#error('"depends_on" cannot be overridden', detail, nameRange);
      return false;
    });
    return { ...body, attributes, blocks: this.#withoutRules(body.blocks) };
  }

  #withoutRules(blocks: readonly Block[]): readonly Block[] {
    return blocks.flatMap((block) => {
      if (block.type === "lifecycle") {
        return [{ ...block, body: { ...block.body, blocks: this.#withoutRules(block.body.blocks) } }];
      }
      if (!rules.has(block.type)) return [block];
      const detail = "A rule holds for whoever uses the lab. Change it in the file that declares it.";
      this.#error(`"${block.type}" blocks cannot be overridden`, detail, block.headerRange);
      return [];
    });
  }

  #missing(block: Block): void {
    const { type, labels, headerRange } = block;
    const name = labels[0]?.text ?? "";
    const names = this.blocks.filter((one) => one.type === type).map((one) => one.labels[0]?.text ?? "");
    this.#nothingThere(titleOf(block), `block ${type} "${name}"`, [name, names], headerRange);
  }

  #nothingThere(title: string, what: string, [name, names]: [string, Iterable<string>], range: Block["range"]): void {
    if (!this.#report.complete) return;
    const candidates = [...names];
    const meant = candidates.length > 0 ? ` ${suggestionText(name, candidates)}` : "";
    const detail = `${range.file.name} is an override file: it changes what the lab's other files declare, and there is no ${what} in them.${meant}`;
    this.#error(`There is no ${title} to override`, detail, range);
  }

  #error(summary: string, detail: string, range: Diagnostic["range"]): void {
    this.#report.diagnostics.push(errorDiagnostic(summary, { detail, range }));
  }
}

/** A module's arguments are its variables. */
const ownSchemas: ReadonlyMap<string, BlockSchema> = new Map([
  // A backend in an override file replaces the one there is, whatever its type: Terraform's rule.
  ["lab", { ...labSchema, blocks: { backend: { nesting: "list", description: "", attributes: {} } } }],
  ["variable", variableSchema],
  ["output", outputSchema],
  ["module", { attributes: {}, blocks: moduleBlocks }],
]);

const rules: ReadonlySet<string> = new Set(["validation", "precondition", "postcondition"]);

const notHere = "Write it in one of the lab's other files.";

const neverOverridden: ReadonlyMap<string, string> = new Map([
  ["check", `A check holds for whoever uses the lab. ${notHere}`],
  ["moved", `What was moved is part of the lab's history. ${notHere}`],
  ["removed", `What was removed is part of the lab's history. ${notHere}`],
]);
