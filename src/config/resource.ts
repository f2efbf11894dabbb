import type { ResourceKind } from "../core/addresses.ts";
import { resourceAddress } from "../core/addresses.ts";
import type { Diagnostic } from "../core/diagnostics.ts";
import { errorDiagnostic } from "../core/diagnostics.ts";
import type { Resource } from "../core/lab.ts";
import type { BlockSchema, ResourceSchema } from "../core/schema.ts";
import type { Block, Body, Expression } from "../core/syntax.ts";
import { addOnce, withUser } from "../core/templateUse.ts";
import { isJsonFile } from "../language/json/expression.ts";
import { references } from "../language/references.ts";
import { readConditions, withoutLifecycle } from "./conditions.ts";
import type { Draft } from "./draft.ts";
import { declaredName } from "./labels.ts";
import { readLifecycle } from "./lifecycle.ts";
import { attributeOf } from "./literals.ts";
import { readRepetition } from "./repetition.ts";
import { metaArguments, metaBlocks, nodeArguments } from "./schemas.ts";
import type { BodyOwner } from "./shape.ts";
import { checkBody, checkMissing } from "./shape.ts";
import type { Templated, TemplateForm } from "./templates.ts";
import { applyTemplate } from "./templates.ts";
import {
  unsupportedInLifecycle,
  unsupportedInResource,
  unsupportedInTemplate,
  unsupportedInTemplateLifecycle,
} from "./unsupported.ts";

/** Checks a node's or link's shape against its schema and adds it, its meta-arguments apart from its body. */
export function readResource(block: Block, kind: ResourceKind, schema: ResourceSchema, draft: Draft): void {
  const form = `${kind} "name" { … }`;
  const name = declaredName(block, draft, draft.resources, form, (text) => resourceAddress(kind, text));
  if (name === undefined) return;
  const { headerRange: range } = block;
  const { diagnostics } = draft;
  const title = `${kind} "${name}"`;
  const written = withMetaArguments(schema);
  const partial = kind === "node" && attributeOf(block.body, "template") !== undefined;
  const owner = {
    title,
    header: range,
    unsupported: unsupportedInResource,
    unsupportedIn: { lifecycle: unsupportedInLifecycle },
    dynamic: schema.blocks ?? {},
    partial,
  };
  checkBody(block.body, written, owner, draft);
  const { body, templates, complete } = partial ? applyTemplate(block.body, draft, written) : whole(block.body);
  const found: Diagnostic[] = [];
  const resource: Resource = {
    kind,
    name,
    address: resourceAddress(kind, name),
    ...readRepetition(body, title, diagnostics),
    dependsOn: readDependsOn(body, diagnostics),
    body: withoutMetaArguments(body),
    conditions: readConditions(body),
    lifecycle: readLifecycle(body, schema, found),
    templates,
    range,
  };
  for (const one of found) addOnce(withUser(one, resource), diagnostics);
  if (partial && complete) checkTemplated(body, written, { title, header: range }, resource, draft);
  draft.resources.set(resource.address, resource);
}

function whole(body: Body): Templated {
  return { body, templates: undefined, complete: true };
}

/** What neither the node nor its template has. */
function checkTemplated(body: Body, schema: BlockSchema, owner: BodyOwner, resource: Resource, draft: Draft): void {
  const report = { diagnostics: [] as Diagnostic[], complete: draft.complete };
  checkMissing(body, schema, owner, report);
  for (const one of report.diagnostics) addOnce(withUser(one, resource), draft.diagnostics);
}

/** How a template is read, given what a node may have. */
export function templateForm(schema: ResourceSchema): TemplateForm {
  const written = withMetaArguments(schema);
  const { count, for_each, ...attributes } = written.attributes;
  const { enabled, ...lifecycle } = metaBlocks.lifecycle.attributes;
  const blocks = { ...written.blocks, lifecycle: { ...metaBlocks.lifecycle, attributes: lifecycle } };
  return {
    schema: { ...written, attributes, blocks },
    lifecycle: (body) => {
      const found: Diagnostic[] = [];
      readLifecycle(body, schema, found);
      return found;
    },
    dynamic: schema.blocks ?? {},
    unsupported: unsupportedInTemplate,
    unsupportedIn: { lifecycle: unsupportedInTemplateLifecycle },
  };
}

const completed = new WeakMap<ResourceSchema, ResourceSchema>();

/** Made once a schema: a lab may have thousands of resources of one kind. */
export function withMetaArguments(schema: ResourceSchema): ResourceSchema {
  let complete = completed.get(schema);
  if (!complete) {
    const meta = schema.kind === "node" ? { ...metaArguments, ...nodeArguments } : metaArguments;
    complete = {
      ...schema,
      attributes: { ...meta, ...schema.attributes },
      blocks: { ...metaBlocks, ...schema.blocks },
    };
    completed.set(schema, complete);
  }
  return complete;
}

function withoutMetaArguments(body: Body): Body {
  const attributes = body.attributes.filter(({ name }) => !isMetaArgument(name));
  return withoutLifecycle(attributes.length === body.attributes.length ? body : { ...body, attributes });
}

function isMetaArgument(name: string): boolean {
  return Object.hasOwn(metaArguments, name) || Object.hasOwn(nodeArguments, name);
}

/** Whole nodes, links and modules by name; whether they exist is checked with all other references. */
export function readDependsOn(body: Body, diagnostics: Diagnostic[]): Resource["dependsOn"] {
  const expression = attributeOf(body, "depends_on")?.expression;
  if (!expression) return [];
  if (expression.kind !== "tuple") {
    diagnostics.push(notAReference(expression, "depends_on must be a list"));
    return [];
  }
  const found: { address: string; range: Expression["range"] }[] = [];
  for (const item of expression.items) {
    const address = wholeResource(item);
    if (address === undefined) diagnostics.push(notAReference(item, "depends_on names whole nodes, links and modules"));
    else found.push({ address, range: item.range });
  }
  return found;
}

/** `node.r1` of an expression that is exactly this. */
function wholeResource(expression: Expression): string | undefined {
  if (expression.kind !== "attribute" || expression.object.kind !== "variable") return undefined;
  const [reference] = references(expression);
  if (!reference || !["node", "link", "network", "module"].includes(reference.root)) return undefined;
  return `${reference.root}.${expression.name}`;
}

function notAReference(expression: Expression, summary: string): Diagnostic {
  const detail = isJsonFile(expression.range.file)
    ? 'Write them without attributes or instance keys: "depends_on": ["node.r1", "link.core"].'
    : "Write them without quotes, attributes or instance keys: depends_on = [node.r1, link.core].";
  return errorDiagnostic(summary, { detail, range: expression.range });
}
