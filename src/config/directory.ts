import type { ResourceKind } from "../core/addresses.ts";
import { errorDiagnostic, hasErrors } from "../core/diagnostics.ts";
import type { SourceFile } from "../core/source.ts";
import type { Block } from "../core/syntax.ts";
import { isJsonFile } from "../language/json/expression.ts";
import { parseFile } from "../language/parse.ts";
import { readLocals, readOutput, readProvider, readVariable } from "./blocks.ts";
import { readCheck } from "./conditions.ts";
import type { Draft } from "./draft.ts";
import { compareNames, isOverrideFile } from "./files.ts";
import { parseJsonLabFile } from "./jsonBody.ts";
import { readModuleCall } from "./moduleCall.ts";
import { readMoved } from "./moved.ts";
import { didYouMean, listed } from "./names.ts";
import { applyOverrides } from "./overrides.ts";
import { readRemoved } from "./removedBlocks.ts";
import { readResource, templateForm } from "./resource.ts";
import type { Schemas } from "./schemas.ts";
import { readTemplates } from "./templates.ts";
import { unsupportedBlocks, unsupportedInModule } from "./unsupported.ts";

/** The blocks of one directory's lab files, with those of its override files merged into them. */
export function parseLabFiles(files: readonly SourceFile[], draft: Draft, schemas: Schemas): readonly Block[] {
  const sorted = files.toSorted((left, right) => compareNames(left.name, right.name));
  const read = (wanted: boolean) =>
    sorted.filter(({ name }) => isOverrideFile(name) === wanted).flatMap((file) => parseLabFile(file, draft, schemas));
  return applyOverrides(read(false), read(true), draft, schemas);
}

function parseLabFile(file: SourceFile, draft: Draft, schemas: Schemas): readonly Block[] {
  const { body, diagnostics } = isJsonFile(file) ? parseJsonLabFile(file, schemas) : parseFile(file);
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

/** Reads them into the draft; `isRoot` for those of the lab itself, and not of a module. */
export function readBlocks(blocks: readonly Block[], isRoot: boolean, draft: Draft, schemas: Schemas): void {
  const node = schemas.resourceSchemas.get("node");
  if (node) readTemplates(blocks, draft, templateForm(node));
  for (const block of blocks) {
    const reason = isRoot ? undefined : unsupportedInModule.get(block.type);
    if (reason === undefined) readBlock(block, draft, schemas);
    else {
      const { type, headerRange: range } = block;
      draft.diagnostics.push(errorDiagnostic(`A module has no ${type} block`, { detail: reason, range }));
    }
  }
}

function readBlock(block: Block, draft: Draft, { schemas, resourceSchemas }: Schemas): void {
  const { type } = block;
  const resource = resourceSchemas.get(type as ResourceKind);
  if (resource) readResource(block, type as ResourceKind, resource, draft);
  else if (type === "provider") readProvider(block, draft, schemas);
  else if (type === "variable") readVariable(block, draft);
  else if (type === "locals") readLocals(block, draft);
  else if (type === "output") readOutput(block, draft);
  else if (type === "module") readModuleCall(block, draft);
  else if (type === "check") readCheck(block, draft);
  else if (type === "moved") readMoved(block, draft);
  else if (type === "removed") readRemoved(block, draft);
  else if (type !== "lab" && type !== "template") unknownBlock(block, draft, [...resourceSchemas.keys()]);
}

function unknownBlock(block: Block, draft: Draft, kinds: readonly string[]): void {
  const { type, typeRange: range } = block;
  const reason = unsupportedBlocks.get(type);
  if (reason !== undefined) {
    draft.diagnostics.push(errorDiagnostic(`"${type}" blocks cannot be used`, { detail: reason, range }));
    return;
  }
  const types = [
    "lab",
    "provider",
    "variable",
    "locals",
    "template",
    ...kinds,
    "output",
    "check",
    "module",
    "moved",
    "removed",
  ];
  const meant = didYouMean(type, types) || ` A lab file holds ${listed(types)} blocks.`;
  draft.diagnostics.push(
    errorDiagnostic(`Unknown block "${type}"`, { detail: `There is no block of this type.${meant}`, range }),
  );
}
