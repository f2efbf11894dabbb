import type { Diagnostic } from "../core/diagnostics.ts";
import { errorDiagnostic } from "../core/diagnostics.ts";
import type { Checked, Lab, ModuleCall } from "../core/lab.ts";
import type { SourceFile } from "../core/source.ts";
import type { Block } from "../core/syntax.ts";
import { readBackend } from "./backend.ts";
import { parseLabFiles, readBlocks } from "./directory.ts";
import type { Draft } from "./draft.ts";
import { emptyDraft } from "./draft.ts";
import { onlyLabel } from "./labels.ts";
import { attributeOf, literalString } from "./literals.ts";
import type { ReadModule } from "./modules.ts";
import { ModuleLoader, moduleParts } from "./modules.ts";
import { listed } from "./names.ts";
import { findCycles, findLateReferences } from "./order.ts";
import { countPlaces, modulesOf } from "./places.ts";
import { checkReferences } from "./references.ts";
import { checkRemoved } from "./removedBlocks.ts";
import type { Schemas } from "./schemas.ts";
import { labSchema } from "./schemas.ts";
import { checkBody, duplicate } from "./shape.ts";
import { satisfies } from "./version.ts";

export interface LoadOptions extends Schemas {
  /** Absolute. */
  readonly directory: string;
  readonly workspace: string;
  /** Names relative to the directory, in any order. */
  readonly files: readonly SourceFile[];
  readonly readModule: ReadModule;
  /** Of this program, for `required_version`. */
  readonly labformVersion: string;
}

const MOST_PLACES = 10_000;

/**
 * Reads a lab: text to tree, tree to blocks, the modules it calls, then what holds between blocks (references, cycles).
 * All mistakes of all files are reported. With errors in it a lab is returned all the same where it can be walked (no
 * syntax error, no ring): planning it then finds what is wrong with its values too. A lab made for another version of
 * labform gets that one word and no other: its blocks may be of a language this version does not know.
 */
export function loadLab(options: LoadOptions): Checked<Lab> {
  const draft = emptyDraft();
  const blocks = parseLabFiles(options.files, draft, options);
  for (const block of blocks) if (block.type === "lab") draft.labs.push(block);

  const requiredVersion = readRequiredVersion(draft, options.labformVersion);
  if (requiredVersion === "other") return { diagnostics: draft.diagnostics.slice(-1) };

  readBlocks(blocks, true, draft, options);
  const loader = new ModuleLoader(options.directory, options.readModule, options);
  const calls = loader.load(draft);
  const lab = assemble(draft, calls, options, requiredVersion);
  const { diagnostics } = draft;
  diagnostics.push(...loader.diagnostics);
  if (!lab) return { diagnostics };
  const modules = [...modulesOf(lab)];
  const complete = modules.every((module) => module.complete);
  for (const module of modules) diagnostics.push(...checkRemoved(module));
  for (const module of modules) if (module.complete) checkReferences(module, options.resourceSchemas, diagnostics);
  const grave = isTooLarge(lab) ?? [...findCycles(lab), ...findLateReferences(lab)];
  diagnostics.push(...grave);
  return complete && grave.length === 0 ? { value: lab, diagnostics } : { diagnostics };
}

/** A module that calls two of the next kind twice over makes as many as there are leaves on the tree. */
function isTooLarge(lab: Lab): readonly Diagnostic[] | undefined {
  const places = countPlaces(lab);
  if (places <= MOST_PLACES) return undefined;
  const detail = `Its modules call one another so often that there would be ${places} of them, and labform takes ${MOST_PLACES}. Use count or for_each where the same module is called many times.`;
  return [errorDiagnostic("The lab has too many modules", { detail, range: lab.nameRange })];
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

function assemble(
  draft: Draft,
  calls: ReadonlyMap<string, ModuleCall>,
  { directory, workspace, files }: LoadOptions,
  requiredVersion: Required,
): Lab | undefined {
  const { labs, diagnostics, providers, complete } = draft;
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
  const own = { ...body, blocks: body.blocks.filter(({ type }) => type !== "backend") };
  checkBody(own, labSchema, { title, header }, draft);
  return {
    name: label?.text ?? "",
    nameRange: label?.range ?? header,
    workspace,
    identity: attributeOf(body, "identity")?.expression,
    requiredVersion,
    allowUnsafeOptions: attributeOf(body, "allow_unsafe_options")?.expression,
    backend: readBackend(body, draft),
    directory,
    path: ".",
    files,
    providers,
    ...moduleParts(draft),
    calls,
    complete,
  };
}

function noLab(directory: string, files: readonly SourceFile[]) {
  if (files.length === 0) {
    const detail =
      "labform reads the files *.lab.hcl and *.lab.json of one directory. Go there, or name it with -chdir=DIR.";
    return errorDiagnostic("No lab files here", { detail, subject: `directory ${directory}` });
  }
  const detail = `Exactly one of ${listed(
    files.map((file) => file.name),
    "or",
  )} must have a block lab "name" { … }.`;
  return errorDiagnostic("The lab has no lab block", { detail, subject: `directory ${directory}` });
}
