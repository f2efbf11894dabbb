import { setMaxListeners } from "node:events";
import process from "node:process";

/**
 * Two Ctrl-C. The first (or SIGTERM, SIGHUP) aborts `stopping`: nothing new is started, what runs is finished. The
 * second ends at once: the journal covers the rest.
 */
export function watchSignals(onFirst: () => void): { readonly stopping: AbortSignal; readonly release: () => void } {
  const controller = new AbortController();
  // As many listen as steps wait; Node would warn of the eleventh, on the user's screen.
  setMaxListeners(0, controller.signal);
  const listener = () => {
    if (controller.signal.aborted) process.exit(1);
    controller.abort(new Error("interrupted"));
    onFirst();
  };
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) process.on(signal, listener);
  return {
    stopping: controller.signal,
    release: () => {
      for (const signal of signals) process.removeListener(signal, listener);
    },
  };
}
