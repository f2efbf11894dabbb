import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { toldText } from "../../src/ui/progress.ts";
import type { Screen } from "../support/emulator.ts";
import { trimmed } from "../support/emulator.ts";
import { expectGolden } from "./golden.ts";
import type { Recorded } from "./screens.ts";
import { NotedTerminal, readStream } from "./screens.ts";

const { liveView } = await import("../../src/ui/live/view.ts");
// Loaded by the first view that lives; under a test's clock that would take no time.
await import("../../src/ui/live/painter.tsx");

beforeEach(() => {
  vi.useFakeTimers({ now: new Date("2026-01-02T03:04:05Z") });
});
afterEach(() => {
  vi.useRealTimers();
});

interface Play {
  readonly columns?: number;
  readonly rows?: number;
  /** What else is done, and when; a name is a look at the screen. */
  readonly then?: readonly (readonly [atMs: number, what: string | ((terminal: NotedTerminal) => void)])[];
  readonly colour?: boolean;
}

/** Replays a stream, each event at its time, and answers what stood on the screen. */
async function play(stream: readonly Recorded[], options: Play = {}): Promise<ReadonlyMap<string, Screen>> {
  const { columns = 80, rows = 24, then = [], colour = false } = options;
  const terminal = new NotedTerminal(columns, rows);
  const view = liveView(terminal, { colour });
  const moments = [
    ...stream.map(({ atMs, event }) => ({ atMs, act: () => view.emit(event) })),
    ...then.map(([atMs, what]) => ({
      atMs,
      act: () => (typeof what === "string" ? terminal.look(what) : what(terminal)),
    })),
  ];
  moments.sort((a, b) => a.atMs - b.atMs);
  let nowMs = 0;
  for (const { atMs, act } of moments) {
    await vi.advanceTimersByTimeAsync(atMs - nowMs);
    nowMs = atMs;
    act();
  }
  view.stop();
  // ink's own, for what it would have drawn a moment later.
  await vi.advanceTimersByTimeAsync(50);
  expect(vi.getTimerCount(), "a stopped view leaves no timer behind").toBe(0);
  expect(terminal.listeners).toBe(0);
  vi.useRealTimers();
  return terminal.screens();
}

function golden(name: string, screens: ReadonlyMap<string, Screen>): void {
  const text = [...screens].map(([look, { view }]) => `=== ${look}\n${trimmed(view)}`);
  expectGolden(`screens/${name}.txt`, text.join("\n"));
}

describe("recorded applies, replayed", () => {
  const boot = readStream("boot");
  test.each([
    [40, 15],
    [80, 24],
    [200, 50],
  ])("two guests boot and a third stays silent, on %i columns and %i rows", async (columns, rows) => {
    const then = [
      [250, "services"],
      [700, "starting"],
      [3500, "waiting"],
      [12_000, "after the failure"],
    ] as const;
    const screens = await play(boot, { columns, rows, then });
    golden(`boot-${columns}`, screens);
    expect(screens.get("waiting")?.cursor.visible).toBe(false);
    expect(screens.get("end")?.cursor).toEqual({ column: 0, visible: true });
  });

  test("thirty nodes on ten rows: the longest running are shown, the rest is counted", async () => {
    const thirty = readStream("thirty");
    const half = Math.round((thirty.at(-1)?.atMs ?? 0) / 2);
    const screens = await play(thirty, {
      rows: 10,
      then: [
        [1500, "start"],
        [half, "middle"],
      ],
    });
    golden("thirty", screens);
    for (const look of ["start", "middle"]) expect(screens.get(look)?.view.at(-1), "the cursor's row").toBe("");
  });

  test("an interrupt is told at once, and what was interrupted with it", async () => {
    const stream = readStream("interrupted");
    const at = stream.find(({ event }) => event.type === "interrupted")?.atMs ?? 0;
    golden("interrupted", await play(stream, { then: [[at + 150, "interrupted"]] }));
  });
});

/** All that is told for good, however it is broken into lines. */
function told(stream: readonly Recorded[]): string {
  const options = { colour: false, width: 80 };
  return unfolded(stream.map(({ event }) => toldText(event, options, true) ?? ""));
}

function unfolded(lines: readonly string[] = []): string {
  return lines.join("").replaceAll(/\s/g, "");
}

describe("a window that changes", () => {
  const stream = readStream("interrupted");
  const resize = (columns: number, rows: number) => (terminal: NotedTerminal) => terminal.resize(columns, rows);

  test("keeps every line that stays and leaves nothing of what does not", async () => {
    const screens = await play(stream, {
      then: [
        [3000, resize(60, 15)],
        [3050, "narrow"],
        [3400, resize(130, 30)],
        [3450, "wide"],
        [3500, resize(45, 20)],
        [3520, resize(80, 20)],
      ],
    });
    golden("resized", screens);
    expect(unfolded(screens.get("end")?.lines)).toBe(told(stream));
  });

  test("at any moment to any width that holds the live rows, folded", async () => {
    const moment = fc.tuple(fc.integer({ min: 0, max: 4000 }), fc.integer({ min: 60, max: 160 }));
    await fc.assert(
      fc.asyncProperty(fc.array(moment, { maxLength: 8 }), async (moments) => {
        vi.useFakeTimers();
        const then = moments.map(([atMs, columns]) => [atMs, resize(columns, 30)] as const);
        const end = (await play(stream, { columns: 120, rows: 30, then })).get("end");
        expect(unfolded(end?.lines)).toBe(told(stream));
        expect(end?.cursor).toEqual({ column: 0, visible: true });
      }),
      { numRuns: 8 },
    );
  });

  test("to almost nothing shows what fits", async () => {
    const tiny = [
      [2500, resize(10, 3)],
      [2700, "tiny"],
      [2800, resize(1, 1)],
      [3000, resize(80, 24)],
    ] as const;
    const screens = await play(stream, { then: tiny });
    expect(screens.get("tiny")?.view).toHaveLength(3);
    expect(screens.get("end")?.cursor.visible).toBe(true);
  });
});

describe("an apply that is over before it could be watched", () => {
  test("is told in lines alone", () => {
    const terminal = new NotedTerminal(80, 24);
    const view = liveView(terminal, { colour: false });
    for (const { event } of readStream("interrupted")) view.emit(event);
    view.stop();
    expect(terminal.written).not.toContain("\u001b");
    expect(unfolded([terminal.written])).toBe(told(readStream("interrupted")));
  });
});

describe("an apply that cannot be watched, ink being broken", () => {
  test("goes on in lines", async () => {
    const begin = readStream("interrupted").slice(0, 8);
    const terminal = new NotedTerminal(80, 24);
    vi.resetModules();
    vi.doMock("../../src/ui/live/painter.tsx", () => {
      throw new Error("there is no ink");
    });
    try {
      const broken = await import("../../src/ui/live/view.ts");
      const view = broken.liveView(terminal, { colour: false });
      for (const { event } of begin) view.emit(event);
      vi.useRealTimers();
      await vi.waitFor(() => expect(unfolded([terminal.written])).toBe(told(begin)));
      view.stop();
    } finally {
      vi.doUnmock("../../src/ui/live/painter.tsx");
      vi.resetModules();
    }
  });
});

describe("an interrupt before the apply", () => {
  test("is told, and nothing is live yet", () => {
    const terminal = new NotedTerminal(80, 24);
    const view = liveView(terminal, { colour: false });
    view.emit({ type: "interrupted" });
    view.stop();
    expect(terminal.written).toBe("Interrupted: nothing is started.\n");
    expect(vi.getTimerCount()).toBe(0);
  });
});
