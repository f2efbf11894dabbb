import type { Diagnostic } from "../../../src/core/diagnostics.ts";
import { errorDiagnostic } from "../../../src/core/diagnostics.ts";
import type { Ports } from "../../../src/core/ports.ts";
import type { Demand, PlanRequest } from "../../../src/core/provider.ts";
import type { ChangeClass } from "../../../src/core/schema.ts";
import { notesOf } from "../notes.ts";
import { changeOfPriority } from "./priority.ts";
import { isStranded, whyNoThrottling } from "./share.ts";

/**
 * Whether this host can do what process_priority and cpu_throttling ask of it, and what a change of them takes. A QEMU
 * that was left stopped is let go on by an update.
 */
export async function checkShare(
  { config, prior }: PlanRequest,
  ports: Ports,
): Promise<{
  readonly diagnostics: readonly Diagnostic[];
  readonly classes: { readonly [path: string]: ChangeClass };
  readonly demands: readonly Demand[];
}> {
  const { cpu_throttling: percent, process_priority: wanted = null } = config;
  const was = prior ? notesOf(prior).niceness : undefined;
  const change = changeOfPriority(was, wanted, ports.processes);
  const why = typeof percent === "number" && percent > 0 ? await whyNoThrottling(ports) : undefined;
  const refused =
    why && errorDiagnostic(`cpu_throttling = ${String(percent)} is not possible on this host`, { detail: why });
  const process = prior && isStranded(prior, ports.processes) ? notesOf(prior).process : undefined;
  const summary = `its QEMU (pid ${process?.pid}) stands stopped by a signal (SIGSTOP)`;
  return {
    diagnostics: refused ? [refused] : [],
    classes: change ? { process_priority: change } : {},
    demands: process ? [{ change: "live", cause: { kind: "host", summary } }] : [],
  };
}
