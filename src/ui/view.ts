import type { Emit } from "../core/events.ts";

/** A reader of the event stream that shows it. `stop` ends its timers; it is for the end of the stream. */
export interface View {
  readonly emit: Emit;
  stop(): void;
}

export type Write = (text: string) => void;

/** For text without a terminal to ask. */
export const DEFAULT_WIDTH = 100;
