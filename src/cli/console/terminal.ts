import type { Writable } from "node:stream";

/** What of a terminal's input stream is used here (`tty.ReadStream`). */
export interface Terminal {
  readonly isTTY?: boolean | undefined;
  readonly isRaw?: boolean | undefined;
  setRawMode?(raw: boolean): unknown;
}

const signals = ["SIGTERM", "SIGHUP"] as const;

/**
 * What a guest's program may have left behind: colours, a hidden cursor, mouse reports, bracketed paste, no line
 * wrap (ECMA-48 SGR, xterm's DECSET modes).
 */
const RESET = "\x1b[0m\x1b[?25h\x1b[?7h\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?2004l\r\n";

/**
 * Switches the terminal to raw mode, where every key is the guest's, and returns what puts it back as it was; that
 * also happens when the process exits meanwhile. A signal that would end the process calls `leave`, and still ends it
 * where nobody else listens for it.
 */
export function holdTerminal(input: Terminal, output: Writable & Terminal, leave: () => void): () => void {
  const wasRaw = input.isRaw ?? false;
  let held = true;
  const release = () => {
    if (!held) return;
    held = false;
    process.off("exit", release);
    for (const signal of signals) process.off(signal, onSignal);
    input.setRawMode?.(wasRaw);
    if (output.isTTY && output.writable) output.write(RESET);
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
