import type { Event } from "../../core/events.ts";
import { palette } from "../colour.ts";
import { toldText } from "../progress.ts";
import type { View } from "../view.ts";
import { Board } from "./board.ts";
import { frame } from "./frame.ts";
import type { Painter } from "./painter.tsx";
import type { Terminal } from "./terminal.ts";

const TICK_MS = 200;

/**
 * The stream on a terminal: what has ended as lines that stay, below them what runs, while an apply does. ink is loaded
 * when one begins, not before; one that ends sooner than it is loaded is told in lines alone.
 */
export function liveView(terminal: Terminal, { colour }: { readonly colour: boolean }): View {
  const board = new Board();
  const colours = palette(colour);
  let phase: "before" | "live" | "after" = "before";
  let painter: Painter | undefined;
  let timer: NodeJS.Timeout | undefined;
  /** Told since the last picture. */
  let lines: string[] = [];

  const paint = () => {
    painter?.paint(lines, frame(board, terminal, performance.now(), colours));
    if (painter) lines = [];
  };
  const flush = () => {
    if (lines.length > 0) terminal.write(lines.map((line) => `${line}\n`).join(""));
    lines = [];
  };
  let forget: readonly (() => void)[] = [];
  const open = (opened: Painter) => {
    painter = opened;
    // From the end of one picture to the next: a host that cannot keep up is not kept busy with pictures.
    const tick = () => {
      paint();
      timer = setTimeout(tick, TICK_MS).unref();
    };
    const clear = () => {
      clearTimeout(timer);
      opened.clear();
    };
    const anew = () => {
      clear();
      tick();
    };
    forget = [terminal.onResize(anew), terminal.onSuspend(clear, anew)];
    tick();
  };
  const begin = () => {
    phase = "live";
    import("./painter.tsx").then(
      ({ openPainter }) => {
        if (phase === "live") open(openPainter(terminal));
      },
      // An apply does not fail because it cannot be watched: it goes on in lines.
      () => end(),
    );
  };
  const end = () => {
    phase = "after";
    clearTimeout(timer);
    for (const one of forget) one();
    painter?.close();
    painter = undefined;
    flush();
  };

  return {
    emit: (event: Event) => {
      board.see(event, performance.now());
      if (event.type === "change_summary" && phase === "live") end();
      const text = toldText(event, { colour, width: terminal.columns }, phase !== "before");
      if (text !== undefined) {
        if (phase === "live") lines.push(text.replace(/\n$/, ""));
        else terminal.write(text);
      }
      if (event.type === "apply_begin") begin();
    },
    stop: () => {
      if (phase === "live") end();
    },
  };
}
