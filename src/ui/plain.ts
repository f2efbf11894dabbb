import type { Event } from "../core/events.ts";
import type { Operation } from "../core/lifecycle.ts";
import { palette } from "./colour.ts";
import { Heartbeat } from "./heartbeat.ts";
import type { ProgressOptions } from "./progress.ts";
import { toldText } from "./progress.ts";
import { formatElapsed, printable } from "./text.ts";
import type { View, Write } from "./view.ts";
import { doing, QUIET_MS, waitingWords } from "./words.ts";

/**
 * The stream as lines of a log, one line an event. What only follows from another line is left out: the begin of an
 * action is that of its first step, the end of its last step is that of the action.
 */
export function plainView(write: Write, options: ProgressOptions): View {
  const colours = palette(options.colour);
  const about = (address: string, text: string) => write(`${colours.bold(`${address}:`)} ${text}\n`);
  const heartbeat = new Heartbeat(({ address, operation, elapsedMs, waitingFor }) => {
    const what = waitingFor === undefined ? "" : `, ${waitingWords(operation, printable(waitingFor))}`;
    about(address, `still ${doing[operation]} … (${formatElapsed(elapsedMs)})${what}`);
  });
  const begin = (address: string, operation: Operation) => about(address, `${doing[operation]} …`);
  /** Steps whose begin is not told yet. */
  const quiet = new Map<string, NodeJS.Timeout>();
  /** Answers whether there was one. */
  const forget = (address: string): boolean => {
    clearTimeout(quiet.get(address));
    return quiet.delete(address);
  };
  let begun = false;

  const steps = (event: Event) => {
    switch (event.type) {
      case "apply_begin":
        begun = true;
        return;
      case "step_start": {
        const { address, operation } = event;
        if (operation !== "ready") return begin(address, operation);
        const tell = () => {
          quiet.delete(address);
          begin(address, operation);
        };
        quiet.set(address, setTimeout(tell, QUIET_MS).unref());
        return;
      }
      case "step_progress":
        if (forget(event.address)) begin(event.address, event.operation);
        return;
      case "step_complete": {
        const { address, operation, elapsedMs, last } = event;
        if (!forget(address) && !last) about(address, `${doing[operation]} done (${formatElapsed(elapsedMs)})`);
        return;
      }
      case "apply_errored":
        forget(event.address);
        return;
      default:
    }
  };
  return {
    emit: (event) => {
      steps(event);
      const text = toldText(event, options, begun);
      if (text !== undefined) write(text);
      heartbeat.see(event);
    },
    stop: () => {
      for (const address of [...quiet.keys()]) forget(address);
      heartbeat.stop();
    },
  };
}
