import type { Context } from "../context.ts";
import { Redraw } from "./redraw.ts";
import { holdTerminal } from "./terminal.ts";

/** Ctrl-C, Ctrl-D, Ctrl-] and q leave. */
const LEAVE = /[\x03\x04\x1dq]/;

/** A screen that is drawn again until the user leaves. */
export interface WatchScreen {
  /** Aborts when the user leaves. */
  readonly left: AbortSignal;
  draw(lines: (size: { readonly columns: number; readonly rows: number }) => readonly string[]): void;
  /** The last drawing stays. */
  close(): void;
}

/**
 * Takes the terminal: keys are not shown, and only those that leave are heeded. What was drawn is drawn again when the
 * terminal's size changes.
 */
export function openWatchScreen({ stdin, stdout }: Pick<Context, "stdin" | "stdout">): WatchScreen {
  const controller = new AbortController();
  const leave = () => controller.abort();
  const redraw = new Redraw(stdout);
  let lines: Parameters<WatchScreen["draw"]>[0] | undefined;
  const paint = () => {
    // A terminal that was never told its size says 0.
    if (lines) redraw.draw(lines({ columns: stdout.columns || 80, rows: stdout.rows || 24 }));
  };
  const onKeys = (keys: Buffer) => {
    if (LEAVE.test(keys.toString("latin1"))) leave();
  };
  const release = holdTerminal(stdin, stdout, leave, () => redraw.end());
  if (stdin.isTTY) stdin.on("data", onKeys);
  stdout.on("resize", paint);
  stdout.on("error", leave);
  return {
    left: controller.signal,
    draw: (next) => {
      lines = next;
      paint();
    },
    close: () => {
      stdin.off("data", onKeys);
      stdin.pause();
      stdout.off("resize", paint);
      stdout.off("error", leave);
      release();
    },
  };
}
