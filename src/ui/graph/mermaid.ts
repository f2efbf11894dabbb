import { cut, printable } from "../text.ts";
import { chooseLayout } from "./layout.ts";
import type { Look } from "./looks.ts";
import { INK, linkLook, linkWords, lookOf, MIDDLE } from "./looks.ts";
import type { Group, Picture, PicturedLink, PicturedNode } from "./picture.ts";
import { endText, grouped, placeOf } from "./picture.ts";

const LONGEST_TEXT = 40;

/** The picture as a Mermaid flowchart, which GitHub and GitLab draw in Markdown. The same for the same picture. */
export function mermaidText(picture: Picture): string {
  const ids = new Map(picture.nodes.map(({ address }, at) => [address, `n${at}`]));
  const nodes = new Map(picture.nodes.map((one) => [one.address, one]));
  const looks = new Map(picture.nodes.map((one) => [lookOf(one).word, lookOf(one)]));
  return [
    `flowchart ${chooseLayout(picture).sideways ? "LR" : "TB"}`,
    ...groupLines(grouped(picture.nodes), ids, "  "),
    ...picture.links.map((link) => `  ${linkLine(link, ids, nodes)}`),
    ...picture.links.flatMap((link, at) => linkStyle(link, at)),
    ...[...looks.values()].map((look) => `  classDef ${classOf(look)} ${styleOf(look)}`),
    "",
  ].join("\n");
}

type Ids = ReadonlyMap<string, string>;

function groupLines({ nodes, groups }: Group, ids: Ids, indent: string): readonly string[] {
  return [
    ...nodes.map((node) => indent + nodeText(node, ids)),
    ...groups.flatMap((group) => [
      // A module has no id of its own among those of nodes: that of its first node, wherever it is in it, is unique.
      `${indent}subgraph m_${ids.get(firstNode(group)) ?? ""}_${group.module.split(".").length}["${text(group.name)}"]`,
      ...groupLines(group, ids, `${indent}  `),
      `${indent}end`,
    ]),
  ];
}

function firstNode({ nodes, groups }: Group): string {
  const [node] = nodes;
  if (node) return node.address;
  const [group] = groups;
  return group ? firstNode(group) : "";
}

function nodeText(node: PicturedNode, ids: Ids): string {
  const look = lookOf(node);
  return `${ids.get(node.address) ?? ""}("${text(placeOf(node.address).name)}<br/>${text(look.word)}"):::${classOf(look)}`;
}

function linkLine(link: PicturedLink, ids: Ids, nodes: ReadonlyMap<string, PicturedNode>): string {
  const [from, to] = link.ends;
  const ends = `${endText(nodes, from)} - ${endText(nodes, to)}`;
  const label = [ends, ...linkWords(link)].map(text).join("<br/>");
  const line = linkLook(link).style === "solid" ? "---" : "-.-";
  return `${ids.get(from.node) ?? ""} ${line}|"${label}"| ${ids.get(to.node) ?? ""}`;
}

function linkStyle(link: PicturedLink, at: number): readonly string[] {
  const { edge } = linkLook(link);
  return edge === MIDDLE ? [] : [`  linkStyle ${at} stroke:${edge}`];
}

/** `to_be_created` */
function classOf({ word }: Look): string {
  return `s_${word.replaceAll(/[^a-z]/g, "_")}`;
}

function styleOf({ fill, line, style }: Look): string {
  const dash = style === "solid" ? "" : `,stroke-dasharray:${style === "dashed" ? "5 3" : "2 3"}`;
  return `fill:${fill},stroke:${line},color:${INK}${dash}`;
}

/** Between double quotes Mermaid reads `#name;` and `#number;`, a backtick begins Markdown, and two percent signs a directive. */
function text(words: string): string {
  return cut(printable(words), LONGEST_TEXT).replaceAll(/[#"<>&`\\%]/g, (one) => `#${one.charCodeAt(0)};`);
}
