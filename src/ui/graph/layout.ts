import type { Picture } from "./picture.ts";

/** Graphviz's ways to place nodes, as its `layout` attribute names them. */
export const engines = ["dot", "neato", "fdp", "sfdp", "circo", "twopi"] as const;
export type Engine = (typeof engines)[number];

export interface Layout {
  readonly engine: Engine;
  /** Of the engine dot: whether ranks go from left to right. */
  readonly sideways: boolean;
  /** How many ranks there are, and how many nodes the widest of them has. */
  readonly ranks: number;
  readonly width: number;
  /** The nodes' addresses, those of the first rank first: dot draws each link from the one that comes first downwards. */
  readonly order: ReadonlyMap<string, number>;
}

/** Longer chains are a strip that no page holds. */
const LONGEST_CHAIN = 12;
/** Wider ranks are a strip too. */
const WIDEST_RANK = 24;
/** Above, forces between all pairs of nodes take long, and give no better picture than sfdp's. */
const MOST_FOR_NEATO = 150;

/**
 * What suits the shape: a short chain from left to right; what has ranks, as leaves under spines or a tree, from its
 * middle downwards; a tree that is wider in rings; anything else by forces. Modules are boxes that only dot and fdp draw, and fdp cramps what is in them.
 */
export function chooseLayout(picture: Picture, asked?: Engine): Layout {
  const neighbours = neighboursOf(picture);
  const chain = chainRanks(neighbours);
  const ranks = chain ?? ranksFromMiddle(neighbours);
  const width = widest(ranks);
  const drawn = { sideways: chain !== undefined, ranks: new Set(ranks.values()).size, width, order: inOrder(ranks) };
  const engine = (): Engine => {
    const narrow = width <= WIDEST_RANK;
    if (narrow && (chain || isLayered(neighbours, ranks))) return "dot";
    if (picture.nodes.some(({ address }) => address.startsWith("module."))) return narrow ? "dot" : "fdp";
    if (isTree(picture, neighbours)) return "twopi";
    return picture.nodes.length <= MOST_FOR_NEATO ? "neato" : "sfdp";
  };
  return { ...drawn, engine: asked ?? engine() };
}

type Neighbours = ReadonlyMap<string, ReadonlySet<string>>;
type Ranks = ReadonlyMap<string, number>;

function neighboursOf({ nodes, links }: Picture): Neighbours {
  const neighbours = new Map(nodes.map(({ address }) => [address, new Set<string>()]));
  for (const { ends } of links) {
    neighbours.get(ends[0].node)?.add(ends[1].node);
    neighbours.get(ends[1].node)?.add(ends[0].node);
  }
  return neighbours;
}

/** From one end to the other; undefined where it is no single short chain. */
function chainRanks(neighbours: Neighbours): Ranks | undefined {
  if (neighbours.size > LONGEST_CHAIN) return undefined;
  const [first, ...otherEnds] = [...neighbours].filter(([, { size }]) => size < 2).map(([address]) => address);
  if (first === undefined || otherEnds.length > 1) return undefined;
  const ranks = distances(neighbours, [first]);
  return ranks.size === neighbours.size && widest(ranks) === 1 ? ranks : undefined;
}

/** Distances from the nodes with the most neighbours; what cannot be reached from them stands beside them. */
function ranksFromMiddle(neighbours: Neighbours): Ranks {
  const most = Math.max(0, ...[...neighbours.values()].map(({ size }) => size));
  const ranks = new Map(
    distances(
      neighbours,
      [...neighbours].filter(([, { size }]) => size === most).map(([address]) => address),
    ),
  );
  for (const address of neighbours.keys()) if (!ranks.has(address)) ranks.set(address, 0);
  return ranks;
}

/** No link within a rank, and more than one rank. */
function isLayered(neighbours: Neighbours, ranks: Ranks): boolean {
  if (new Set(ranks.values()).size < 2) return false;
  return [...neighbours].every(([address, others]) =>
    [...others].every((other) => ranks.get(other) !== ranks.get(address)),
  );
}

/** All hang together, and there is one way between any two of them. */
function isTree({ nodes, links }: Picture, neighbours: Neighbours): boolean {
  const first = nodes[0];
  if (first === undefined || links.length !== nodes.length - 1) return false;
  return distances(neighbours, [first.address]).size === nodes.length;
}

function inOrder(ranks: Ranks): ReadonlyMap<string, number> {
  return new Map([...ranks].toSorted(([, one], [, other]) => one - other).map(([address], at) => [address, at]));
}

function distances(neighbours: Neighbours, from: readonly string[]): Ranks {
  const found = new Map(from.map((address) => [address, 0]));
  // A map's keys are visited in the order they came in, those that come in meanwhile too.
  for (const [address, distance] of found) {
    for (const other of neighbours.get(address) ?? []) if (!found.has(other)) found.set(other, distance + 1);
  }
  return found;
}

function widest(ranks: Ranks): number {
  const counts = new Map<number, number>();
  for (const rank of ranks.values()) counts.set(rank, (counts.get(rank) ?? 0) + 1);
  return Math.max(0, ...counts.values());
}
