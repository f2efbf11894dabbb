import { PassThrough } from "node:stream";
import xterm from "@xterm/headless";
import fc from "fast-check";
import { expect, test } from "vitest";
import { ConsoleScreen } from "../../../src/cli/console/consoleScreen.ts";
import { HarmlessText } from "../../../src/cli/console/harmless.ts";
import { lastScreen } from "../../../src/cli/console/lastScreen.ts";
import { Redraw } from "../../../src/cli/console/redraw.ts";
import { ScreenModes } from "../../../src/cli/console/screenModes.ts";

/** A real terminal's interpretation of what is written to it. */
class Screen extends PassThrough {
  readonly isTTY = true;
  readonly terminal: InstanceType<typeof xterm.Terminal>;
  constructor(columns: number, rows: number) {
    super();
    this.terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
  }
  get columns(): number {
    return this.terminal.cols;
  }
  get rows(): number {
    return this.terminal.rows;
  }
  async shows(): Promise<readonly string[]> {
    const text = this.read() as Buffer | null;
    await new Promise<void>((done) => this.terminal.write(text ?? "", done));
    const { active } = this.terminal.buffer;
    const lines = Array.from(
      { length: this.rows },
      (_, row) => active.getLine(active.viewportY + row)?.translateToString(true) ?? "",
    );
    return lines.slice(0, lines.findLastIndex((line) => line !== "") + 1);
  }
}

test.each([
  ["all of what fits", "a\r\nb\r\n$ ", 3, "a\r\nb\r\n$ "],
  ["the last lines, and the one the cursor is on", "a\r\nb\r\nc\r\n", 3, "b\r\nc\r\n"],
  ["lines that wrap as the rows they take", `a\r\n${"b".repeat(11)}\r\n$ `, 3, `${"b".repeat(11)}\r\n$ `],
  [
    "lines that are coloured as what is seen of them",
    `\x1b[1;31m${"b".repeat(10)}\x1b[0m\r\n$ `,
    2,
    `\x1b[1;31m${"b".repeat(10)}\x1b[0m\r\n$ `,
  ],
  ["nothing of a line longer than the screen", `${"b".repeat(100)}\n$ `, 3, "$ "],
  ["nothing of nothing", "", 3, ""],
])("the past is shown a screen at most: %s", (_, past, rows, shown) => {
  expect(lastScreen(Buffer.from(past), rows, 10).toString()).toBe(shown);
});

test("who attaches sees the hint and the last lines below it on one screen", async () => {
  const screen = new Screen(20, 6);
  screen.write("Ctrl-] leaves\r\n");
  const shown = new ConsoleScreen(screen);
  shown.show(Buffer.from(Array.from({ length: 50 }, (_, at) => `line ${at}\r\n`).join("")));
  shown.show(Buffer.from("login: "));
  await new Promise((done) => setTimeout(done, 150));
  expect(await screen.shows()).toEqual(["Ctrl-] leaves", "line 47", "line 48", "line 49", "login: "]);
  shown.show(Buffer.from("ada"));
  expect((await screen.shows()).at(-1)).toBe("login: ada");
  shown.end();
});

test("what is said at once before the console closes is still shown, and nothing after", async () => {
  const screen = new Screen(40, 6);
  const shown = new ConsoleScreen(screen);
  shown.show(Buffer.from("[for its owner only]\r\n"));
  screen.write(shown.end());
  expect(await screen.shows()).toEqual(["[for its owner only]"]);
  await new Promise((done) => setTimeout(done, 120));
  expect(screen.read()).toBeNull();
});

test.each(["47", "1047", "1049"])(
  "a guest's alternate screen %s, colours, modes and region are undone",
  async (mode) => {
    const screen = new Screen(20, 6);
    const modes = new ScreenModes();
    screen.write("$ labform console\r\n");
    const guest = `\x1b[?${mode}h\x1b[2;4r\x1b[?25l\x1b[?1002;1006h\x1b[?2004h\x1b[?1h\x1b=\x1b[4h\x1b[31m\x1b(0 left on`;
    // A chunk may end anywhere.
    for (const byte of Buffer.from(guest)) {
      modes.see(Uint8Array.of(byte));
      screen.write(Uint8Array.of(byte));
    }
    await screen.shows();
    expect(screen.terminal.buffer.active.type).toBe("alternate");
    screen.write(`${modes.undo()}$ next\r\n1\r\n2\r\n3\r\n4\r\n5`);
    const shown = await screen.shows();
    expect(shown.slice(-3)).toEqual(["3", "4", "5"]);
    expect(screen.terminal.buffer.active.type).toBe("normal");
    expect(screen.terminal.modes).toMatchObject({
      mouseTrackingMode: "none",
      bracketedPasteMode: false,
      applicationCursorKeysMode: false,
      applicationKeypadMode: false,
      insertMode: false,
      wraparoundMode: true,
    });
  },
);

test("a guest that used no alternate screen, or left it, has its last lines stay", async () => {
  const screen = new Screen(20, 6);
  const modes = new ScreenModes();
  for (const text of ["one\r\n", "\x1b[?1049h\x1b[2J vi \x1b[?1049l", "two"]) {
    modes.see(Buffer.from(text));
    screen.write(text);
  }
  screen.write(`${modes.undo()}$ `);
  expect(await screen.shows()).toEqual(["one", "two", "$ "]);
});

test.each([
  ["text and line breaks", "a\tb\r\nc\n", "a\tb\r\nc\n"],
  ["colours", "\x1b[1;38;5;9mred\x1b[m", "\x1b[1;38;5;9mred\x1b[m"],
  ["what moves, clears and asks", "\x1b[2J\x1b[H\x1b[6n\x1b[?1049h\x1bcx", "x"],
  ["titles and clipboards", "\x1b]0;title\x07\x1b]52;c;AAAA\x1b\\\x1bPq#0\x1b\\x", "x"],
  ["a title that never ends ends with its line", "\x1b]0;title\nnext", "\nnext"],
  ["character sets and other controls", "\x1b(0\x0e\x0f\x07\x00\x9b31mx\u202e", "31mx"],
])("a log on a terminal: %s", (_, said, shown) => {
  const passed = (colour: boolean, text: string) => new HarmlessText(colour).pass(Buffer.from(text));
  expect(passed(true, said)).toBe(shown);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control characters
  expect(passed(false, said)).toBe(shown.replace(/\x1b\[[\d;]*m/g, ""));
});

test("no text, cut anywhere, gets more than colours past", () => {
  const pieces = fc.constantFrom(
    "\x1b",
    "[",
    "]",
    "?",
    "1",
    ";",
    "m",
    "h",
    "J",
    "P",
    "\\",
    "\x07",
    "\n",
    "x",
    "é",
    "\x9b",
    "(",
    " ",
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 40 }), fc.array(fc.nat(60), { maxLength: 5 }), (parts, cuts) => {
      const bytes = Buffer.from(parts.join(""));
      const edges = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b), bytes.length];
      const harmless = new HarmlessText(true);
      const shown = edges.slice(1).map((edge, at) => harmless.pass(bytes.subarray(edges[at], edge)));
      // biome-ignore lint/suspicious/noControlCharactersInRegex: as above
      expect(shown.join("").replace(/\x1b\[[\d;:]*m/g, "")).not.toMatch(/[\x00-\x07\x0b-\x0c\x0e-\x1f\x7f-\x9f]/);
      const whole = new HarmlessText(true).pass(bytes);
      expect(shown.join("")).toBe(whole);
    }),
    { numRuns: 500 },
  );
});

test("a table drawn again and again stays in its place, while the screen narrows and shrinks", async () => {
  const screen = new Screen(30, 8);
  const redraw = new Redraw(screen);
  const table = (text: string) => Array.from({ length: 5 }, (_, at) => `${at} ${text}`);
  screen.write("$ labform status -watch\r\n");
  redraw.draw(table("a longer line than that screen"));
  redraw.draw(table("first"));
  expect(await screen.shows()).toEqual(["$ labform status -watch", ...table("first")]);
  redraw.draw(table("x".repeat(28)));
  await screen.shows();
  screen.terminal.resize(12, 6);
  redraw.draw(table("second"));
  const after = await screen.shows();
  expect(after.slice(-5)).toEqual(table("second"));
  screen.terminal.resize(40, 12);
  redraw.draw(table("third").slice(0, 3));
  await screen.shows();
  screen.write(redraw.end());
  screen.write("$ next");
  const end = await screen.shows();
  expect(end.slice(-4)).toEqual([...table("third").slice(0, 3), "$ next"]);
  expect(end.filter((line) => line.includes("second"))).toEqual([]);
});
