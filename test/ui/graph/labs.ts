import type { Picture, PicturedEnd, PicturedLink, PicturedNode } from "../../../src/ui/graph/picture.ts";

/** Labs to be drawn; each node has as many adapters as links end at it, given in the order of the links. */
export class Sketch {
  readonly #nodes: PicturedNode[] = [];
  readonly #links: PicturedLink[] = [];
  readonly #used = new Map<string, number>();

  node(address: string, more: Partial<PicturedNode> = {}): this {
    const adapters = Array.from({ length: 4 }, (_, index) => ({ index, name: `eth${index}`, mac_address: null }));
    const usual = { condition: "running", action: null, detail: null, console: null, adapters };
    this.#nodes.push({ address, ...usual, ...more });
    return this;
  }

  link(address: string, from: string, to: string, more: Partial<PicturedLink> = {}): this {
    const usual = { condition: "up", action: null, detail: null, suspended: false, impairments: null, capture: null };
    this.#links.push({ address, ends: [this.#end(from), this.#end(to)], ...usual, ...more });
    return this;
  }

  picture(lab: string | null, shows: Picture["shows"] = "state"): Picture {
    return { lab, shows, nodes: this.#nodes, links: this.#links };
  }

  #end(node: string): PicturedEnd {
    const adapter = this.#used.get(node) ?? 0;
    this.#used.set(node, adapter + 1);
    return { node, adapter };
  }
}

const upTo = (count: number) => Array.from({ length: count }, (_, at) => at);

/** Five nodes in a row, no two in the same condition. */
export function chain(): Picture {
  const sketch = new Sketch();
  for (const [at, condition] of ["running", "off", "unready", "suspended", "down"].entries()) {
    sketch.node(`node.r${at}`, { condition, detail: condition === "down" ? "its process ended" : null });
  }
  return sketch
    .link("link.l0", "node.r0", "node.r1")
    .link("link.l1", "node.r1", "node.r2", { impairments: { delay_ms: 20, loss_percent: 1, drop_every: 3 } })
    .link("link.l2", "node.r2", "node.r3", { condition: "suspended", suspended: true })
    .link("link.l3", "node.r3", "node.r4", { condition: "down", capture: "l3.pcap" })
    .picture("chain");
}

/** Three nodes, each linked to the two others, as a plan makes them. */
export function triangle(): Picture {
  const sketch = new Sketch();
  const actions = ["create", "none", "delete"] as const;
  for (const [at, action] of actions.entries()) sketch.node(`node.r["${at}"]`, { condition: null, action });
  return sketch
    .link("link.a", 'node.r["0"]', 'node.r["1"]', { condition: null, action: "create", suspended: true })
    .link("link.b", 'node.r["1"]', 'node.r["2"]', { condition: null, action: "delete" })
    .link("link.c", 'node.r["0"]', 'node.r["2"]', { condition: null, action: "update", impairments: { delay_ms: 5 } })
    .picture("triangle", "plan");
}

/** Four spines over sixteen leaves. */
export function clos(): Picture {
  const sketch = new Sketch();
  for (const spine of upTo(4)) sketch.node(`node.spine[${spine}]`);
  for (const leaf of upTo(16)) sketch.node(`node.leaf[${leaf}]`);
  for (const leaf of upTo(16)) {
    for (const spine of upTo(4))
      sketch.link(`link.f["${leaf}-${spine}"]`, `node.leaf[${leaf}]`, `node.spine[${spine}]`);
  }
  return sketch.picture("clos");
}

/** A grid of ten by ten. */
export function grid(): Picture {
  const sketch = new Sketch();
  for (const at of upTo(100)) sketch.node(`node.r${at}`);
  for (const at of upTo(100)) {
    if (at % 10 < 9) sketch.link(`link.h${at}`, `node.r${at}`, `node.r${at + 1}`);
    if (at < 90) sketch.link(`link.v${at}`, `node.r${at}`, `node.r${at + 10}`);
  }
  return sketch.picture("grid");
}

/** Three pods, each with a node in a module of its own, around a core. */
export function modules(): Picture {
  const sketch = new Sketch().node("node.core");
  for (const pod of ["a", "b", "c"]) {
    const module = `module.pod["${pod}"]`;
    sketch.node(`${module}.node.leaf`).node(`${module}.module.rack.node.host`);
    sketch.link(`${module}.link.down`, `${module}.node.leaf`, `${module}.module.rack.node.host`);
    sketch.link(`link.up["${pod}"]`, "node.core", `${module}.node.leaf`);
  }
  return sketch.picture("modules");
}

/** What names, keys and texts may hold at worst. */
export function hostile(): Picture {
  const names = ["<b>&amp;\\", 'a"; } evil -- x; {"', "]--> #quot; `md` | %%{init}%% end"].map(
    (key) => `node.r[${JSON.stringify(key)}]`,
  );
  const sketch = new Sketch();
  for (const name of names) sketch.node(name, { detail: '"><script>alert(1)</script>\n\u001b[31m\\' });
  const [a = "", b = "", c = ""] = names;
  return sketch
    .link('link.x["%%{init}%%"]', a, b, { capture: 'a"b<c>.pcap' })
    .link('link.y["\u202e"]', b, c)
    .picture('<lab> & "co\\');
}
