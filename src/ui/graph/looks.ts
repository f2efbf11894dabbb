import type { Action } from "../../core/lifecycle.ts";
import type { PicturedLink, PicturedNode } from "./picture.ts";

/** How a thing is drawn. The word is always written too: nothing is told by colour alone. */
export interface Look {
  readonly word: string;
  readonly fill: string;
  readonly line: string;
  /** Of a link's line, which stands on the page itself. */
  readonly edge: string;
  readonly style: "solid" | "dashed" | "dotted";
}

/** Dark on light fills; lines of a middle tone, that stand on a white page and on a black one. */
export const INK = "#1f2328";
export const MIDDLE = "#768390";

type Tone = Omit<Look, "word">;

const tones = {
  good: { fill: "#d2f4dc", line: "#2da44e", edge: MIDDLE, style: "solid" },
  plain: { fill: "#eaeef2", line: "#8c959f", edge: MIDDLE, style: "solid" },
  rest: { fill: "#dde3ea", line: "#6e7781", edge: MIDDLE, style: "dashed" },
  still: { fill: "#dcebff", line: "#3a86e0", edge: "#3a86e0", style: "dashed" },
  wait: { fill: "#fdf0c4", line: "#bf8700", edge: "#bf8700", style: "solid" },
  warn: { fill: "#ffe0c2", line: "#d9670b", edge: "#d9670b", style: "solid" },
  bad: { fill: "#ffdcd9", line: "#d1242f", edge: "#d1242f", style: "dotted" },
  add: { fill: "#e6f8eb", line: "#2da44e", edge: "#2da44e", style: "dashed" },
} as const satisfies { readonly [name: string]: Tone };

const conditions: { readonly [condition: string]: Tone } = {
  running: tones.good,
  up: tones.plain,
  outside: tones.plain,
  off: tones.rest,
  suspended: tones.still,
  unready: tones.wait,
  creating: tones.wait,
  deleting: tones.wait,
  tainted: tones.warn,
};

const actions: { readonly [action in Action]: { readonly word: string; readonly tone: Tone } } = {
  none: { word: "unchanged", tone: tones.plain },
  wait: { word: "to be waited for", tone: tones.wait },
  update: { word: "to be updated", tone: tones.wait },
  start: { word: "to be started", tone: tones.wait },
  boot: { word: "to be started", tone: tones.wait },
  restart: { word: "to be restarted", tone: tones.wait },
  reload: { word: "to be reset", tone: tones.wait },
  stop: { word: "to be turned off", tone: tones.rest },
  create: { word: "to be created", tone: tones.add },
  replace: { word: "to be replaced", tone: tones.warn },
  delete: { word: "to be destroyed", tone: tones.bad },
  forget: { word: "to be forgotten", tone: tones.still },
};

/** A condition that is not known here counts as one that should not be. */
export function lookOf({ condition, action }: Pick<PicturedNode, "condition" | "action">): Look {
  if (action !== null) return { word: actions[action].word, ...actions[action].tone };
  const word = condition ?? "unknown";
  return { word, ...(conditions[word] ?? tones.bad) };
}

/** A link that is suspended is drawn so, whatever is to be done to it, unless that is the news. */
export function linkLook(link: PicturedLink): Look {
  const look = lookOf(link);
  return link.suspended && (look.style === "solid" || look.word === "suspended")
    ? { ...look, edge: tones.still.edge, style: tones.still.style }
    : look;
}

/** What stands on a link: what it is if it is not simply up, what it does to frames, whether they are written down. */
export function linkWords(link: PicturedLink): readonly string[] {
  const { word } = lookOf(link);
  const usual = link.condition === "up" || link.action === "none" || link.action === "create";
  const suspended = link.suspended && word !== "suspended" ? ["suspended"] : [];
  const set = Object.entries(link.impairments ?? {}).map(([name, value]) => settingWords(name, value));
  return [...(usual ? [] : [word]), ...suspended, ...set, ...(link.capture === null ? [] : ["captured"])];
}

const units: { readonly [suffix: string]: string } = { ms: "ms", percent: "%", kbps: "kbit/s" };

/** `delay 20 ms` for delay_ms = 20, `drop every 3` for drop_every = 3. */
function settingWords(name: string, value: string | number | boolean): string {
  const [, base = name, suffix = ""] = /^(.*)_([a-z]+)$/.exec(name) ?? [];
  const unit = units[suffix];
  const words = (unit === undefined ? name : base).replaceAll("_", " ");
  if (value === true) return words;
  return `${words} ${String(value)}${unit === undefined ? "" : ` ${unit}`}`;
}
