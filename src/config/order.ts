import { addressIn } from "../core/addresses.ts";
import type { Diagnostic } from "../core/diagnostics.ts";
import { errorDiagnostic } from "../core/diagnostics.ts";
import type { Lab, Resource, Vertex } from "../core/lab.ts";
import type { Range } from "../core/source.ts";
import { references as referencesIn } from "../language/references.ts";
import type { Graph } from "./graph.ts";
import { graphOf } from "./graph.ts";
import { listed } from "./names.ts";
import { eachPlace, placesOf } from "./places.ts";
import { sitesOf } from "./sites.ts";

/**
 * All of a lab that is evaluated or planned, each after everything it refers to; otherwise variables, providers,
 * locals, modules, resources, outputs, each in the order of the files. Of a lab without cycles, as every loaded one is.
 */
export function order(lab: Lab): Vertex[] {
  const graph = graphOf(lab);
  return walk(graph).order.flatMap((name) => graph.vertices.get(name) ?? []);
}

/** The names of all that comes from one of the named vertices, these included, in the lab's order. */
export function comingFrom(lab: Lab, names: Iterable<string>): ReadonlySet<string> {
  const graph = graphOf(lab);
  const found = new Set(names);
  for (const name of walk(graph).order) {
    for (const target of graph.edges.get(name)?.keys() ?? []) if (found.has(target)) found.add(name);
  }
  return found;
}

/** One error for each ring of blocks that wait for one another, with all places that make it. */
export function findCycles(lab: Lab): Diagnostic[] {
  const graph = graphOf(lab);
  return walk(graph).rings.map((ring) => describeRing(ring, graph));
}

/** One error for each local in a provider's settings or a variable's rule that comes from a node, link or module. */
export function findLateReferences(lab: Lab): Diagnostic[] {
  const graph = graphOf(lab);
  const found: Diagnostic[] = [];
  const seen = new Set<unknown>();
  for (const place of eachPlace(placesOf(lab))) {
    if (seen.has(place.module)) continue;
    seen.add(place.module);
    for (const { owner, references } of sitesOf(place.module)) {
      const [root, name] = owner.split(".");
      if (root !== "provider" && root !== "var") continue;
      const [who, why] =
        root === "provider"
          ? [`Provider "${name}"`, "a provider's settings are needed"]
          : [`A validation of ${owner}`, "variables are checked"];
      const told = new Set<string>();
      for (const { path, range } of references.filter((one) => one.root === "local")) {
        const step = `local.${path[0]}`;
        const late = madeBefore(addressIn(place.address, step), graph);
        if (late === undefined || told.has(step)) continue;
        told.add(step);
        const detail = `${step} comes from ${late}, and ${why} before nodes and links are made.`;
        found.push(errorDiagnostic(`${who} cannot refer to ${step}`, { detail, range }));
      }
    }
  }
  return found;
}

/** A node, link or module that something comes from; not through a variable, whose value may come later. */
function madeBefore(from: string, graph: Graph): string | undefined {
  const seen = new Set([from]);
  for (const name of seen) {
    const vertex = graph.vertices.get(name);
    if (vertex?.kind === "resource") return vertex.block.address;
    if (vertex?.kind === "output") return vertex.place.call?.address;
    if (vertex?.kind !== "local") continue;
    for (const target of graph.edges.get(name)?.keys() ?? []) seen.add(target);
  }
  return undefined;
}

/** The names of the locals that the rules of the root's variables need, each after those it needs itself. */
export function localsOfRules(lab: Lab): readonly string[] {
  const graph = graphOf(lab);
  const rules = sitesOf(lab).filter(({ owner }) => owner.startsWith("var."));
  const needed = new Set(rules.flatMap(({ references }) => references.map(({ root, path }) => `${root}.${path[0]}`)));
  for (const name of needed) for (const target of graph.edges.get(name)?.keys() ?? []) needed.add(target);
  const names = walk(graph).order.filter((name) => name.startsWith("local.") && needed.has(name));
  return names.map((name) => name.slice("local.".length));
}

/** Where to begin, in order: with all nodes where a link may end at one that it does not refer to. */
function rootsOf({ vertices, edges }: Graph): readonly string[] {
  const nodes: string[] = [];
  let nodesFirst = false;
  for (const vertex of vertices.values()) {
    if (vertex.kind !== "resource") continue;
    if (vertex.block.kind === "node") nodes.push(vertex.name);
    else nodesFirst ||= hasHiddenEnds(vertex.block);
  }
  return nodesFirst ? [...nodes, ...edges.keys()] : [...edges.keys()];
}

/** An end may be an adapter's id, or be as it is recorded. */
function hasHiddenEnds({ kind, body, lifecycle: { ignoreChanges } = { triggers: [] } }: Resource): boolean {
  // Of any number of ends, made by dynamic blocks or by an expression.
  if (kind === "network") return true;
  if (ignoreChanges === "all" || ignoreChanges?.some(([first]) => first === "endpoints")) return true;
  const written = body.attributes.find(({ name }) => name === "endpoints")?.expression;
  return written?.kind === "tuple" && written.items.some((item) => referencesIn(item).length === 0);
}

interface Walked {
  readonly order: readonly string[];
  readonly rings: readonly (readonly string[])[];
}

const walked = new WeakMap<Graph, Walked>();

/**
 * Depth first without recursion (a chain of locals may be longer than the stack). A target that is still being walked
 * closes a ring; rings that share a block with one already found are left for the next run.
 */
function walk(graph: Graph): Walked {
  const before = walked.get(graph);
  if (before) return before;
  const done = new Set<string>();
  const path: string[] = [];
  const onPath = new Set<string>();
  const inRing = new Set<string>();
  const rings: string[][] = [];
  const pending: Iterator<string>[] = [];

  const enter = (name: string) => {
    path.push(name);
    onPath.add(name);
    pending.push((graph.edges.get(name) as ReadonlyMap<string, Range>).keys());
  };
  for (const root of rootsOf(graph)) {
    if (!done.has(root)) enter(root);
    while (pending.length > 0) {
      const next = (pending[pending.length - 1] as Iterator<string>).next();
      if (next.done) {
        pending.pop();
        const name = path.pop() as string;
        onPath.delete(name);
        done.add(name);
      } else if (onPath.has(next.value)) {
        const ring = path.slice(path.indexOf(next.value));
        if (!ring.some((name) => inRing.has(name))) rings.push(ring);
        for (const name of ring) inRing.add(name);
      } else if (!done.has(next.value)) enter(next.value);
    }
  }
  const result = { order: [...done], rings };
  walked.set(graph, result);
  return result;
}

function describeRing(ring: readonly string[], graph: Graph): Diagnostic {
  const edges = ring.map((name, at) => {
    const target = ring[(at + 1) % ring.length] as string;
    return { name, target, range: graph.edges.get(name)?.get(target) as Range };
  });
  const [first, ...others] = edges as [(typeof edges)[number], ...typeof edges];
  if (others.length === 0) {
    return errorDiagnostic(`${first.name} refers to itself`, {
      detail: "It would have to be known before it is known. Put what both places need into a local of its own.",
      range: first.range,
    });
  }
  const isPart = ({ name, target }: (typeof edges)[number]) => isPartOf(name, target) || isPartOf(target, name);
  const how = edges.some(isPart) ? "waits for" : "refers to";
  return errorDiagnostic(`${listed(ring)} wait for one another`, {
    detail: `${[...ring, first.name].join(" → ")}: each ${how} the next, so none can come first. Take one of the references away.`,
    range: first.range,
    related: others.map((edge) => ({
      message: isPart(edge)
        ? `${edge.name} waits for ${edge.target}, as the module is called here`
        : `${edge.name} refers to ${edge.target}`,
      range: edge.range,
    })),
  });
}

/** Whether `name` names something in the module that `module` (`module.pod` or `all of module.pod`) names. */
function isPartOf(name: string, module: string): boolean {
  const [, address] = /^(?:all of )?(module\..*)$/.exec(module) ?? [];
  const part = name.replace(/^(?:all of |the rules of )/, "");
  return address !== undefined && part.startsWith(`${address}.`);
}
