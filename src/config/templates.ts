import type { Diagnostic } from "../core/diagnostics.ts";
import { errorDiagnostic } from "../core/diagnostics.ts";
import type { Template } from "../core/lab.ts";
import type { BlockSchema } from "../core/schema.ts";
import type { Range } from "../core/source.ts";
import type { Attribute, Block, Body, Expression } from "../core/syntax.ts";
import { isJsonFile } from "../language/json/expression.ts";
import type { Draft } from "./draft.ts";
import { declaredName } from "./labels.ts";
import { attributeOf } from "./literals.ts";
import { mergeBodies } from "./merge.ts";
import { didYouMean, listed } from "./names.ts";
import { checkBody } from "./shape.ts";

/** How a template is read: as a node's body in parts. */
export interface TemplateForm {
  /** Of a node, but for what a template may not have. */
  readonly schema: BlockSchema;
  /** Those of its nested blocks that `dynamic` may make. */
  readonly dynamic: BlockSchema["blocks"];
  /** What is wrong in its `lifecycle` block beyond its shape. */
  readonly lifecycle: (body: Body) => readonly Diagnostic[];
  readonly unsupported: ReadonlyMap<string, string>;
  /** Of its nested blocks, by their types. */
  readonly unsupportedIn: { readonly [type: string]: ReadonlyMap<string, string> };
}

/**
 * Reads the template blocks of a lab: each is checked by itself, used or not, but for what is missing in it, and gets
 * the bodies of the templates that it names itself. Templates that are not there or name each other in a ring are
 * reported, and what comes of them is marked as incomplete.
 */
export function readTemplates(blocks: readonly Block[], draft: Draft, form: TemplateForm): void {
  const written = new Map<string, Written>();
  for (const block of blocks) {
    if (block.type !== "template") continue;
    const one = readTemplate(block, written, draft, form);
    if (one) written.set(one.name, one);
  }
  const known = new Set(written.keys());
  for (const one of written.values()) if (one.base) reportMissing(one.base, known, draft.diagnostics);
  const inRing = new Set<string>();
  for (const ring of ringsOf(written)) {
    draft.diagnostics.push(describeRing(ring));
    for (const { name } of ring) inRing.add(name);
  }
  for (const name of known) resolve(name, written, inRing, draft, form.schema);
}

/** A template as it stands in its file. */
interface Written extends Template {
  readonly base: Base | undefined;
  /** False where its argument `template` has been refused. */
  readonly complete: boolean;
}

interface Base {
  readonly name: string;
  readonly range: Range;
}

function readTemplate(
  block: Block,
  written: ReadonlyMap<string, Written>,
  draft: Draft,
  { schema, dynamic, lifecycle, unsupported, unsupportedIn }: TemplateForm,
): Written | undefined {
  const name = declaredName(block, draft, written, 'template "name" { … }');
  if (name === undefined) return undefined;
  const { body, headerRange: range } = block;
  const owner = { title: `template "${name}"`, header: range, dynamic, unsupported, unsupportedIn, partial: true };
  checkBody(body, schema, owner, draft);
  draft.diagnostics.push(...lifecycle(body));
  const argument = attributeOf(body, "template");
  const base = argument && readBase(argument, draft.diagnostics);
  const complete = (argument !== undefined) === (base !== undefined);
  return { name, range, block: block.range, body: withoutTemplate(body), base, complete };
}

/** The body of a node over those of the templates it names. */
export interface Templated {
  readonly body: Body;
  /** Nearest first. */
  readonly templates: readonly Template[] | undefined;
  /** False where a template is not there, which has been reported: nothing is missing in the body then. */
  readonly complete: boolean;
}

/** What a node is, with what its argument `template` brings. A template that is not there is reported. */
export function applyTemplate(body: Body, draft: Draft, schema: BlockSchema): Templated {
  const argument = attributeOf(body, "template");
  const own = withoutTemplate(body);
  const base = argument && readBase(argument, draft.diagnostics);
  if (base) reportMissing(base, draft.templates, draft.diagnostics);
  const template = base && draft.templates.get(base.name);
  if (!template) return { body: own, templates: [], complete: false };
  const { templates, complete } = template;
  return { body: mergeBodies(template.body, own, schema), templates, complete };
}

function withoutTemplate(body: Body): Body {
  return { ...body, attributes: body.attributes.filter(({ name }) => name !== "template") };
}

/** `router` of `template = template.router`; anything else is reported. */
function readBase({ expression }: Attribute, diagnostics: Diagnostic[]): Base | undefined {
  const name = templateName(expression);
  if (name !== undefined) return { name, range: expression.range };
  const form = isJsonFile(expression.range.file)
    ? '"template": "template.router".'
    : "template = template.router, without quotes.";
  const detail = `Write ${form} Which template it is, is read before anything is evaluated, so that it cannot come from a variable or a condition.`;
  diagnostics.push(errorDiagnostic('"template" names a template block', { detail, range: expression.range }));
  return undefined;
}

function templateName(expression: Expression): string | undefined {
  const isMember = expression.kind === "attribute" && !expression.legacyIndex;
  if (!isMember || expression.object.kind !== "variable" || expression.object.name !== "template") return undefined;
  return expression.name;
}

function reportMissing(
  base: Base,
  templates: { has(name: string): boolean; keys(): Iterable<string> },
  diagnostics: Diagnostic[],
) {
  const { name, range } = base;
  if (templates.has(name)) return;
  const meant = didYouMean(name, templates.keys()) || ` It is declared by a block template "${name}" { … }.`;
  const detail = `Nothing in this lab has that name.${meant}`;
  diagnostics.push(errorDiagnostic(`template.${name} does not exist`, { detail, range }));
}

/** Each ring once. A template names one other at most, so a walk along the names finds them. */
function ringsOf(written: ReadonlyMap<string, Written>): Written[][] {
  const rings: Written[][] = [];
  const done = new Set<string>();
  for (const first of written.values()) {
    const way: Written[] = [];
    let at: Written | undefined = first;
    while (at && !done.has(at.name)) {
      done.add(at.name);
      way.push(at);
      at = at.base && written.get(at.base.name);
    }
    const start = at ? way.indexOf(at) : -1;
    if (start >= 0) rings.push(way.slice(start));
  }
  return rings;
}

function describeRing(ring: readonly Written[]): Diagnostic {
  const [first, ...others] = ring as [Written, ...Written[]];
  const { range } = first.base as Base;
  if (others.length === 0) {
    const detail = "It would be made of itself. Take the argument away.";
    return errorDiagnostic(`template.${first.name} names itself`, { detail, range });
  }
  const names = ring.map(({ name }) => `template.${name}`);
  return errorDiagnostic(`${listed(names)} name one another`, {
    detail: `${[...names, names[0]].join(" → ")}: each is made of the next, so none can come first. Take one of the arguments away.`,
    range,
    related: others.map(({ name, base }) => ({
      message: `template.${name} names template.${base?.name}`,
      range: (base as Base).range,
    })),
  });
}

/** Puts a template and those it is made of into the draft, the farthest first. */
function resolve(
  name: string,
  written: ReadonlyMap<string, Written>,
  inRing: ReadonlySet<string>,
  draft: Draft,
  schema: BlockSchema,
): void {
  const pending: Written[] = [];
  let at = written.get(name);
  while (at && !draft.templates.has(at.name)) {
    pending.push(at);
    at = at.base && !inRing.has(at.name) ? written.get(at.base.name) : undefined;
  }
  for (const one of pending.reverse()) {
    const base = one.base && !inRing.has(one.name) ? draft.templates.get(one.base.name) : undefined;
    draft.templates.set(one.name, {
      own: one,
      body: base ? mergeBodies(base.body, one.body, schema) : one.body,
      templates: [one, ...(base?.templates ?? [])],
      complete: one.complete && (one.base === undefined || base?.complete === true),
    });
  }
}
