import { formatAddress, moduleOf, parseAddress } from "../../core/addresses.ts";
import type { Diagnostic } from "../../core/diagnostics.ts";
import type { ChangeCounts, Event } from "../../core/events.ts";
import type { Change, Drift, OutputChange, Plan } from "../../core/plan.ts";
import { Heartbeat } from "../heartbeat.ts";
import { countChanges, doneSummary, planSummary, totals } from "../summary.ts";
import type { View, Write } from "../view.ts";
import { waitingWords } from "../words.ts";
import { actionWord, causeDocuments, reasons } from "./actions.ts";
import { diagnosticDocument } from "./diagnostics.ts";

/** Of the stream, by the rule of the documents' version. */
const UI_VERSION = "1.0";

type Fields = { readonly [name: string]: unknown };

interface Known {
  readonly provider: string;
  readonly id?: string;
}

/**
 * The stream as JSON, one object a line, with the names of OpenTofu's machine-readable UI ("Machine Readable UI" in
 * its documentation) where it has one; docs/json.md tells each. What labform adds stands beside them. No attribute's
 * value is in it, and no output's that is sensitive. A failed apply's diagnostics are events of their own, as in
 * OpenTofu. The first line is its version: a run opens one stream.
 */
export function jsonView(write: Write, labformVersion: string): View {
  const known = new Map<string, Known>();
  const begun = new Map<string, number>();
  const emit = (level: "info" | "warn" | "error", type: string, message: string, fields: Fields = {}) => {
    const line = {
      "@level": level,
      "@message": message,
      "@module": "labform.ui",
      "@timestamp": new Date().toISOString(),
      type,
      ...fields,
    };
    write(`${JSON.stringify(line)}\n`);
  };
  const resource = (address: string) => resourceFields(address, known.get(address)?.provider ?? "");
  const identified = (address: string) => {
    const id = known.get(address)?.id;
    return { resource: resource(address), ...(id === undefined ? {} : { id_key: "id", id_value: id }) };
  };
  const elapsedOf = (address: string) => {
    const since = begun.get(address);
    return since === undefined ? {} : { elapsed_seconds: seconds(performance.now() - since) };
  };
  const heartbeat = new Heartbeat(({ address, action, operation, elapsedMs, waitingFor }) => {
    const elapsed = Math.round(elapsedMs / 1000);
    const what = waitingFor === undefined ? "" : `, ${waitingWords(operation, waitingFor)}`;
    emit("info", "apply_progress", `${address}: still in ${operation} (${elapsed} s)${what}`, {
      hook: {
        resource: resource(address),
        action: actionWord(action),
        operation,
        elapsed_seconds: elapsed,
        ...(waitingFor === undefined ? {} : { waiting_for: waitingFor }),
      },
    });
  });

  const planned = (plan: Plan) => {
    for (const one of [...plan.refreshes, ...plan.changes]) known.set(one.address, one);
    for (const one of plan.drift) known.set(one.address, { ...known.get(one.address), provider: one.provider });
    for (const one of plan.drift) drifted(one);
    const reasonOf = reasons(plan);
    const formerly = new Map(plan.moves?.map(({ from, to }) => [to, from]));
    const formerResource = ({ address, provider }: Known & { readonly address: string }) => {
      const former = formerly.get(address);
      return former === undefined ? {} : { previous_resource: resourceFields(former, provider) };
    };
    for (const one of plan.kept ?? []) {
      const former = formerly.get(one.address);
      if (former === undefined) continue;
      emit("info", "planned_change", `${one.address}: Plan to move from ${former}`, {
        change: {
          resource: resourceFields(one.address, one.provider),
          ...formerResource(one),
          action: "move",
          labform_action: "move",
          causes: [],
        },
      });
    }
    for (const change of plan.changes) {
      if (change.action === "none") continue;
      emit("info", "planned_change", `${change.address}: Plan to ${change.action}`, {
        change: changeFields(change, resource(change.address), eventReason(reasonOf(change)), formerResource(change)),
      });
    }
    const counts = countChanges(plan.changes);
    emit("info", "change_summary", planSummary(plan.changes, plan.moves?.length), {
      changes: { ...countFields(counts), operation: "plan" },
    });
    emit("info", "outputs", `Outputs: ${plan.outputs.length}`, { outputs: outputChanges(plan.outputs) });
  };
  const drifted = (one: Drift) => {
    const action = one.after === null ? "delete" : "update";
    emit("info", "resource_drift", `${one.address}: Drift detected (${action})`, {
      change: { resource: resource(one.address), action, condition: one.condition, causes: causeDocuments(one) },
    });
  };

  const show = (event: Event) => {
    switch (event.type) {
      case "planned":
        return planned(event.plan);
      case "lock_wait":
        return emit("info", "lock_wait", `Waiting for the lock, held by ${event.holder}`, { holder: event.holder });
      case "diagnostic":
        return diagnose(event.diagnostic);
      case "interrupted":
        return emit("warn", "interrupted", "Interrupted: nothing new is started");
      case "change_summary":
        // Of a plan it was told with the plan.
        if (event.operation === "plan") return;
        return emit("info", "change_summary", doneSummary(event.counts, event.operation, event.elapsedMs), {
          changes: { ...countFields(event.counts), operation: event.operation },
        });
      case "outputs":
        return emit("info", "outputs", `Outputs: ${Object.keys(event.outputs).length}`, {
          outputs: outputValues(event.outputs),
        });
      case "apply_begin":
        return;
      default:
        return applying(event);
    }
  };
  const applying = (event: Extract<Event, { readonly address: string }>) => {
    const { address } = event;
    const about = { resource: resource(address) };
    switch (event.type) {
      case "apply_start":
        begun.set(address, performance.now());
        return emit("info", "apply_start", `${address}: ${event.action} begins`, {
          hook: { ...identified(address), action: actionWord(event.action) },
        });
      case "step_start":
        return emit("info", "step_start", `${address}: ${event.operation} begins`, {
          hook: { ...about, action: actionWord(event.action), operation: event.operation },
        });
      case "step_progress":
        return emit("info", "step_progress", `${address}: ${event.message}`, {
          hook: { ...about, operation: event.operation, message: event.message },
        });
      case "step_waiting":
        // Comes several times a second; the next `apply_progress` has it.
        return;
      case "step_complete":
        return emit("info", "step_complete", `${address}: ${event.operation} done`, {
          hook: { ...about, operation: event.operation, elapsed_seconds: seconds(event.elapsedMs) },
        });
      case "apply_complete":
        return emit("info", "apply_complete", `${address}: ${event.action} complete`, {
          hook: { ...identified(address), action: actionWord(event.action), elapsed_seconds: seconds(event.elapsedMs) },
        });
      case "apply_errored":
        return emit("error", "apply_errored", `${address}: ${event.operation} failed`, {
          hook: { ...about, action: actionWord(event.action), operation: event.operation, ...elapsedOf(address) },
        });
      case "apply_skipped":
        return emit("warn", "apply_skipped", `${address}: skipped: ${event.because}`, {
          hook: { ...about, action: actionWord(event.action), because: event.because },
        });
    }
  };
  const diagnose = (one: Diagnostic) => {
    const level = one.severity === "error" ? "error" : "warn";
    const title = one.severity === "error" ? "Error" : "Warning";
    emit(level, "diagnostic", `${title}: ${one.summary}`, { diagnostic: diagnosticDocument(one) });
  };

  emit("info", "version", `labform ${labformVersion}`, { labform: labformVersion, ui: UI_VERSION });
  return {
    emit: (event) => {
      show(event);
      heartbeat.see(event);
    },
    stop: () => heartbeat.stop(),
  };
}

function resourceFields(address: string, provider: string): Fields {
  const parsed = parseAddress(address);
  return {
    addr: address,
    module: moduleOf(address),
    resource: parsed ? formatAddress({ ...parsed, modules: [] }) : address,
    implied_provider: provider,
    resource_type: parsed?.kind ?? "",
    resource_name: parsed?.name ?? "",
    resource_key: parsed?.key ?? null,
  };
}

function changeFields(change: Change, resource: Fields, reason: string | undefined, former: Fields): Fields {
  return {
    resource,
    ...former,
    action: actionWord(change.action),
    ...(reason === undefined ? {} : { reason }),
    labform_action: change.action,
    causes: causeDocuments(change),
  };
}

/** The events' words are shorter than the documents'. */
function eventReason(reason: string | undefined): string | undefined {
  if (reason === "replace_by_request") return "requested";
  return reason?.replace(/^replace_because_/, "");
}

function outputChanges(outputs: readonly OutputChange[]): Fields {
  const words = { create: "create", update: "update", delete: "delete", none: "noop" };
  return Object.fromEntries(outputs.map(({ name, sensitive, action }) => [name, { sensitive, action: words[action] }]));
}

function outputValues(outputs: Extract<Event, { readonly type: "outputs" }>["outputs"]): Fields {
  return Object.fromEntries(
    Object.entries(outputs).map(([name, { sensitive, type, value }]) => [
      name,
      { sensitive, type, ...(sensitive || value === undefined ? {} : { value }) },
    ]),
  );
}

function countFields(counts: ChangeCounts): Fields {
  const { add, change, destroy } = totals(counts);
  const { restart, replace, forget, failed, skipped } = counts;
  return { add, change, import: 0, remove: destroy, forget, restart, replace, failed, skipped };
}

/** Seconds with their thousandths. */
function seconds(ms: number): number {
  return Math.round(ms) / 1000;
}
