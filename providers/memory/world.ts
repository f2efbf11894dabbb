import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { fail } from "../../src/core/diagnostics.ts";
import type { Operation } from "../../src/core/lifecycle.ts";

/** A process of the world: its token is what makes it ours. */
export interface Run {
  readonly token: string;
  readonly pid: number;
  /** `spawned`: a process that does nothing yet, what a kill in the middle of a start leaves. */
  readonly phase: "spawned" | "running";
}

export interface WorldNode {
  readonly address: string;
  readonly serialNumber: number;
  readonly size: number;
  readonly colour: string;
  readonly note: string | null;
  readonly secret: string | null;
  readonly ready: boolean;
  readonly suspended: boolean;
  readonly adapters: number;
  readonly run: Run | null;
  /** Adapters of the running node that have a carrier. */
  readonly carriers: readonly number[];
}

export interface WorldLink {
  readonly address: string;
  /** Adapter ids. */
  readonly ends: readonly string[];
  readonly weight: number;
}

export interface WorldHub {
  readonly run: Run;
  readonly links: ReadonlyMap<string, WorldLink>;
  /** It answers nobody. */
  readonly hangs?: boolean;
}

/** An instant before or after a provider's act. */
export interface Moment {
  readonly when: "before" | "after";
  readonly operation: Operation;
  readonly address: string;
}

interface Trap {
  readonly when: Moment["when"];
  readonly operation: Operation;
  readonly address: string | undefined;
  readonly act: (moment: Moment) => void | Promise<void>;
}

/**
 * The host of the memory provider: what exists, and what is to go wrong. With a file it is written after every act and
 * read at the start, so it outlives the process that made it, as a host does.
 */
export class World {
  /** By id. */
  readonly nodes: Map<string, WorldNode>;
  /** By name. */
  readonly hubs: Map<string, WorldHub>;
  /** Every act begun, in order: `node.r1 start`. */
  readonly log: string[] = [];
  readonly #file: string | undefined;
  readonly #traps: Trap[] = [];
  #counter: number;

  constructor(options: { readonly file?: string } = {}) {
    this.#file = options.file;
    const contents = options.file === undefined ? undefined : readContents(options.file);
    this.nodes = new Map(contents?.nodes);
    this.hubs = new Map(contents?.hubs.map(([name, { run, links }]) => [name, { run, links: new Map(links) }]));
    this.#counter = contents?.counter ?? 0;
  }

  isEmpty(): boolean {
    return this.nodes.size === 0 && this.hubs.size === 0;
  }

  /** Each number is given once: serial numbers and pids. */
  nextNumber(): number {
    return ++this.#counter;
  }

  putNode(id: string, node: WorldNode): void {
    this.nodes.set(id, node);
    this.#save();
  }

  deleteNode(id: string): void {
    this.nodes.delete(id);
    this.#save();
  }

  putHub(name: string, hub: WorldHub): void {
    this.hubs.set(name, hub);
    this.#save();
  }

  deleteHub(name: string): void {
    this.hubs.delete(name);
    this.#save();
  }

  /** Its process ends by itself; what it had on disk stays. A hub takes its links along. */
  crash(address: string): void {
    const node = this.#nodeAt(address);
    if (node) this.putNode(node[0], { ...node[1], run: null, carriers: [] });
    else this.deleteHub(hubName(address));
  }

  /** A hub that runs on and answers nobody. */
  hang(address: string): void {
    const hub = this.hubs.get(hubName(address));
    if (hub) this.putHub(hubName(address), { ...hub, hangs: true });
  }

  /** Nothing is left of it. */
  vanish(address: string): void {
    const node = this.#nodeAt(address);
    if (node) {
      this.deleteNode(node[0]);
      return;
    }
    for (const [name, hub] of this.hubs) {
      const links = [...hub.links].filter(([, link]) => link.address !== address);
      if (links.length < hub.links.size) {
        this.putHub(name, { ...hub, links: new Map(links) });
        return;
      }
    }
    this.deleteHub(hubName(address));
  }

  /** At the next such moment, once: `act` may throw, wait, or end the process. Without an address: of any instance. */
  at(moment: Omit<Moment, "address"> & { readonly address?: string }, act: Trap["act"]): void {
    this.#traps.push({ when: moment.when, operation: moment.operation, address: moment.address, act });
  }

  /** The next such operation fails, having done nothing. */
  failNext(operation: Operation, address?: string): void {
    this.at({ when: "before", operation, ...(address === undefined ? {} : { address }) }, (moment) =>
      fail(`${moment.address} refuses to ${operation}`, { detail: "It was told to." }),
    );
  }

  /** The next such operation waits before it acts, from `reached` until `release`. */
  hold(operation: Operation, address?: string): { readonly reached: Promise<void>; release(): void } {
    let reach = () => {};
    let release = () => {};
    const reached = new Promise<void>((resolve) => {
      reach = resolve;
    });
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    this.at({ when: "before", operation, ...(address === undefined ? {} : { address }) }, () => {
      reach();
      return released;
    });
    return { reached, release };
  }

  /** The provider says that a moment has come. */
  async come(moment: Moment): Promise<void> {
    if (moment.when === "before") this.log.push(`${moment.address} ${moment.operation}`);
    const index = this.#traps.findIndex(
      (trap) =>
        trap.when === moment.when &&
        trap.operation === moment.operation &&
        (trap.address === undefined || trap.address === moment.address),
    );
    const [trap] = index === -1 ? [] : this.#traps.splice(index, 1);
    await trap?.act(moment);
  }

  #nodeAt(address: string): [string, WorldNode] | undefined {
    return [...this.nodes].find(([, node]) => node.address === address);
  }

  #save(): void {
    if (this.#file === undefined) return;
    const contents: Contents = {
      counter: this.#counter,
      nodes: [...this.nodes],
      hubs: [...this.hubs].map(([name, { run, links }]) => [name, { run, links: [...links] }]),
    };
    writeFileSync(`${this.#file}.new`, JSON.stringify(contents));
    renameSync(`${this.#file}.new`, this.#file);
  }
}

interface Contents {
  readonly counter: number;
  readonly nodes: readonly (readonly [string, WorldNode])[];
  readonly hubs: readonly (readonly [
    string,
    { readonly run: Run; readonly links: readonly (readonly [string, WorldLink])[] },
  ])[];
}

function readContents(file: string): Contents | undefined {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  return JSON.parse(text) as Contents;
}

/** `service.hub["main"]` → `main` */
export function hubName(address: string): string {
  const name = /^service\.hub\["(.*)"\]$/.exec(address)?.[1];
  if (name === undefined) throw new Error(`there is no ${address} in this world`);
  return name;
}
