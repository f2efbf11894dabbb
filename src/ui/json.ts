import { formatAddress, moduleOf, parseAddress } from "../core/addresses.ts";
import type { Diagnostic } from "../core/diagnostics.ts";
import type { ChangeCounts, Event } from "../core/events.ts";
import type { Action } from "../core/lifecycle.ts";
import type { Change, OutputChange, Plan } from "../core/plan.ts";
import type { Range } from "../core/source.ts";
import { lineText, position } from "../core/source.ts";
import { formatPath } from "../core/values.ts";
import { Heartbeat } from "./heartbeat.ts";
import { countChanges, doneSummary, planSummary, totals } from "./summary.ts";
import type { View, Write } from "./view.ts";
import { waitingWords } from "./words.ts";

/** Version of the format: the second number rises with additions, the first with anything a reader must know of. */
const UI = "1.0";

type Fields = { readonly [name: string]: unknown };

/**
 * The stream as JSON, one object a line, with the names of OpenTofu's machine-readable UI ("Machine Readable UI" in
 * its documentation) where it has one. What labform adds stands beside them: `change.labform_action` and
 * `change.causes`, the steps of an apply and what each waits for, restart and replace counts. No attribute's value is in it, and no
 * output's that is sensitive. A failed apply's diagnostics are events of their own, as in OpenTofu.
 */
export function jsonView(write: Write, labformVersion: string): View {
  const providers = new Map<string, string>();
  const emit = (level: "info" | "warn" | "error", type: string, message: string, fields: Fields = {}) => {
    const line = {
      "@level": level,
      "@message": message,
      "@module": "labform",
      "@timestamp": new Date().toISOString(),
      type,
      ...fields,
    };
    write(`${JSON.stringify(line)}\n`);
  };
  const resource = (address: string) => resourceFields(address, providers.get(address) ?? "");
  const heartbeat = new Heartbeat(({ address, action, operation, elapsedMs, waitingFor }) => {
    const elapsed = Math.round(elapsedMs / 1000);
    const what = waitingFor === undefined ? "" : `, ${waitingWords(operation, waitingFor)}`;
    emit("info", "apply_progress", `${address}: still in ${operation} (${elapsed} s)${what}`, {
      hook: {
        resource: resource(address),
        action: openTofuAction(action),
        operation,
        elapsed_seconds: elapsed,
        ...(waitingFor === undefined ? {} : { waiting_for: waitingFor }),
      },
    });
  });

  const planned = (plan: Plan) => {
    for (const change of plan.changes) providers.set(change.address, change.provider);
    for (const instance of plan.refreshes) providers.set(instance.address, instance.provider);
    for (const { address } of plan.refreshes) drift(address, "update");
    for (const change of plan.changes) {
      if (change.causes.some(({ kind }) => kind === "host")) {
        drift(change.address, change.action === "create" ? "delete" : "update");
      }
    }
    for (const change of plan.changes) {
      if (change.action === "none") continue;
      emit("info", "planned_change", `${change.address}: Plan to ${change.action}`, {
        change: changeFields(change, resource(change.address)),
      });
    }
    const counts = countChanges(plan.changes);
    emit("info", "change_summary", planSummary(plan.changes), {
      changes: { ...countFields(counts), operation: "plan" },
    });
    emit("info", "outputs", `Outputs: ${plan.outputs.length}`, { outputs: outputChanges(plan.outputs) });
  };
  const drift = (address: string, action: string) => {
    emit("info", "resource_drift", `${address}: Drift detected (${action})`, {
      change: { resource: resource(address), action },
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
        return emit("info", "apply_start", `${address}: ${event.action} begins`, {
          hook: { ...about, action: openTofuAction(event.action) },
        });
      case "step_start":
        return emit("info", "step_start", `${address}: ${event.operation} begins`, {
          hook: { ...about, action: openTofuAction(event.action), operation: event.operation },
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
          hook: { ...about, action: openTofuAction(event.action), elapsed_seconds: seconds(event.elapsedMs) },
        });
      case "apply_errored":
        return emit("error", "apply_errored", `${address}: ${event.operation} failed`, {
          hook: { ...about, action: openTofuAction(event.action), operation: event.operation },
        });
      case "apply_skipped":
        return emit("warn", "apply_skipped", `${address}: skipped: ${event.because}`, {
          hook: { ...about, action: openTofuAction(event.action), because: event.because },
        });
    }
  };
  const diagnose = (one: Diagnostic) => {
    const level = one.severity === "error" ? "error" : "warn";
    const title = one.severity === "error" ? "Error" : "Warning";
    emit(level, "diagnostic", `${title}: ${one.summary}`, { diagnostic: diagnosticFields(one) });
  };

  emit("info", "version", `labform ${labformVersion}`, { labform: labformVersion, ui: UI });
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

/** OpenTofu's word for an action, of which it has fewer. */
function openTofuAction(action: Action): string {
  if (action === "none") return "noop";
  return action === "create" || action === "replace" || action === "delete" ? action : "update";
}

function changeFields(change: Change, resource: Fields): Fields {
  return {
    resource,
    action: openTofuAction(change.action),
    labform_action: change.action,
    causes: change.causes.map(({ kind, summary, path, at, evidence }) => ({
      kind,
      summary,
      ...(path ? { path: formatPath(path) } : {}),
      ...(at === undefined ? {} : { at }),
      ...(evidence ? { evidence } : {}),
    })),
  };
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
  const { restart, replace, failed, skipped } = counts;
  return { add, change, import: 0, remove: destroy, restart, replace, failed, skipped };
}

/** As OpenTofu's, with `related` added. */
export function diagnosticFields(diagnostic: Diagnostic): Fields {
  const { severity, summary, detail, range, related, values, address, subject } = diagnostic;
  return {
    severity,
    summary,
    detail: detail ?? "",
    ...(address === undefined ? {} : { address }),
    ...(subject === undefined ? {} : { subject }),
    ...(range ? { range: rangeFields(range), snippet: snippetFields(range, values ?? []) } : {}),
    ...(related ? { related: related.map((one) => ({ message: one.message, range: rangeFields(one.range) })) } : {}),
  };
}

function rangeFields(range: Range): Fields {
  return {
    filename: range.file.name,
    start: positionFields(range, range.start),
    end: positionFields(range, range.end),
  };
}

/** `byte` counts from 0 in UTF-8, as HCL's positions do. */
function positionFields({ file }: Range, offset: number): Fields {
  return { ...position(file, offset), byte: Buffer.byteLength(file.text.slice(0, offset)) };
}

/** The whole lines of the range; the offsets are bytes into `code`. */
function snippetFields(range: Range, values: NonNullable<Diagnostic["values"]>): Fields {
  const { file } = range;
  const first = position(file, range.start).line;
  const last = position(file, Math.max(range.start, range.end - 1)).line;
  const lines: string[] = [];
  for (let line = first; line <= last; line++) lines.push(lineText(file, line));
  const code = lines.join("\n");
  const from = file.text.lastIndexOf("\n", range.start - 1) + 1;
  const offset = (to: number) => Math.min(Buffer.byteLength(file.text.slice(from, to)), Buffer.byteLength(code));
  return {
    context: null,
    code,
    start_line: first,
    highlight_start_offset: offset(range.start),
    highlight_end_offset: offset(range.end),
    values: values.map(({ expression, value }) => ({ traversal: expression, statement: `is ${value}` })),
  };
}

/** Seconds with their thousandths. */
function seconds(ms: number): number {
  return Math.round(ms) / 1000;
}
