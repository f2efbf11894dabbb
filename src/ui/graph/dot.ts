import { cut, printable } from "../text.ts";
import { escaped, quoted, quotedTooltip } from "./escape.ts";
import type { Layout } from "./layout.ts";
import { chooseLayout } from "./layout.ts";
import { legend } from "./legend.ts";
import { INK, linkLook, linkWords, lookOf, MIDDLE } from "./looks.ts";
import type { Group, Picture, PicturedEnd, PicturedLink, PicturedNode } from "./picture.ts";
import { endText, grouped, placeOf } from "./picture.ts";

/** The widest of the usual fonts: what a viewer has instead of it takes less room than there is. */
const FONT = "Verdana";
/** What a line of a box or a label holds of a long text; the rest is in the tooltip. */
const LONGEST_TEXT = 40;
/** With more links than that their names would be all there is to see. */
const MOST_NAMED_LINKS = 12;
/** With more links than that an adapter is a number, and lines are straight. */
const MOST_WITH_NAMES = 24;

/**
 * The picture for Graphviz. Nodes are named by their addresses. Where ranks are drawn an adapter is a part of its node's
 * box, on the side its link goes to; else its name stands on the link beside the node. The text is the same for the same
 * picture.
 */
export function dotText(picture: Picture, layout: Layout = chooseLayout(picture)): string {
  const drawing = new Drawing(picture, layout);
  return drawing.text();
}

class Drawing {
  readonly #picture: Picture;
  readonly #layout: Layout;
  readonly #nodes: ReadonlyMap<string, PicturedNode>;
  readonly #links: readonly PicturedLink[];
  /** By the nodes' addresses, how many links end there. */
  readonly #degrees = new Map<string, number>();

  constructor(picture: Picture, layout: Layout) {
    this.#picture = picture;
    this.#layout = layout;
    this.#nodes = new Map(picture.nodes.map((one) => [one.address, one]));
    this.#links = picture.links.map((link) => this.#downwards(link));
    for (const { node } of this.#links.flatMap(({ ends }) => ends)) {
      this.#degrees.set(node, (this.#degrees.get(node) ?? 0) + 1);
    }
  }

  get #isDense(): boolean {
    return this.#links.length > MOST_WITH_NAMES;
  }

  text(): string {
    const { lab } = this.#picture;
    return [
      `graph ${quoted(lab ?? "lab")} {`,
      `  graph [${this.#graphAttributes().join(", ")}, label=<${legend(this.#picture)}>];`,
      `  node [shape=plain, fontname="${FONT}", fontsize=11, fontcolor="${INK}"];`,
      `  edge [fontname="${FONT}", fontsize=9, fontcolor="${INK}", color="${MIDDLE}", penwidth=1.4];`,
      ...this.#group(grouped(this.#picture.nodes), "  "),
      ...this.#links.map((link) => `  ${this.#edge(link)}`),
      "}",
      "",
    ].join("\n");
  }

  #graphAttributes(): readonly string[] {
    const { engine, sideways } = this.#layout;
    const all = [
      `layout=${engine}`,
      'charset="UTF-8"',
      'bgcolor="transparent"',
      `fontname="${FONT}"`,
      "labelloc=b",
      "labeljust=l",
      "pad=0.3",
      "outputorder=edgesfirst",
    ];
    if (engine === "dot") {
      const ranksep = sideways ? 0.6 : Math.min(3, 0.7 + 0.12 * this.#layout.width);
      const shape = ["nodesep=0.35", `ranksep=${ranksep.toFixed(2)}`, `splines=${this.#isDense ? "line" : "true"}`];
      return [...all, `rankdir=${sideways ? "LR" : "TB"}`, ...shape];
    }
    // Without a start of its own the engines by forces take one by chance.
    const forced = [
      ...all,
      "start=7",
      "overlap=prism",
      "splines=true",
      `sep="+${this.#isDense ? 36 : 20}"`,
      'esep="+6"',
    ];
    if (engine === "twopi" || engine === "circo") return [...forced, `ranksep=${this.#ringStep()}`, "mindist=1.2"];
    return engine === "fdp" || engine === "sfdp" ? [...forced, "K=1.8"] : forced;
  }

  /** Inches from ring to ring, so that the fullest one has an inch and a quarter for each of its nodes. */
  #ringStep(): string {
    const { ranks, width } = this.#layout;
    return Math.max(1.8, (width * 1.25) / (2 * Math.PI) / Math.max(1, ranks - 1)).toFixed(2);
  }

  #group({ nodes, groups }: Group, indent: string): readonly string[] {
    return [
      ...nodes.map((node) => `${indent}${this.#node(node)}`),
      ...groups.flatMap((group) => [
        `${indent}subgraph ${quoted(`cluster_${group.module}`)} {`,
        `${indent}  graph [label=<${escaped(group.name)}>, style="rounded,filled", fillcolor="#8c959f1f", color="${MIDDLE}", fontcolor="${MIDDLE}", fontsize=11, margin=14, labelloc=t];`,
        ...this.#group(group, `${indent}  `),
        `${indent}}`,
      ]),
    ];
  }

  #node(node: PicturedNode): string {
    const look = lookOf(node);
    const lines = [`<B>${shown(placeOf(node.address).name)}</B>`, small(look.word)];
    const style = look.style === "solid" ? "ROUNDED" : `ROUNDED,${look.style.toUpperCase()}`;
    const cell = `<TD BORDER="0" CELLPADDING="3">${lines.join("<BR/>")}</TD>`;
    const box = `BORDER="1.4" CELLBORDER="0" CELLSPACING="2" CELLPADDING="2" STYLE="${style}" COLOR="${look.line}" BGCOLOR="${look.fill}"`;
    const rows = this.#layout.engine === "dot" ? this.#rows(node, cell) : `<TR>${cell}</TR>`;
    const told = [node.address, look.word, node.detail, node.console === null ? null : `console ${node.console}`];
    return `${quoted(node.address)} [label=<<TABLE ${box}>${rows}</TABLE>>, tooltip=${tooltip(told)}];`;
  }

  /** The node's text between the adapters whose links come from above, or from the left, and the others. */
  #rows(node: PicturedNode, cell: string): string {
    const before = this.#ports(node, 1);
    const after = this.#ports(node, 0);
    const cells = (ports: readonly string[]) => ports.map((port) => `<TR>${port}</TR>`).join("");
    const table = (inner: string) =>
      `<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="3" CELLPADDING="1">${inner}</TABLE>`;
    if (this.#layout.sideways) {
      const side = (ports: readonly string[]) => (ports.length === 0 ? "" : `<TD>${table(cells(ports))}</TD>`);
      return `<TR>${side(before)}${cell}${side(after)}</TR>`;
    }
    const row = (ports: readonly string[]) =>
      ports.length === 0 ? "" : `<TR><TD>${table(`<TR>${ports.join("")}</TR>`)}</TD></TR>`;
    return `${row(before)}<TR>${cell}</TR>${row(after)}`;
  }

  /** The cells of the adapters by which links at that end of theirs reach the node. */
  #ports(node: PicturedNode, end: 0 | 1): readonly string[] {
    const ends = this.#links.map((link) => link.ends[end]).filter((one) => one.node === node.address);
    return ends
      .toSorted((one, other) => one.adapter - other.adapter)
      .map((one) => `<TD PORT="a${one.adapter}" BGCOLOR="#ffffff" STYLE="ROUNDED">${this.#end(one, 8)}</TD>`);
  }

  #edge(link: PicturedLink): string {
    const { address, ends } = link;
    const look = linkLook(link);
    const [from, to] = ends;
    const words = linkWords(link);
    const lines = [
      ...(this.#links.length <= MOST_NAMED_LINKS ? [`<B>${shown(placeOf(address).name)}</B>`] : []),
      ...words.map(shown),
    ];
    const attributes = [
      `color="${look.edge}"`,
      ...(look.style === "solid" ? [] : [`style=${look.style}`]),
      ...(lines.length > 0 ? [`label=<${pill(lines.join("<BR/>"))}>`] : []),
      `tooltip=${tooltip([address, ...words, link.detail, link.capture])}`,
    ];
    if (this.#layout.engine === "dot") {
      const [out, into] = this.#layout.sideways ? (["e", "w"] as const) : (["s", "n"] as const);
      return `${atPort(from, out)} -- ${atPort(to, into)} [${attributes.join(", ")}];`;
    }
    const labels = [
      `taillabel=<${pill(this.#end(from, 8))}>`,
      `headlabel=<${pill(this.#end(to, 8))}>`,
      "labelangle=0",
      `labeldistance=${this.#clearance(link)}`,
      `len=${lengthOf(lines.length > 0, words, this.#isDense)}`,
    ];
    return `${quoted(from.node)} -- ${quoted(to.node)} [${[...attributes, ...labels].join(", ")}];`;
  }

  /** How far what stands at a link's ends is from them: further where many links leave a node. */
  #clearance({ ends }: PicturedLink): string {
    const degree = Math.max(...ends.map(({ node }) => this.#degrees.get(node) ?? 0));
    return Math.max(1.6, degree * 0.16).toFixed(1);
  }

  #end(end: PicturedEnd, size: number): string {
    return `<FONT POINT-SIZE="${size}">${escaped(this.#isDense ? String(end.adapter) : endText(this.#nodes, end))}</FONT>`;
  }

  /** Ranks follow from the direction of links: from the lower one to the higher one. */
  #downwards(link: PicturedLink): PicturedLink {
    const [from, to] = link.ends;
    const order = ({ node }: PicturedEnd) => this.#layout.order.get(node) ?? 0;
    return order(from) <= order(to) ? link : { ...link, ends: [to, from] };
  }
}

/** Inches between two nodes, so that what stands on the link has room between them. */
function lengthOf(labelled: boolean, words: readonly string[], dense: boolean): string {
  const least = dense ? 2.2 : 1.6;
  if (!labelled) return least.toFixed(1);
  return (least + 0.3 + Math.min(1.2, Math.max(0, ...words.map((one) => one.length)) * 0.06)).toFixed(1);
}

function atPort({ node, adapter }: PicturedEnd, side: "n" | "e" | "s" | "w"): string {
  return `${quoted(node)}:a${adapter}:${side}`;
}

/** Text on a ground of its own, which the line it stands on does not cross. */
function pill(content: string): string {
  return `<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="2"><TR><TD STYLE="ROUNDED" BGCOLOR="#f6f8fa">${content}</TD></TR></TABLE>`;
}

function small(text: string): string {
  return `<FONT POINT-SIZE="9">${shown(text)}</FONT>`;
}

function shown(text: string): string {
  return escaped(cut(printable(text), LONGEST_TEXT));
}

function tooltip(parts: readonly (string | null)[]): string {
  return quotedTooltip(parts.filter((part) => part !== null).join("; "));
}
