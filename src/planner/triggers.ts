import type { InstanceKey } from "../core/addresses.ts";
import { addressIn, instanceAddress } from "../core/addresses.ts";
import type { Diagnostic } from "../core/diagnostics.ts";
import { errorDiagnostic } from "../core/diagnostics.ts";
import type { Resource, Trigger } from "../core/lab.ts";
import type { Cause, Change } from "../core/plan.ts";
import { formatRange } from "../core/source.ts";
import type { Path, Planned } from "../core/values.ts";
import { formatPath, samePlanned, UNKNOWN } from "../core/values.ts";
import { evaluate } from "../evaluation/evaluate.ts";
import type { Scope } from "../evaluation/scope.ts";
import { differences } from "./diff.ts";
import type { PlannedInstance } from "./instance.ts";
import type { ModuleInstance } from "./moduleInstance.ts";

interface Triggered {
  /** Why the instance is to be made anew; none where it is not. */
  readonly causes: readonly Cause[];
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * What `replace_triggered_by` says of an instance, given what is planned of those it names, which stand before it in the
 * order: a whole one has it made anew by being updated, replaced or made again, an attribute by having another value.
 * What is made for the first time, and what is merely started, has nobody made anew.
 */
export function findTriggers(
  { lifecycle }: Resource,
  scope: Scope,
  module: ModuleInstance,
  planned: ReadonlyMap<string, PlannedInstance>,
): Triggered {
  const causes: Cause[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const trigger of lifecycle?.triggers ?? []) {
    const meant = resolve(trigger, scope, module, diagnostics);
    for (const address of meant?.instances ?? []) {
      const change = planned.get(address)?.change;
      const what = change && meant ? whatHappens(change, meant.path, module) : undefined;
      if (what === undefined) continue;
      const at = formatRange(trigger.expression.range);
      causes.push({ kind: "dependency", summary: `replace_triggered_by: ${what}`, at });
    }
  }
  return { causes, diagnostics };
}

interface Meant {
  readonly instances: readonly string[];
  /** Of the attribute; empty for the whole. */
  readonly path: Path;
}

/** Undefined where it cannot be told, which has been reported. */
function resolve(trigger: Trigger, scope: Scope, module: ModuleInstance, diagnostics: Diagnostic[]): Meant | undefined {
  const { address, path, expression } = trigger;
  const resource = module.resources.get(address);
  if (!resource || (resource.value?.raw === UNKNOWN && resource.instances.length === 0)) return undefined;
  const all = resource.instances.map((one) => one.address);
  if (resource.shape === "single") return { instances: all, path };
  const [first, ...rest] = path;
  if (!trigger.key && first === undefined) return { instances: all, path };
  const key = trigger.key ? keyOf(evaluate(trigger.key, scope).value.raw) : first;
  if (key === undefined) return undefined;
  const one = resource.instances.find((instance) => String(instance.key) === String(key));
  if (one) return { instances: [one.address], path: trigger.key ? path : rest };
  const name = instanceAddress(addressIn(module.address, address), key);
  const keys = resource.instances.map((instance) => JSON.stringify(instance.key)).slice(0, 8);
  const has = keys.length === 0 ? "It has no instances." : `It has ${keys.join(", ")}.`;
  const detail = `replace_triggered_by can only name what there is. ${has}`;
  diagnostics.push(errorDiagnostic(`${name} does not exist`, { detail, range: expression.range }));
  return undefined;
}

function keyOf(raw: unknown): InstanceKey {
  return typeof raw === "string" || typeof raw === "number" ? raw : undefined;
}

/** In words; undefined where it has nobody made anew. */
function whatHappens(change: Change, path: Path, module: ModuleInstance): string | undefined {
  const { address, action, prior, planned } = change;
  if (!prior || !planned || action === "none" || action === "wait") return undefined;
  if (path.length > 0) {
    const same = samePlanned(plannedAt(prior.attributes, path), plannedAt(planned, path));
    return same ? undefined : `${address}.${formatPath(path)} changes`;
  }
  if (action === "replace") return `${address} is replaced`;
  if (action === "create") return `${address} is created again`;
  const schema = module.schemaOf(change.kind);
  const differs = schema && differences(schema, prior.attributes, planned, change.classes).length > 0;
  return differs || action !== "start" ? `${address} is updated` : undefined;
}

function plannedAt(attributes: Planned, path: Path): Planned {
  let found: Planned = attributes;
  for (const step of path) {
    if (found === null || found === UNKNOWN || typeof found !== "object") return found === UNKNOWN ? UNKNOWN : null;
    found =
      (Object.hasOwn(found, step) ? (found as { readonly [step: string | number]: Planned })[step] : null) ?? null;
  }
  return found;
}
