import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { errorDiagnostic } from "../../src/core/diagnostics.ts";
import type { Event } from "../../src/core/events.ts";
import type { Operation } from "../../src/core/lifecycle.ts";
import { palette } from "../../src/ui/colour.ts";
import { Board } from "../../src/ui/live/board.ts";
import { frame } from "../../src/ui/live/frame.ts";
import { displayWidth } from "../../src/ui/text.ts";

const colours = palette(false);
const size = { columns: 80, rows: 24 };

function started(address: string, operation: Operation): Event {
  return { type: "step_start", address, action: "create", operation };
}

function completed(address: string, operation: Operation, last = false): Event {
  return { type: "step_complete", address, operation, elapsedMs: 1, last };
}

function boardOf(changes: number, ...events: readonly (readonly [atMs: number, event: Event])[]): Board {
  const board = new Board();
  board.see({ type: "apply_begin", changes }, 0);
  for (const [atMs, event] of events) board.see(event, atMs);
  return board;
}

function textAt(board: Board, nowMs: number, at = size): readonly string[] {
  return frame(board, at, nowMs, colours).map(({ text }) => text);
}

describe("a row of the live view", () => {
  test("names what the step waits for, and below it the last line seen, harmless and without its colours", () => {
    const line = "\u001b[31m[ 1.2] boot\u0007 端\u001b[0m\r";
    const waitingFor = '"login:" on its console';
    const board = boardOf(
      1,
      [0, started("node.r1", "ready")],
      [1, { type: "step_waiting", address: "node.r1", operation: "ready", waitingFor, line }],
    );
    expect(textAt(board, 4200)).toEqual([
      'node.r1  4.2 s  waiting for "login:" on its console',
      "│ [ 1.2] boot\\u{7} 端\\u{d}",
      "0 of 1 done, 1 running (4.2 s)",
    ]);
  });

  test("stays while a step follows another, as it was at its end", () => {
    const board = boardOf(1, [0, started("node.r1", "prepare")], [1000, completed("node.r1", "prepare")]);
    expect(textAt(board, 1200)).toEqual(["node.r1  1.0 s  preparing", "0 of 1 done, 1 waiting (1.2 s)"]);
    expect(textAt(board, 1300)).toEqual(["0 of 1 done, 1 waiting (1.3 s)"]);
  });

  test("does not speak of a ready that ends at once", () => {
    const board = boardOf(
      1,
      [0, started("node.r1", "start")],
      [1000, completed("node.r1", "start")],
      [1001, started("node.r1", "ready")],
    );
    expect(textAt(board, 1150)[0]).toBe("node.r1  1.0 s  starting");
    expect(textAt(board, 1300)[0]).toBe("node.r1  0.3 s  waiting until ready");
  });

  test("keeps the end of an address, which tells it from others", () => {
    const address = 'node.a_rather_long_name_of_routers["r17"]';
    const [row = ""] = textAt(boardOf(1, [0, started(address, "start")]), 0, { columns: 40, rows: 24 });
    expect(row).toMatch(/^node\.a_ra.*….*\["r17"\] /);
  });
});

describe("the live part", () => {
  test("names what failed for as long as it is shown", () => {
    const diagnostics = [errorDiagnostic("no")];
    const board = boardOf(
      4,
      [0, started("node.r1", "start")],
      [5, { type: "apply_errored", address: "node.r1", action: "create", operation: "start", diagnostics }],
      [6, { type: "apply_skipped", address: "node.r2", action: "create", because: "node.r1 was not done" }],
      [7, started("node.r3", "start")],
    );
    expect(textAt(board, 1000).at(-1)).toBe("0 of 4 done, 1 failed, 1 skipped, 1 running, 1 waiting (1.0 s): node.r1");
  });

  test("gives rows to changes before lines of consoles, and counts what has no row", () => {
    const waiting = (at: number): Event => ({
      type: "step_waiting",
      address: `node.r${at}`,
      operation: "ready",
      waitingFor: "port 22",
      line: `line ${at}`,
    });
    const addresses = [1, 2, 3, 4];
    const board = boardOf(
      4,
      ...addresses.map((at) => [0, started(`node.r${at}`, "ready")] as const),
      ...addresses.map((at) => [1, waiting(at)] as const),
    );
    const lines = (rows: number) => textAt(board, 500, { columns: 80, rows }).map((text) => text.slice(0, 8));
    expect(lines(9)).toEqual(["node.r1 ", "│ line 1", "node.r2 ", "node.r3 ", "node.r4 ", "0 of 4 d"]);
    expect(lines(7)).toEqual(["node.r1 ", "node.r2 ", "… and 2 ", "0 of 4 d"]);
    expect(lines(2)).toEqual(["0 of 4 d"]);
    expect(lines(1)).toEqual([]);
  });

  test("always fits: fewer rows than the terminal, each shorter than its lines", () => {
    const step = fc.record({
      address: fc.stringMatching(/^node\.[a-z端]{1,30}$/),
      operation: fc.constantFrom<Operation[]>("start", "ready", "stop"),
      line: fc.string({ unit: "grapheme", maxLength: 120 }),
      told: fc.boolean(),
    });
    const sizes = fc.record({ columns: fc.integer({ min: 1, max: 120 }), rows: fc.integer({ min: 1, max: 40 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 50 }), sizes, (steps, at) => {
        const board = boardOf(100);
        for (const { address, operation, line, told } of steps) {
          board.see(started(address, operation), 0);
          if (told) board.see({ type: "step_waiting", address, operation, waitingFor: line, line }, 0);
        }
        const rows = frame(board, at, 65_000, colours);
        expect(rows.length).toBeLessThan(at.rows);
        for (const { text, width } of rows) {
          expect(width).toBe(2 + displayWidth(text));
          expect(width).toBeLessThan(at.columns);
        }
      }),
      { numRuns: 200 },
    );
  });
});
