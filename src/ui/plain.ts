import type { Event } from "../core/events.ts";
import type { Action, Operation } from "../core/lifecycle.ts";
import { palette } from "./colour.ts";
import { renderDiagnostic } from "./diagnostics.ts";
import { Heartbeat } from "./heartbeat.ts";
import { renderOutputs } from "./outputs.ts";
import { doneSummary } from "./summary.ts";
import { countOf, formatElapsed, printable } from "./text.ts";
import type { View, Write } from "./view.ts";
import { DEFAULT_WIDTH } from "./view.ts";

export interface PlainOptions {
  readonly colour: boolean;
  /** Cells of a line, for diagnostics. */
  readonly width?: number | undefined;
}

const done: { readonly [action in Action]: string } = {
  none: "left as it was",
  wait: "ready",
  update: "updated",
  start: "started",
  boot: "started",
  restart: "restarted",
  stop: "turned off",
  reload: "reset",
  create: "created",
  replace: "replaced",
  delete: "destroyed",
};

const doing: { readonly [operation in Operation]: string } = {
  stage: "staging",
  prepare: "preparing",
  start: "starting",
  ready: "waiting until ready",
  stop: "stopping",
  reload: "resetting",
  remove: "removing",
  update: "updating",
  wire: "wiring",
  unwire: "unwiring",
  launch: "launching",
  end: "ending",
};

/**
 * The stream as lines of a log, one line an event. What only follows from another line is left out: the begin of an
 * action is that of its first step, the end of its last step is that of the action. The plan and the evidence of what
 * failed are not shown here but by the command, each in its place.
 */
export function plainView(write: Write, options: PlainOptions): View {
  const colours = palette(options.colour);
  const say = (text: string) => write(`${text}\n`);
  const about = (address: string, text: string) => say(`${colours.bold(`${address}:`)} ${text}`);
  const heartbeat = new Heartbeat(({ address, operation, elapsedMs }) =>
    about(address, `still ${doing[operation]} … (${formatElapsed(elapsedMs)})`),
  );

  const show = (event: Event) => {
    switch (event.type) {
      case "refresh_start":
        if (event.count > 0) say(`Looking at ${countOf(event.count, "instance")} …`);
        return;
      case "refresh_complete":
        if (event.count > 0) say(`Looked at ${countOf(event.count, "instance")} (${formatElapsed(event.elapsedMs)})`);
        return;
      case "lock_wait":
        say(`Waiting for the lock, held by ${printable(event.holder)} …`);
        return;
      case "step_start":
        about(event.address, `${doing[event.operation]} …`);
        return;
      case "step_progress":
        about(event.address, printable(event.message));
        return;
      case "step_complete":
        if (!event.last) {
          about(event.address, `${doing[event.operation]} done (${formatElapsed(event.elapsedMs)})`);
        }
        return;
      case "apply_complete":
        about(event.address, colours.green(`${done[event.action]} (${formatElapsed(event.elapsedMs)})`));
        return;
      case "apply_errored":
        about(event.address, colours.red(failure(event)));
        return;
      case "apply_skipped":
        about(event.address, colours.yellow(`skipped: ${printable(event.because)}`));
        return;
      case "diagnostic":
        write(
          `\n${renderDiagnostic(event.diagnostic, { colour: options.colour, width: options.width ?? DEFAULT_WIDTH })}\n`,
        );
        return;
      case "interrupted":
        say("Interrupted: nothing new is started, what runs is finished. A second interrupt ends at once.");
        return;
      case "change_summary":
        if (event.operation !== "plan") {
          say(`\n${colours.bold(doneSummary(event.counts, event.operation, event.elapsedMs))}`);
        }
        return;
      case "outputs":
        if (Object.keys(event.outputs).length > 0)
          write(`\n${colours.bold("Outputs:")}\n\n${renderOutputs(event.outputs, options)}`);
        return;
      case "planned":
      case "apply_begin":
      case "apply_start":
      case "step_waiting":
        return;
    }
  };
  return {
    emit: (event) => {
      show(event);
      heartbeat.see(event);
    },
    stop: () => heartbeat.stop(),
  };
}

function failure({ operation, diagnostics }: Extract<Event, { readonly type: "apply_errored" }>): string {
  const why = diagnostics.map(({ summary }) => printable(summary)).join("; ");
  return `${doing[operation]} failed${why === "" ? "" : `: ${why}`}`;
}
