import fc from "fast-check";
import { expect, test } from "vitest";
import { errorDiagnostic, warningDiagnostic } from "../../src/core/diagnostics.ts";
import type { Range, SourceFile } from "../../src/core/source.ts";
import { renderDiagnostic } from "../../src/ui/diagnostics.ts";
import { displayWidth } from "../../src/ui/text.ts";
import { expectGolden } from "./golden.ts";

function rangeOf(text: string, from: string, to = from): Range {
  const file: SourceFile = { name: "pair.lab.hcl", text };
  const start = text.indexOf(from);
  return { file, start, end: text.indexOf(to, start) + to.length };
}

const render = (one: Parameters<typeof renderDiagnostic>[0], width = 80) =>
  renderDiagnostic(one, { colour: false, width });

/** The marked cells of the line above each line of carets. */
function marked(text: string): string[] {
  const lines = text.split("\n");
  return lines.flatMap((line, at) => {
    const carets = /\^+/.exec(line);
    return carets ? [(lines[at - 1] as string).slice(carets.index, carets.index + carets[0].length)] : [];
  });
}

const lab = `lab "pair" {
}

node "r1" {
  ramm = var.size * 2
}

node "r1" {
\tram = "größer 日本" + 1
}

node "long" {
  kernel_command_line = "${"x".repeat(60)} console=ttyS0 ${"y".repeat(200)}"
}
`;

test("all parts of a diagnostic are shown, each in its place", () => {
  expectGolden(
    "diagnostic-full.txt",
    render(
      errorDiagnostic('Unknown argument "ramm"', {
        range: rangeOf(lab, "ramm"),
        address: 'node.router["r1"]',
        subject: "kernel image /boot/vmlinuz",
        values: [
          { expression: "var.size", value: "256" },
          { expression: 'local.names["a"]', value: "(sensitive value)" },
        ],
        related: [{ message: "first declared here", range: rangeOf(lab, 'lab "pair"') }],
        detail:
          "A node has no argument of this name, and this sentence is long enough to be folded at the width of the screen.\n\n  qemu.log:\n    line as it is",
      }),
    ),
  );
});

test("a warning without a place is its summary and detail", () => {
  expect(render(warningDiagnostic("Memory is short", { detail: "Stop something." }))).toBe(
    "Warning: Memory is short\n\n  Stop something.\n",
  );
});

test("carets stand under what is meant, behind tabs and wide characters", () => {
  const text = render(errorDiagnostic("x", { range: rangeOf(lab, "+ 1", "1") }));
  const [source, carets] = text.split("\n").slice(3) as [string, string];
  expect(source).toContain('9 │     ram = "größer 日本" + 1');
  expect(displayWidth(carets.slice(0, carets.indexOf("^")))).toBe(displayWidth(source.slice(0, source.indexOf("+ 1"))));
  expect(carets.trim().endsWith("^^^")).toBe(true);
});

test("a range over lines is marked on each, and its middle is left out when it is long", () => {
  const body = Array.from({ length: 9 }, (_, at) => `  item_${at + 1}`).join("\n");
  const text = render(errorDiagnostic("x", { range: rangeOf(`a = [\n${body}\n]\n`, "[", "]") }));
  expect(marked(text)).toEqual(["[", "item_1", "item_9", "]"]);
  expect(text).toContain("…");
  expect(text).not.toContain("item_5");
});

test("a very long line is cut around the range", () => {
  const text = render(errorDiagnostic("x", { range: rangeOf(lab, "console=ttyS0") }), 60);
  expect(marked(text)).toEqual(["console=ttyS0"]);
  const source = text.split("\n").find((line) => line.includes("console=ttyS0")) as string;
  expect(source).toMatch(/│ ….*…$/);
  expect(displayWidth(source)).toBeLessThanOrEqual(60);
});

test("a range at the end of a file or line, or of no length, has one caret", () => {
  const at = (text: string, start: number) =>
    render(errorDiagnostic("x", { range: { file: { name: "f", text }, start, end: start } }));
  for (const [text, start] of [
    ["", 0],
    ["a = {\n", 6],
    ["a = {\n", 5],
    ["a = {", 5],
  ] as const) {
    expect(at(text, start).match(/\^/g), JSON.stringify([text, start])).toHaveLength(1);
  }
});

test("nothing from a lab file reaches the terminal as a control sequence", () => {
  const text = 'a = "\u001b[2J\u0007\u202e"\r\n';
  const shown = render(
    errorDiagnostic("has \u001b[31m", { range: rangeOf(text, text.trim()), detail: "\u001b]0;x\u0007" }),
  );
  // Control characters are what must not be there
  expect(shown).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f\u202e]/);
  expect(shown).toContain("\\u{1b}[2J");
});

test("whatever the text, the range and the width: lines fit and carets mark something", () => {
  const texts = fc.string({
    unit: fc.constantFrom("a", " ", "\t", "日", "é", "\n", "\r\n", "👩‍👩‍👧", "\u001b"),
    maxLength: 120,
  });
  fc.assert(
    fc.property(texts, fc.nat(120), fc.nat(120), fc.integer({ min: 30, max: 100 }), (text, from, length, width) => {
      const start = Math.min(from, text.length);
      const end = Math.min(start + length, text.length);
      const shown = render(errorDiagnostic("x", { range: { file: { name: "f", text }, start, end } }), width);
      for (const line of shown.split("\n")) expect(displayWidth(line)).toBeLessThanOrEqual(width);
      if (start === end || /\S/.test(text.slice(start, end))) expect(shown).toContain("^");
    }),
    { numRuns: 500 },
  );
});

test("a place in a very long line is shown with what stands around it, in no more time than that takes", () => {
  const text = `a = "${"日本語 e\u0301 ".repeat(20_000)}" x "${"größe ".repeat(20_000)}"\n`;
  const file: SourceFile = { name: "f", text };
  const start = text.indexOf('" x "') + 2;
  const shown = render(errorDiagnostic("x", { range: { file, start, end: start + 1 } }), 60);
  expect(marked(shown)).toHaveLength(1);
  expect(shown).toContain(`f:1:${120_000 + 8}\n`);
  const [source, carets] = shown.split("\n").slice(3) as [string, string];
  expect(displayWidth(source)).toBeLessThanOrEqual(60);
  expect(displayWidth(source.slice(0, source.indexOf("x ")))).toBe(carets.indexOf("^"));
  const before = process.cpuUsage();
  for (let at = 0; at < 100; at++) {
    const place = Math.floor((text.length * at) / 100);
    render(errorDiagnostic("x", { range: { file, start: place, end: place + 1 } }), 60);
  }
  // Counted from its beginning each time, the line would take a minute.
  expect(process.cpuUsage(before).user / 1_000).toBeLessThan(10_000);
});
