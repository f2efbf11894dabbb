import type { Diagnostic } from "../core/diagnostics.ts";
import type { Plan } from "../core/plan.ts";
import type { Instance, State } from "../core/state.ts";
import type { Json, Path, Planned } from "../core/values.ts";
import { isWhollyPlanned, UNKNOWN } from "../core/values.ts";
import { diagnosticFields } from "./json.ts";

/** Of all documents; the second number rises with additions, the first with anything a reader must know of. */
const FORMAT = "1.0";

/**
 * `show -json PLANFILE`, with the names of OpenTofu's "JSON Output Format" where it has one. Sensitive and unknown
 * values are null in it; which they are stands in `after_unknown` and `before_sensitive`.
 */
export function planDocument(plan: Plan): Json {
  return {
    format_version: FORMAT,
    labform_version: plan.labformVersion,
    timestamp: plan.time,
    lineage: plan.lineage,
    serial: plan.serial,
    resource_changes: plan.changes.map((change) => ({
      address: change.address,
      type: change.kind,
      provider_name: change.provider,
      change: {
        actions: actionsOf(change.action),
        labform_action: change.action,
        before: change.prior ? concealed(change.prior.attributes, change.prior.sensitive) : null,
        after: change.planned ? concealed(change.planned, change.sensitive) : null,
        after_unknown: change.planned ? unknownNames(change.planned) : [],
        sensitive: change.sensitive,
        causes: change.causes.map(({ kind, summary, at }) => ({ kind, summary, at: at ?? null })),
      },
    })),
    output_changes: Object.fromEntries(
      plan.outputs.map((output) => [
        output.name,
        {
          actions: actionsOf(output.action),
          before: output.sensitive ? null : (output.before?.value ?? null),
          after: output.sensitive ? null : (output.after?.value ?? null),
          after_unknown: output.after === undefined && output.action !== "delete",
          sensitive: output.sensitive,
        },
      ]),
    ),
  };
}

/** `show -json`: the state without what is sensitive and without the providers' own notes. */
export function stateDocument(state: State): Json {
  return {
    format_version: FORMAT,
    labform_version: state.labformVersion,
    lineage: state.lineage,
    serial: state.serial,
    lab: state.lab,
    values: {
      outputs: Object.fromEntries(
        Object.entries(state.outputs).map(([name, { sensitive, type, value }]) => [
          name,
          { sensitive, type, value: sensitive ? null : value },
        ]),
      ),
      resources: [...state.instances.values()].map(resourceDocument),
    },
  };
}

function resourceDocument(instance: Instance): { readonly [name: string]: Json } {
  return {
    address: instance.address,
    type: instance.kind,
    provider_name: instance.provider,
    schema_version: instance.schemaVersion,
    id: instance.id,
    status: instance.status,
    values: concealed(instance.attributes, instance.sensitive),
    sensitive: instance.sensitive,
    depends_on: instance.dependencies,
  };
}

/** `state show -json`: of one instance what `show -json` has of it. */
export function instanceDocument(instance: Instance): Json {
  return { format_version: FORMAT, ...resourceDocument(instance) };
}

/** `state list -json`. */
export function addressesDocument(instances: readonly Instance[]): Json {
  const resources = instances.map(({ address, kind, id, status }) => ({ address, type: kind, id, status }));
  return { format_version: FORMAT, resources };
}

/** What a command that changes the record alone says with -json. */
export function recordedDocument(facts: { readonly [name: string]: Json }): Json {
  return { format_version: FORMAT, ...facts };
}

/** `validate -json`, with OpenTofu's names ("validate" in its documentation). */
export function validationDocument(diagnostics: readonly Diagnostic[]): object {
  const errors = diagnostics.filter((one) => one.severity === "error").length;
  return {
    format_version: FORMAT,
    valid: errors === 0,
    error_count: errors,
    warning_count: diagnostics.length - errors,
    diagnostics: diagnostics.map(diagnosticFields),
  };
}

/** A file that `fmt` looked at. */
export interface FormattedFile {
  readonly name: string;
  readonly changed: boolean;
  /** Where a difference was asked for. */
  readonly diff?: string | undefined;
  /** Where it goes nowhere else: of standard input. */
  readonly text?: string | undefined;
}

/** `fmt -json`. */
export function formatDocument(files: readonly FormattedFile[], diagnostics: readonly Diagnostic[]): object {
  return { format_version: FORMAT, files, diagnostics: diagnostics.map(diagnosticFields) };
}

function actionsOf(action: string): readonly string[] {
  if (action === "none") return ["no-op"];
  if (action === "replace") return ["delete", "create"];
  if (action === "create" || action === "delete") return [action];
  return ["update"];
}

function unknownNames(planned: { readonly [name: string]: Planned }): readonly string[] {
  return Object.keys(planned).filter((name) => !isWhollyPlanned(planned[name] as Planned));
}

function concealed(planned: Planned, paths: readonly Path[]): Json {
  if (planned === UNKNOWN || paths.some((path) => path.length === 0)) return null;
  if (planned === null || typeof planned !== "object") return planned;
  const below = (step: string | number) => paths.filter((path) => path[0] === step).map((path) => path.slice(1));
  if (Array.isArray(planned)) return (planned as readonly Planned[]).map((item, at) => concealed(item, below(at)));
  return Object.fromEntries(
    Object.entries(planned as { readonly [name: string]: Planned }).map(([name, item]) => [
      name,
      concealed(item, below(name)),
    ]),
  );
}
