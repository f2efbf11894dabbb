import type { Event } from "../core/events.ts";
import { palette } from "./colour.ts";
import { renderDiagnostic } from "./diagnostics.ts";
import { renderOutputs } from "./outputs.ts";
import { doneSummary } from "./summary.ts";
import { formatElapsed, printable } from "./text.ts";
import { DEFAULT_WIDTH } from "./view.ts";
import { doing, done } from "./words.ts";

export interface ProgressOptions {
  readonly colour: boolean;
  /** Cells of a line, for diagnostics. */
  readonly width?: number | undefined;
}

/**
 * What is told of an event for good, in a log and above a live view alike: whole lines, or undefined when nothing is. The
 * plan and the evidence of what failed are not shown here but by the command, each in its place. `begun`: an apply runs.
 */
export function toldText(event: Event, options: ProgressOptions, begun: boolean): string | undefined {
  const colours = palette(options.colour);
  const about = (address: string, text: string) => `${colours.bold(`${address}:`)} ${text}\n`;
  switch (event.type) {
    case "lock_wait":
      return `Waiting for the lock, held by ${printable(event.holder)} …\n`;
    case "step_progress":
      return about(event.address, printable(event.message));
    case "apply_complete":
      return about(event.address, colours.green(`${done[event.action]} (${formatElapsed(event.elapsedMs)})`));
    case "apply_errored":
      return about(event.address, colours.red(failure(event)));
    case "apply_skipped":
      return about(event.address, colours.yellow(`skipped: ${printable(event.because)}`));
    case "diagnostic":
      return `\n${renderDiagnostic(event.diagnostic, { colour: options.colour, width: options.width ?? DEFAULT_WIDTH })}\n`;
    case "interrupted":
      return begun
        ? "Interrupted: finishing what runs, nothing more. A second interrupt ends at once.\n"
        : "Interrupted: nothing is started.\n";
    case "change_summary":
      if (event.operation === "plan") return undefined;
      return `\n${colours.bold(doneSummary(event.counts, event.operation, event.elapsedMs))}\n`;
    case "outputs":
      if (Object.keys(event.outputs).length === 0) return undefined;
      return `\n${colours.bold("Outputs:")}\n\n${renderOutputs(event.outputs, options)}`;
    case "apply_begin":
      return "\n";
    case "planned":
    case "apply_start":
    case "step_start":
    case "step_waiting":
    case "step_complete":
      return undefined;
  }
}

function failure({ address, operation, diagnostics }: Extract<Event, { readonly type: "apply_errored" }>): string {
  const reasons = diagnostics.map(({ summary }) => printable(summary));
  // Who is named in the reason need not be named again: `failed: was not ready within 20 s`.
  const why = reasons.map((one) => (one.startsWith(`${address} `) ? one.slice(address.length + 1) : one)).join("; ");
  if (reasons.some((one) => one.includes(address))) return `failed: ${why}`;
  return why === "" ? `${doing[operation]} failed` : `${doing[operation]} failed: ${why}`;
}
