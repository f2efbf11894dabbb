import { formatModules, moduleOf, parseAddress } from "../../core/addresses.ts";
import type { Instance } from "../../core/state.ts";
import type { Path, PlannedAttributes } from "../../core/values.ts";
import type { InstanceNames, JsonObject, ModuleDocument, OutputDocument, ResourceDocument } from "./types.ts";
import { sensitiveMarks, shownValue } from "./values.ts";

/** What an instance's address says, taken apart. */
export function instanceNames({
  address,
  kind,
  provider,
}: Pick<Instance, "address" | "kind" | "provider">): InstanceNames {
  const parsed = parseAddress(address);
  return {
    address,
    mode: "managed",
    type: kind,
    name: parsed?.name ?? address,
    ...(parsed?.key === undefined ? {} : { index: parsed.key }),
    provider_name: provider,
  };
}

/** What may be shown of an instance's attributes. */
export function shownAttributes(attributes: PlannedAttributes, sensitive: readonly Path[]): JsonObject {
  return shownValue(attributes, sensitive) as JsonObject;
}

/** An instance as it is recorded. */
export function resourceDocument(instance: Instance): ResourceDocument {
  const { schemaVersion, id, status, attributes, sensitive, dependencies } = instance;
  return {
    ...instanceNames(instance),
    schema_version: schemaVersion,
    id,
    values: shownAttributes(attributes, sensitive),
    sensitive_values: sensitiveMarks(attributes, sensitive),
    depends_on: dependencies,
    status,
    ...(status === "tainted" ? { tainted: true } : {}),
  };
}

interface Draft {
  readonly address?: string;
  readonly resources: ResourceDocument[];
  readonly child_modules: Draft[];
}

/** The resources by the modules they are in, sorted by address; a module that only holds others is there too. */
export function moduleTree(resources: readonly ResourceDocument[]): ModuleDocument {
  const root: Draft = { resources: [], child_modules: [] };
  const drafts = new Map([["", root]]);
  const draftOf = (address: string): Draft => {
    const known = drafts.get(address);
    if (known) return known;
    const draft: Draft = { address, resources: [], child_modules: [] };
    drafts.set(address, draft);
    draftOf(outerModule(address)).child_modules.push(draft);
    return draft;
  };
  for (const one of resources.toSorted(byAddress)) draftOf(moduleOf(one.address)).resources.push(one);
  for (const draft of drafts.values()) draft.child_modules.sort(byAddress);
  return root;
}

function outerModule(address: string): string {
  return formatModules(parseAddress(`${address}.node.x`)?.modules.slice(0, -1) ?? []);
}

export function byAddress(one: { readonly address?: string }, other: { readonly address?: string }): number {
  const [left = "", right = ""] = [one.address, other.address];
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Of an output whose value is not known there is no type either. */
export function outputDocument(
  sensitive: boolean,
  known: { readonly type: OutputDocument["type"]; readonly value: OutputDocument["value"] } | undefined,
): OutputDocument {
  if (known?.type === undefined || known.value === undefined) return { sensitive };
  return { sensitive, type: known.type, value: sensitive ? null : known.value };
}
