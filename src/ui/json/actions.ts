import { moduleOf, parseAddress } from "../../core/addresses.ts";
import type { Action } from "../../core/lifecycle.ts";
import type { Change, Plan } from "../../core/plan.ts";
import { formatPath } from "../../core/values.ts";
import type { CauseDocument } from "./types.ts";

/** OpenTofu's words for an action, of which it has fewer. */
export function actionsOf(action: Action): readonly string[] {
  if (action === "none") return ["no-op"];
  if (action === "replace") return ["delete", "create"];
  return action === "create" || action === "delete" || action === "forget" ? [action] : ["update"];
}

/** As `actionsOf`, in one word, as the events have it. */
export function actionWord(action: Action): string {
  if (action === "none") return "noop";
  return action === "replace" ? action : (actionsOf(action)[0] ?? action);
}

export function causeDocuments({ causes }: Pick<Change, "causes">): readonly CauseDocument[] {
  return causes.map(({ kind, summary, path, at, evidence }) => ({
    kind,
    summary,
    ...(path ? { path: formatPath(path) } : {}),
    ...(at === undefined ? {} : { at }),
    ...(evidence ? { evidence } : {}),
  }));
}

/**
 * Why a plan's replaces and deletes are done, in OpenTofu's words; undefined where it has none, and where the plan alone
 * does not tell whether a block is gone or only repeated no more.
 */
export function reasons(plan: Pick<Plan, "changes" | "kept" | "mode">): (change: Change) => string | undefined {
  const repetitions = new Map<string, Set<string>>();
  const modules = new Set([""]);
  const staying = plan.changes.filter(({ action }) => action !== "delete" && action !== "forget");
  for (const { address } of [...staying, ...(plan.kept ?? [])]) {
    const { resource, repetition, module } = taken(address);
    repetitions.set(resource, (repetitions.get(resource) ?? new Set()).add(repetition));
    modules.add(module);
  }
  return (change) => {
    if (change.action === "replace") return replaceReason(change);
    if (change.action !== "delete" || plan.mode === "destroy" || change.kind === "service") return undefined;
    if (change.causes.some(({ kind, path }) => kind === "removed" && path?.[0] === "enabled"))
      return "delete_because_enabled_false";
    const { resource, repetition, module } = taken(change.address);
    const left = repetitions.get(resource);
    if (left?.has(repetition))
      return repetition === "number" ? "delete_because_count_index" : "delete_because_each_key";
    if (left) return "delete_because_wrong_repetition";
    return repetition === "undefined" && modules.has(module) ? "delete_because_no_resource_config" : undefined;
  };
}

function replaceReason({ prior, causes }: Change): string {
  if (prior?.status === "tainted") return "replace_because_tainted";
  // Of what others bring about, only this stands in the lab files.
  if (causes.some(({ kind, at }) => kind === "dependency" && at !== undefined)) return "replace_by_triggers";
  return causes.some(({ kind }) => kind === "asked") ? "replace_by_request" : "replace_because_cannot_update";
}

/** An instance's resource, the type of its key, and its module. */
function taken(address: string): { readonly resource: string; readonly repetition: string; readonly module: string } {
  const parsed = parseAddress(address);
  const module = moduleOf(address);
  return { resource: `${module}.${parsed?.kind}.${parsed?.name}`, repetition: typeof parsed?.key, module };
}
