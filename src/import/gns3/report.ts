import type { Line, Outcome } from "./ledger.ts";

const WORDS: { readonly [outcome in Outcome]: string } = {
  taken: "taken over",
  leftOut: "left out",
  apart: "no counterpart, and none needed",
  lost: "no counterpart",
  unknown: "not known to labform",
};

/** What is to be seen at once: the lab is otherwise than the project in it. */
export function isLoss({ outcome }: Line): boolean {
  return outcome === "lost" || outcome === "unknown";
}

/** All lines, by what they are of. */
export function reportText(title: string, lines: readonly Line[]): string {
  const owners = [...new Set(lines.map(({ owner }) => owner))];
  const parts = owners.map((owner) => {
    const own = lines.filter((line) => line.owner === owner);
    return `${owner}\n${own.map((line) => `  ${lineText(line)}`).join("\n")}\n`;
  });
  return `${title}\n\n${summaryText(lines)}\n\n${parts.join("\n")}`;
}

/** `topology.nodes[0].properties.ram = 512: taken over as node.R1.ram.` */
export function lineText({ path, value, outcome, as, why }: Line): string {
  const said = value === null ? "" : ` = ${shortened(JSON.stringify(value))}`;
  const where = as === undefined ? "" : outcome === "lost" ? ` for a part of it; the rest is ${as}` : ` as ${as}`;
  return `${path}${said}: ${WORDS[outcome]}${where}.${why === undefined ? "" : ` ${why}`}`.replace(/\p{Cc}/gu, " ");
}

function summaryText(lines: readonly Line[]): string {
  const of = (outcome: Outcome) => lines.filter((line) => line.outcome === outcome).length;
  return Object.entries(WORDS)
    .map(([outcome, words]) => `${String(of(outcome as Outcome)).padStart(5)}  ${words}`)
    .join("\n");
}

function shortened(text: string): string {
  return text.length > 70 ? `${text.slice(0, 69)}…` : text;
}
