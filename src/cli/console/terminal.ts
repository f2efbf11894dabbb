import type { Writable } from "node:stream";

/** What of a terminal's input stream is used here (`tty.ReadStream`). */
export interface Terminal {
  readonly isTTY?: boolean | undefined;
  readonly isRaw?: boolean | undefined;
  setRawMode?(raw: boolean): unknown;
}

/** What of a terminal's output stream is used here (`tty.WriteStream`). */
export type Screen = Writable & {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
};

const signals = ["SIGINT", "SIGQUIT", "SIGTERM", "SIGHUP"] as const;

/**
 * Switches the terminal to raw mode, where every key is the program's, and returns what puts it back as it was, with
 * what `undo` says is to be written to the screen; that also happens when the process exits meanwhile. A signal that
 * would end the process calls `leave`, and still ends it where nobody else listens for it.
 */
export function holdTerminal(input: Terminal, output: Screen, leave: () => void, undo: () => string): () => void {
  const wasRaw = input.isRaw ?? false;
  let held = true;
  const release = () => {
    if (!held) return;
    held = false;
    process.off("exit", release);
    for (const signal of signals) process.off(signal, onSignal);
    input.setRawMode?.(wasRaw);
    if (output.isTTY && output.writable) output.write(undo());
  };
  const onSignal = (signal: NodeJS.Signals) => {
    const alone = process.listenerCount(signal) === 1;
    release();
    leave();
    if (alone) process.kill(process.pid, signal);
  };
  process.on("exit", release);
  for (const signal of signals) process.on(signal, onSignal);
  input.setRawMode?.(true);
  return release;
}
