import type { ResourceKind } from "../core/addresses.ts";
import { resourceAddress } from "../core/addresses.ts";
import type { Diagnostic } from "../core/diagnostics.ts";
import { errorDiagnostic } from "../core/diagnostics.ts";
import type { Resource } from "../core/lab.ts";
import type { ResourceSchema } from "../core/schema.ts";
import type { Block, Body, Expression } from "../core/syntax.ts";
import { references } from "../language/references.ts";
import type { Draft } from "./draft.ts";
import { declaredName } from "./labels.ts";
import { attributeOf } from "./literals.ts";
import { metaArguments } from "./schemas.ts";
import { checkBody } from "./shape.ts";
import { unsupportedInResource } from "./unsupported.ts";

/** Checks a node's or link's shape against its schema and adds it, its meta-arguments apart from its body. */
export function readResource(block: Block, kind: ResourceKind, schema: ResourceSchema, draft: Draft): void {
  const form = `${kind} "name" { … }`;
  const name = declaredName(block, draft, draft.resources, form, (text) => resourceAddress(kind, text));
  if (name === undefined) return;
  const { body, headerRange: range } = block;
  const { diagnostics } = draft;
  const title = `${kind} "${name}"`;
  checkBody(body, withMetaArguments(schema), { title, header: range, unsupported: unsupportedInResource }, draft);

  const count = attributeOf(body, "count");
  const forEach = attributeOf(body, "for_each");
  if (count && forEach) {
    diagnostics.push(
      errorDiagnostic("count and for_each together", {
        detail: `Only one of them can say how many instances ${title} has. Instances that have names are for for_each.`,
        range: forEach.nameRange,
        related: [{ message: "count is set here", range: count.nameRange }],
      }),
    );
  }
  const resource: Resource = {
    kind,
    name,
    address: resourceAddress(kind, name),
    count: count?.expression,
    forEach: forEach?.expression,
    dependsOn: readDependsOn(body, diagnostics),
    body: withoutMetaArguments(body),
    range,
  };
  draft.resources.set(resource.address, resource);
}

const completed = new WeakMap<ResourceSchema, ResourceSchema>();

/** Made once a schema: a lab may have thousands of resources of one kind. */
function withMetaArguments(schema: ResourceSchema): ResourceSchema {
  let complete = completed.get(schema);
  if (!complete) {
    complete = { ...schema, attributes: { ...metaArguments, ...schema.attributes } };
    completed.set(schema, complete);
  }
  return complete;
}

function withoutMetaArguments(body: Body): Body {
  if (!body.attributes.some((attribute) => Object.hasOwn(metaArguments, attribute.name))) return body;
  return { ...body, attributes: body.attributes.filter((one) => !Object.hasOwn(metaArguments, one.name)) };
}

/** Whole nodes and links by name; whether they exist is checked with all other references. */
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
    if (address === undefined) diagnostics.push(notAReference(item, "depends_on names whole nodes and links"));
    else found.push({ address, range: item.range });
  }
  return found;
}

/** `node.r1` of an expression that is exactly this. */
function wholeResource(expression: Expression): string | undefined {
  if (expression.kind !== "attribute" || expression.object.kind !== "variable") return undefined;
  const [reference] = references(expression);
  if (!reference || (reference.root !== "node" && reference.root !== "link" && reference.root !== "network")) {
    return undefined;
  }
  return `${reference.root}.${expression.name}`;
}

function notAReference(expression: Expression, summary: string): Diagnostic {
  const detail = "Write them without quotes, attributes or instance keys: depends_on = [node.r1, link.core].";
  return errorDiagnostic(summary, { detail, range: expression.range });
}
