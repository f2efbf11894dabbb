import { moduleOf } from "../../core/addresses.ts";
import type { Change, Drift, OutputChange, Plan } from "../../core/plan.ts";
import type { Instance } from "../../core/state.ts";
import type { Path } from "../../core/values.ts";
import { actionsOf, causeDocuments, reasons } from "./actions.ts";
import { checkDocuments } from "./checks.ts";
import {
  byAddress,
  instanceNames,
  moduleTree,
  outputDocument,
  resourceDocument,
  shownAttributes,
} from "./resources.ts";
import type {
  ChangeDocument,
  DriftDocument,
  OutputChangeDocument,
  PlanDocument,
  ResourceChangeDocument,
  ResourceDocument,
  VariableDocument,
} from "./types.ts";
import { FORMAT_VERSION } from "./types.ts";
import { sensitiveMarks, sortedObject, unknownMarks } from "./values.ts";

/** Which arguments of a change make it a replace; that is read off the schemas. */
export type ReplacePaths = (change: Change) => readonly Path[];

/**
 * `show -json PLANFILE`, with the names of OpenTofu's "JSON Output Format" where it has one. It never holds what is
 * sensitive, as OpenTofu's does.
 */
export function planDocument(plan: Plan, replacePaths: ReplacePaths): PlanDocument {
  const { changes, outputs, kept = [] } = plan;
  const reasonOf = reasons(plan);
  const changing = changes.map((change) => resourceChange(change, reasonOf(change), replacePaths));
  const formerly = new Map(plan.moves?.map(({ from, to }) => [to, from]));
  return {
    format_version: FORMAT_VERSION,
    labform_version: plan.labformVersion,
    timestamp: plan.time,
    mode: plan.mode,
    lab: plan.lab,
    lineage: plan.lineage,
    serial: plan.serial,
    applyable: isApplyable(plan),
    complete: plan.partial !== true,
    errored: false,
    variables: sortedObject(
      Object.entries(plan.variables ?? {}).map(([name, { sensitive, value }]): [string, VariableDocument] => [
        name,
        sensitive ? { value: null, sensitive } : { value: value ?? null },
      ]),
    ),
    planned_values: {
      outputs: sortedObject(
        outputs
          .filter(({ action }) => action !== "delete")
          .map(({ name, sensitive, after }) => [name, outputDocument(sensitive, after)]),
      ),
      root_module: moduleTree([...changes.flatMap(plannedResource), ...kept.map(withoutStatus)]),
    },
    resource_drift: plan.drift.map(driftDocument),
    resource_changes: [...changing, ...kept.map(unchanged)]
      .map((one) => withFormer(one, formerly.get(one.address)))
      .toSorted(byAddress),
    output_changes: sortedObject(outputs.map((output) => [output.name, outputChange(output)])),
    prior_state: {
      format_version: FORMAT_VERSION,
      labform_version: plan.labformVersion,
      values: {
        outputs: sortedObject(
          outputs.flatMap(({ name, wasSensitive, before }) =>
            before ? [[name, outputDocument(wasSensitive === true, before)] as const] : [],
          ),
        ),
        root_module: moduleTree(
          [...changes.flatMap(({ prior }) => (prior ? [prior] : [])), ...kept].map(resourceDocument),
        ),
      },
    },
    checks: checkDocuments(plan.checks ?? []),
  };
}

function isApplyable({ mode, changes, outputs, refreshes, lost = [] }: Plan): boolean {
  if (mode === "refresh-only" && refreshes.length + lost.length > 0) return true;
  return changes.length > 0 || outputs.some(({ action }) => action !== "none");
}

function resourceChange(
  change: Change,
  reason: string | undefined,
  replacePaths: ReplacePaths,
): ResourceChangeDocument {
  const { action, prior, planned, sensitive } = change;
  const paths = action === "replace" ? replacePaths(change) : [];
  return {
    ...namesAndModule(change),
    change: {
      actions: actionsOf(action),
      labform_action: action,
      before: prior && shownAttributes(prior.attributes, prior.sensitive),
      after: planned && shownAttributes(planned, sensitive),
      after_unknown: planned ? unknownMarks(planned) : {},
      before_sensitive: prior ? sensitiveMarks(prior.attributes, prior.sensitive) : false,
      after_sensitive: planned ? sensitiveMarks(planned, sensitive) : false,
      ...(paths.length > 0 ? { replace_paths: paths } : {}),
      causes: causeDocuments(change),
    },
    ...(reason === undefined ? {} : { action_reason: reason }),
  };
}

function withFormer(one: ResourceChangeDocument, former: string | undefined): ResourceChangeDocument {
  const { address, ...rest } = one;
  return former === undefined ? one : { address, previous_address: former, ...rest };
}

function unchanged(instance: Instance): ResourceChangeDocument {
  const values = shownAttributes(instance.attributes, instance.sensitive);
  const marks = sensitiveMarks(instance.attributes, instance.sensitive);
  const change: ChangeDocument = {
    actions: actionsOf("none"),
    labform_action: "none",
    before: values,
    after: values,
    after_unknown: {},
    before_sensitive: marks,
    after_sensitive: marks,
    causes: [],
  };
  return { ...namesAndModule(instance), change };
}

function namesAndModule(one: Pick<Instance, "address" | "kind" | "provider">) {
  const { address, ...names } = instanceNames(one);
  const module = moduleOf(address);
  return { address, ...(module === "" ? {} : { module_address: module }), ...names };
}

/** What will be recorded of it. */
function plannedResource(change: Change): readonly ResourceDocument[] {
  const { planned, schemaVersion, id, sensitive, dependencies } = change;
  if (planned === null) return [];
  return [
    {
      ...instanceNames(change),
      schema_version: schemaVersion,
      id,
      values: shownAttributes(planned, sensitive),
      sensitive_values: sensitiveMarks(planned, sensitive),
      depends_on: dependencies,
    },
  ];
}

function withoutStatus(instance: Instance): ResourceDocument {
  const { status: _, tainted: __, ...rest } = resourceDocument(instance);
  return rest;
}

function outputChange({ action, sensitive, before, after, ...rest }: OutputChange): OutputChangeDocument {
  const wasSensitive = rest.wasSensitive === true;
  return {
    actions: actionsOf(action),
    before: sensitive || wasSensitive ? null : (before?.value ?? null),
    after: sensitive ? null : (after?.value ?? null),
    after_unknown: after === undefined && action !== "delete",
    before_sensitive: wasSensitive,
    after_sensitive: sensitive && action !== "delete",
  };
}

/** What was found otherwise than it is recorded, whoever changed it. */
function driftDocument(one: Drift): DriftDocument {
  const { condition, before, after, sensitive } = one;
  return {
    ...namesAndModule(one),
    condition,
    change: {
      actions: actionsOf(after === null ? "delete" : "update"),
      before: shownAttributes(before, sensitive),
      after: after && shownAttributes(after, sensitive),
      after_unknown: {},
      before_sensitive: sensitiveMarks(before, sensitive),
      after_sensitive: after ? sensitiveMarks(after, sensitive) : false,
      causes: causeDocuments(one),
    },
  };
}
