import type { Finding } from "../core/doctor.ts";
import { palette } from "./colour.ts";
import { detailLines } from "./diagnostics.ts";
import { FORMAT_VERSION } from "./json/types.ts";
import { countOf, padEnd, printable, wrap } from "./text.ts";
import { DEFAULT_WIDTH } from "./view.ts";

export interface FindingsOptions {
  /** Undefined where there are no lab files; without a name where they cannot be read. */
  readonly lab: { readonly name: string | undefined } | undefined;
  readonly colour: boolean;
  readonly width?: number | undefined;
}

const MARKS = { ok: "✓", note: "·", warning: "!", error: "✗" } as const;

/** A line each, with what to do below it, and a last line that says whether labs can run. Ends with a line break. */
export function renderFindings(findings: readonly Finding[], { lab, colour, width }: FindingsOptions): string {
  const colours = palette(colour);
  const tones = { ok: colours.green, note: colours.dim, warning: colours.yellow, error: colours.red };
  const longest = Math.max(0, ...findings.map(({ subject }) => subject.length));
  const indent = " ".repeat(2 + longest + 2);
  const room = Math.max(40, (width ?? DEFAULT_WIDTH) - indent.length);
  const lines = findings.flatMap(({ subject, level, text, fix, at }) => {
    const tone = tones[level];
    const body = level === "ok" || level === "note" ? (line: string) => line : tone;
    const [first = "", ...rest] = wrap(printable(at === undefined ? text : `${at}: ${text}`), room);
    const advice = fix === undefined ? [] : detailLines(fix, room);
    return [
      `${tone(MARKS[level])} ${padEnd(subject, longest)}  ${body(first)}`,
      ...rest.map((line) => indent + body(line)),
      ...advice.map((line) => indent + colours.dim(line)),
    ];
  });
  return `${lines.join("\n")}\n\n${colours.bold(conclusion(findings, lab))}\n`;
}

function conclusion(findings: readonly Finding[], lab: FindingsOptions["lab"]): string {
  const count = (level: Finding["level"]) => findings.filter((one) => one.level === level).length;
  const parts = [
    count("error") > 0 ? countOf(count("error"), "error") : "",
    count("warning") > 0 ? countOf(count("warning"), "warning") : "",
  ].filter((part) => part !== "");
  const can = count("error") === 0 ? "can" : "cannot";
  const subject = lab === undefined ? "Labs" : lab.name === undefined ? "The lab" : `Lab "${lab.name}"`;
  return `${printable(subject)} ${can} run here${parts.length === 0 ? "" : `: ${parts.join(", ")}`}.`;
}

/** `doctor -json`. `ok` is false when a finding is an error. */
export function doctorDocument(findings: readonly Finding[]): {
  readonly ok: boolean;
  readonly [field: string]: unknown;
} {
  return {
    format_version: FORMAT_VERSION,
    ok: findings.every(({ level }) => level !== "error"),
    findings: findings.map(({ subject, level, text, fix, at }) => ({
      subject,
      level,
      text,
      fix: fix ?? null,
      at: at ?? null,
    })),
  };
}
