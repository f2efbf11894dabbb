import { addressIn, formatAddress, formatModules, parseAddress } from "../../core/addresses.ts";
import type { Action } from "../../core/lifecycle.ts";

/** A lab as a graph: what `graph` writes in each of its formats. The names are those of its JSON. */
export interface Picture {
  readonly lab: string | null;
  /** `state`: what is recorded, as it is found now; `plan`: what the lab files, or a saved plan, make of it. */
  readonly shows: "state" | "plan";
  readonly nodes: readonly PicturedNode[];
  readonly links: readonly PicturedLink[];
}

interface Pictured {
  readonly address: string;
  /** As in a row of `status`; null in the picture of a plan. */
  readonly condition: string | null;
  /** What is to be done to it; null in the picture of a state. */
  readonly action: Action | null;
  /** Why it is not as it should be, as a phrase. */
  readonly detail: string | null;
}

export interface PicturedNode extends Pictured {
  /** `127.0.0.1:5000`, and of a screen `vnc://127.0.0.1:5901`. */
  readonly console: string | null;
  readonly adapters: readonly PicturedAdapter[];
}

export interface PicturedAdapter {
  readonly index: number;
  readonly name: string | null;
  readonly mac_address: string | null;
}

export interface PicturedLink extends Pictured {
  readonly suspended: boolean;
  /** What is set otherwise than by default, `{ "delay_ms": 20 }`; as in a row of `status`. */
  readonly impairments: { readonly [name: string]: string | number | boolean } | null;
  /** The file its frames are written to. */
  readonly capture: string | null;
  /** Each names a node of the picture. */
  readonly ends: readonly [PicturedEnd, PicturedEnd];
}

export interface PicturedEnd {
  readonly node: string;
  readonly adapter: number;
}

/** The address of the module it is in, "" for the root's, and its name there without its kind: `router["r1"]`. */
export function placeOf(address: string): { readonly module: string; readonly name: string } {
  const parsed = parseAddress(address);
  if (!parsed) return { module: "", name: address };
  const name = formatAddress({ ...parsed, modules: [] }).slice(parsed.kind.length + 1);
  return { module: formatModules(parsed.modules), name };
}

/** A module's instance in the picture, with what is in it. */
export interface Group {
  /** `module.pod["a"]`; "" is the root. */
  readonly module: string;
  /** As its surrounding group calls it. */
  readonly name: string;
  readonly nodes: readonly PicturedNode[];
  readonly groups: readonly Group[];
}

interface Draft {
  readonly module: string;
  readonly name: string;
  readonly nodes: PicturedNode[];
  readonly groups: Draft[];
}

/** The nodes by the modules they are in; a module that only holds others is a group too. */
export function grouped(nodes: readonly PicturedNode[]): Group {
  const root: Draft = { module: "", name: "", nodes: [], groups: [] };
  const drafts = new Map([["", root]]);
  for (const node of nodes) {
    let inner = root;
    for (const step of parseAddress(node.address)?.modules ?? []) {
      const name = formatModules([step]);
      const module = addressIn(inner.module, name);
      const known = drafts.get(module);
      const draft = known ?? { module, name, nodes: [], groups: [] };
      if (!known) {
        inner.groups.push(draft);
        drafts.set(module, draft);
      }
      inner = draft;
    }
    inner.nodes.push(node);
  }
  return root;
}

/** What is written at a link's end: the adapter's name where it is short, else its number. */
export function endText(picture: ReadonlyMap<string, PicturedNode>, { node, adapter }: PicturedEnd): string {
  const name = picture.get(node)?.adapters.find(({ index }) => index === adapter)?.name ?? null;
  return name !== null && name !== "" && name.length <= LONGEST_NAME ? name : String(adapter);
}

const LONGEST_NAME = 10;
