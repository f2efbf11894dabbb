import type { ResourceKind } from "../core/addresses.ts";
import { errorDiagnostic, hasErrors } from "../core/diagnostics.ts";
import type { Checked, Lab } from "../core/lab.ts";
import type { ProviderSchema, ResourceSchema } from "../core/schema.ts";
import type { SourceFile } from "../core/source.ts";
import type { Block } from "../core/syntax.ts";
import { parseFile } from "../language/parse.ts";
import { readLocals, readOutput, readProvider, readVariable } from "./blocks.ts";
import type { Draft } from "./draft.ts";
import { emptyDraft } from "./draft.ts";
import { compareNames, isOverrideFile } from "./files.ts";
import { onlyLabel } from "./labels.ts";
import { attributeOf, literalString } from "./literals.ts";
import { didYouMean, listed } from "./names.ts";
import { findCycles, findLateReferences } from "./order.ts";
import { checkReferences } from "./references.ts";
import { readResource } from "./resource.ts";
import { labSchema } from "./schemas.ts";
import { checkBody, duplicate } from "./shape.ts";
import { unsupportedBlocks, unsupportedInLab } from "./unsupported.ts";
import { satisfies } from "./version.ts";

export interface LoadOptions {
  /** Absolute. */
  readonly directory: string;
  /** Names relative to it, in any order. */
  readonly files: readonly SourceFile[];
  readonly schemas: readonly ProviderSchema[];
  readonly resourceSchemas: ReadonlyMap<ResourceKind, ResourceSchema>;
  /** Of this program, for `required_version`. */
  readonly labformVersion: string;
}

/**
 * Reads a lab: text to tree, tree to blocks, then what holds between blocks (references, cycles). All mistakes of all
 * files are reported. With errors in it a lab is returned all the same where it can be walked (no syntax error, no ring):
 * planning it then finds what is wrong with its values too. A lab made for another version of labform gets that
 * one word and no other: its blocks may be of a language this version does not know.
 */
export function loadLab(options: LoadOptions): Checked<Lab> {
  const files = options.files.toSorted((left, right) => compareNames(left.name, right.name));
  const draft = emptyDraft();
  const blocks = files.flatMap((file) => parseLabFile(file, draft));
  for (const block of blocks) if (block.type === "lab") draft.labs.push(block);

  const requiredVersion = readRequiredVersion(draft, options.labformVersion);
  if (requiredVersion === "other") return { diagnostics: draft.diagnostics.slice(-1) };

  for (const block of blocks) readBlock(block, draft, options);
  const lab = assemble(draft, options.directory, files, requiredVersion);
  if (!lab) return { diagnostics: draft.diagnostics };
  if (draft.complete) checkReferences(lab, options.resourceSchemas, draft.diagnostics);
  const rings = [...findCycles(lab), ...findLateReferences(lab)];
  draft.diagnostics.push(...rings);
  return draft.complete && rings.length === 0
    ? { value: lab, diagnostics: draft.diagnostics }
    : { diagnostics: draft.diagnostics };
}

function parseLabFile(file: SourceFile, draft: Draft): readonly Block[] {
  const refused = isOverrideFile(file.name)
    ? "Override files are not supported by this version of labform."
    : file.name.endsWith(".json")
      ? "Lab files in JSON are not supported by this version of labform."
      : undefined;
  if (refused !== undefined) {
    draft.diagnostics.push(errorDiagnostic(`Cannot read ${file.name}`, { detail: refused, subject: file.name }));
    draft.complete = false;
    return [];
  }
  const { body, diagnostics } = parseFile(file);
  draft.diagnostics.push(...diagnostics);
  if (hasErrors(diagnostics)) draft.complete = false;
  for (const attribute of body.attributes) {
    draft.diagnostics.push(
      errorDiagnostic(`Argument "${attribute.name}" outside of a block`, {
        detail: "A lab file holds blocks only. Values that several blocks share belong in a locals block.",
        range: attribute.nameRange,
      }),
    );
  }
  return body.blocks;
}

type Required = Lab["requiredVersion"];

function readRequiredVersion(draft: Draft, version: string): Required | "other" {
  const body = draft.labs[0]?.body;
  const expression = body && attributeOf(body, "required_version")?.expression;
  const text = body && literalString(body, "required_version", draft.diagnostics);
  if (!expression || text === undefined) return undefined;
  const { range } = expression;
  const satisfied = satisfies(version, text);
  if (satisfied === undefined) {
    const detail = 'Write versions such as "~> 0.1" or ">= 0.1, < 1.0": operators are = != > >= < <= and ~>.';
    draft.diagnostics.push(errorDiagnostic(`"${text}" is no version constraint`, { detail, range }));
  } else if (!satisfied) {
    const detail = `This is labform ${version}, and the lab asks for ${text}. Use a version that fits, or change required_version if the lab works with this one.`;
    draft.diagnostics.push(errorDiagnostic("The lab is for another version of labform", { detail, range }));
    return "other";
  }
  return { text, range };
}

function readBlock(block: Block, draft: Draft, { schemas, resourceSchemas }: LoadOptions): void {
  const { type } = block;
  const resource = resourceSchemas.get(type as ResourceKind);
  if (resource) readResource(block, type as ResourceKind, resource, draft);
  else if (type === "provider") readProvider(block, draft, schemas);
  else if (type === "variable") readVariable(block, draft);
  else if (type === "locals") readLocals(block, draft);
  else if (type === "output") readOutput(block, draft);
  else if (type !== "lab") unknownBlock(block, draft, [...resourceSchemas.keys()]);
}

function unknownBlock(block: Block, draft: Draft, kinds: readonly string[]): void {
  const { type, typeRange: range } = block;
  const reason = unsupportedBlocks.get(type);
  if (reason !== undefined) {
    draft.diagnostics.push(errorDiagnostic(`"${type}" blocks cannot be used`, { detail: reason, range }));
    return;
  }
  const types = ["lab", "provider", "variable", "locals", ...kinds, "output"];
  const meant = didYouMean(type, types) || ` A lab file holds ${listed(types)} blocks.`;
  draft.diagnostics.push(
    errorDiagnostic(`Unknown block "${type}"`, { detail: `There is no block of this type.${meant}`, range }),
  );
}

function assemble(
  draft: Draft,
  directory: string,
  files: readonly SourceFile[],
  requiredVersion: Required,
): Lab | undefined {
  const { labs, diagnostics, providers, variables, locals, resources, outputs } = draft;
  const [block, ...others] = labs;
  for (const other of others) {
    diagnostics.push(duplicate("lab block", "in this lab", other.headerRange, (block as Block).headerRange));
  }
  if (!block) {
    if (draft.complete) diagnostics.push(noLab(directory, files));
    return undefined;
  }
  const label = onlyLabel(block, 'lab "name" { … }', draft);
  if (label && !/\S/u.test(label.text)) {
    diagnostics.push(errorDiagnostic("The lab has no name", { detail: "Give it one.", range: label.range }));
  }
  const { body, headerRange: header } = block;
  const title = label ? `lab "${label.text}"` : "lab";
  checkBody(body, labSchema, { title, header, unsupported: unsupportedInLab }, draft);
  return {
    name: label?.text ?? "",
    nameRange: label?.range ?? header,
    identity: attributeOf(body, "identity")?.expression,
    requiredVersion,
    allowUnsafeOptions: attributeOf(body, "allow_unsafe_options")?.expression,
    directory,
    files,
    providers,
    variables,
    locals,
    resources,
    outputs,
  };
}

function noLab(directory: string, files: readonly SourceFile[]) {
  if (files.length === 0) {
    const detail = "labform reads the files *.lab.hcl of one directory. Go there, or name it with -chdir=DIR.";
    return errorDiagnostic("No lab files here", { detail, subject: `directory ${directory}` });
  }
  const detail = `Exactly one of ${listed(
    files.map((file) => file.name),
    "or",
  )} must have a block lab "name" { … }.`;
  return errorDiagnostic("The lab has no lab block", { detail, subject: `directory ${directory}` });
}
