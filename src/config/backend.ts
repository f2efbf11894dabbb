import type { BackendSettings, BackendType, DeclaredBackend, Setting } from "../core/backend.ts";
import { backendSchemas, backendTypes, isBackendType } from "../core/backend.ts";
import type { Diagnostic } from "../core/diagnostics.ts";
import { errorDiagnostic, hasErrors } from "../core/diagnostics.ts";
import type { Checked } from "../core/lab.ts";
import type { SourceFile } from "../core/source.ts";
import type { Body } from "../core/syntax.ts";
import { decodeBody } from "../evaluation/decode.ts";
import { constants } from "../evaluation/scope.ts";
import { parseFile } from "../language/parse.ts";
import { references } from "../language/references.ts";
import { parseLabFiles } from "./directory.ts";
import type { Draft } from "./draft.ts";
import { emptyDraft } from "./draft.ts";
import { onlyLabel } from "./labels.ts";
import { didYouMean, listed } from "./names.ts";
import type { Schemas } from "./schemas.ts";
import type { BodyOwner } from "./shape.ts";
import { checkBody, duplicate, titleOf } from "./shape.ts";

/** Of the `lab` block's body: where the state is kept. Constants only, since it is read before anything else. */
export function readBackend(body: Body, report: Draft): DeclaredBackend | undefined {
  const [block, ...others] = body.blocks.filter(({ type }) => type === "backend");
  if (!block) return undefined;
  for (const other of others) {
    report.diagnostics.push(duplicate("backend block", "in this lab", other.headerRange, block.headerRange));
  }
  const label = onlyLabel(block, 'backend "type" { … }', report);
  if (!label) return undefined;
  if (!isBackendType(label.text)) {
    report.diagnostics.push(unknownType(label.text, label.range));
    return undefined;
  }
  const settings = settingsIn(block.body, label.text, { title: titleOf(block), header: block.headerRange }, report);
  return settings && { type: label.text, settings, range: block.headerRange };
}

/** A file of -backend-config: the arguments of a backend, as its block has them. */
export function readBackendFile(file: SourceFile, type: BackendType): Checked<BackendSettings> {
  const { body, diagnostics } = parseFile(file);
  const draft = emptyDraft();
  draft.diagnostics.push(...diagnostics);
  if (hasErrors(diagnostics)) return { diagnostics };
  const title = `backend "${type}"`;
  return { value: settingsIn(body, type, { title, header: body.range }, draft), diagnostics: draft.diagnostics };
}

/** What may be meant by a setting that the backend does not have. */
export function unknownSetting(name: string, type: BackendType): Diagnostic {
  const names = Object.keys(backendSchemas[type].attributes);
  return errorDiagnostic(`The backend "${type}" has no setting "${name}"`, {
    detail: `-backend-config takes what its block may have: ${listed(names)}.${didYouMean(name, names)}`,
  });
}

function unknownType(name: string, range?: Diagnostic["range"]): Diagnostic {
  const detail = `A state is kept by the backend local, on this disk, or http, at a server with Terraform's HTTP protocol (GitLab and others).${didYouMean(name, backendTypes)}`;
  return errorDiagnostic(`Unknown backend "${name}"`, { detail, range });
}

/** What is missing in the block may come from the environment or from -backend-config. */
function writable<T extends { readonly required?: boolean }>(attributes: { readonly [name: string]: T }) {
  return Object.fromEntries(Object.entries(attributes).map(([name, { required: _, ...rest }]) => [name, rest]));
}

function settingsIn(body: Body, type: BackendType, owner: BodyOwner, draft: Draft): BackendSettings | undefined {
  const schema = backendSchemas[type];
  const { diagnostics } = draft;
  const before = diagnostics.length;
  checkBody(body, { attributes: writable(schema.attributes) }, owner, draft);
  for (const { name, expression } of body.attributes) {
    const [reference] = references(expression);
    if (!reference) continue;
    const detail = `The backend is reached before anything of the lab is evaluated, so "${name}" cannot refer to "${reference.root}". Write it out, leave it to the environment (LABFORM_${type.toUpperCase()}_${name.toUpperCase()}), or give it to init: -backend-config="${name}=…".`;
    diagnostics.push(errorDiagnostic("A backend's settings must be constants", { detail, range: reference.range }));
  }
  if (diagnostics.length > before) return undefined;
  const decoded = decodeBody(body, schema, constants);
  diagnostics.push(...decoded.diagnostics);
  if (diagnostics.length > before) return undefined;
  const written = body.attributes.filter(({ name }) => decoded.values.has(name));
  return Object.fromEntries(written.map(({ name }) => [name, decoded.attributes[name] as Setting]));
}

/**
 * The backend that a directory's lab files declare, read by itself: for commands that need nothing else of them. Null
 * where they declare none, undefined where that cannot be told: there are no files, or what is in them is wrong.
 */
export function findBackend(files: readonly SourceFile[], schemas: Schemas): DeclaredBackend | null | undefined {
  if (files.length === 0) return undefined;
  const draft = emptyDraft();
  const labs = parseLabFiles(files, draft, schemas).filter(({ type }) => type === "lab");
  const [lab] = labs;
  if (!draft.complete || !lab) return undefined;
  draft.diagnostics.splice(0);
  const found = readBackend(lab.body, draft);
  return draft.diagnostics.length > 0 ? undefined : (found ?? null);
}
