import { countOf } from "../text.ts";
import { escaped } from "./escape.ts";
import type { Look } from "./looks.ts";
import { linkLook, lookOf, MIDDLE } from "./looks.ts";
import type { Picture } from "./picture.ts";

/** What the picture is of, and what its colours mean: only those that are in it. An HTML-like label of Graphviz. */
export function legend({ lab, shows, nodes, links }: Picture): string {
  const nodeLooks = distinct(nodes.map(lookOf));
  const linkLooks = distinct(links.map(linkLook)).filter(
    ({ edge, word }) => edge !== MIDDLE && !nodeLooks.some((one) => one.word === word),
  );
  const title = `${lab === null ? "Lab" : `Lab ${lab}`}, ${shows === "state" ? "as it is" : "as planned"}: ${countOf(nodes.length, "node")}, ${countOf(links.length, "link")}`;
  const marks = [
    ...nodeLooks.map(({ word, line }) => `${coloured("\u25a0", line)} ${escaped(word)}`),
    ...linkLooks.map(({ word, edge }) => `${coloured("\u2501", edge)} link ${escaped(word)}`),
  ];
  const lines = [escaped(title), marks.join("&#160;&#160;&#160;")].filter((line) => line !== "");
  return `<FONT COLOR="${MIDDLE}" POINT-SIZE="10"><BR/>${lines.map((line) => `${line}<BR ALIGN="LEFT"/>`).join("")}</FONT>`;
}

function coloured(mark: string, colour: string): string {
  return `<FONT COLOR="${colour}">${mark}</FONT>`;
}

/** By their words, in the order they came. */
function distinct(looks: readonly Look[]): readonly Look[] {
  return [...new Map(looks.map((look) => [look.word, look])).values()];
}
