import type { Diagnostic } from "../core/diagnostics.ts";
import { errorDiagnostic } from "../core/diagnostics.ts";
import type { Lab } from "../core/lab.ts";
import type { Range } from "../core/source.ts";
import { listed } from "./names.ts";
import { sitesOf } from "./sites.ts";

/**
 * The static graph of a lab. Its vertices are `var.x`, `provider.q`, `local.x`, `node.r1`, `link.core` and
 * `output.y`; an edge goes to each thing that is referred to, and knows where this is first done. Targets that do not
 * exist have been reported and are left out.
 */
type Graph = ReadonlyMap<string, ReadonlyMap<string, Range>>;

/** What each block refers to, `depends_on` included. */
export function dependencies(lab: Lab): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, ReadonlySet<string>>();
  for (const [name, targets] of graphOf(lab)) found.set(name, new Set(targets.keys()));
  return found;
}

/**
 * All names of the graph, each after everything it refers to; otherwise variables, providers, locals, resources,
 * outputs, each in the order of the files. Of a lab without cycles, as every loaded one is.
 */
export function order(lab: Lab): string[] {
  return walk(graphOf(lab)).order;
}

/** One error for each ring of blocks that wait for one another, with all places that make it. */
export function findCycles(lab: Lab): Diagnostic[] {
  const graph = graphOf(lab);
  return walk(graph).rings.map((ring) => describeRing(ring, graph));
}

/** One error for each local in a provider's settings or a variable's rule that comes from a node or link. */
export function findLateReferences(lab: Lab): Diagnostic[] {
  const graph = graphOf(lab);
  const found: Diagnostic[] = [];
  for (const { owner, references } of sitesOf(lab)) {
    const [root, name] = owner.split(".");
    if (root !== "provider" && root !== "var") continue;
    const [who, why] =
      root === "provider"
        ? [`Provider "${name}"`, "a provider's settings are needed"]
        : [`A validation of ${owner}`, "variables are checked"];
    const told = new Set<string>();
    for (const { path, range } of references.filter((one) => one.root === "local")) {
      const step = `local.${path[0]}`;
      const resource = reachable([step], graph).find((one) => lab.resources.has(one));
      if (resource === undefined || told.has(step)) continue;
      told.add(step);
      const detail = `${step} comes from ${resource}, and ${why} before nodes and links are made.`;
      found.push(errorDiagnostic(`${who} cannot refer to ${step}`, { detail, range }));
    }
  }
  return found;
}

/** The names of the locals that the rules of variables need, each after those it needs itself. */
export function localsOfRules(lab: Lab): readonly string[] {
  const rules = sitesOf(lab).filter(({ owner }) => owner.startsWith("var."));
  const steps = rules.flatMap(({ references }) => references.map(({ root, path }) => `${root}.${path[0]}`));
  const graph = graphOf(lab);
  const needed = new Set(reachable(steps, graph));
  const names = walk(graph).order.filter((name) => name.startsWith("local.") && needed.has(name));
  return names.map((name) => name.slice("local.".length));
}

function reachable(from: Iterable<string>, graph: Graph): string[] {
  const seen = new Set(from);
  for (const name of seen) for (const target of graph.get(name)?.keys() ?? []) seen.add(target);
  return [...seen];
}

function graphOf(lab: Lab): Graph {
  const graph = new Map<string, Map<string, Range>>();
  for (const name of lab.variables.keys()) graph.set(`var.${name}`, new Map());
  for (const name of lab.providers.keys()) graph.set(`provider.${name}`, new Map());
  for (const name of lab.locals.keys()) graph.set(`local.${name}`, new Map());
  for (const address of lab.resources.keys()) graph.set(address, new Map());
  for (const name of lab.outputs.keys()) graph.set(`output.${name}`, new Map());

  const add = (owner: string, target: string, range: Range) => {
    const targets = graph.get(owner);
    if (targets && graph.has(target) && !targets.has(target)) targets.set(target, range);
  };
  for (const { owner, references } of sitesOf(lab)) {
    // Rules are checked once all variables are known, so that these may refer to each other.
    if (owner.startsWith("var.")) continue;
    for (const { root, path, range } of references) {
      // Nothing may refer to these; that has been said.
      if (root !== "output" && root !== "provider") add(owner, `${root}.${path[0]}`, range);
    }
  }
  for (const { address, dependsOn } of lab.resources.values()) {
    for (const one of dependsOn) add(address, one.address, one.range);
  }
  for (const { name, dependsOn } of lab.outputs.values()) {
    for (const one of dependsOn) add(`output.${name}`, one.address, one.range);
  }
  return graph;
}

/**
 * Depth first without recursion (a chain of locals may be longer than the stack). A target that is still being walked
 * closes a ring; rings that share a block with one already found are left for the next run.
 */
function walk(graph: Graph): { order: string[]; rings: string[][] } {
  const done = new Set<string>();
  const path: string[] = [];
  const onPath = new Set<string>();
  const inRing = new Set<string>();
  const rings: string[][] = [];
  const pending: Iterator<string>[] = [];

  const enter = (name: string) => {
    path.push(name);
    onPath.add(name);
    pending.push((graph.get(name) as ReadonlyMap<string, Range>).keys());
  };
  for (const root of graph.keys()) {
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
  return { order: [...done], rings };
}

function describeRing(ring: readonly string[], graph: Graph): Diagnostic {
  const edges = ring.map((name, at) => {
    const target = ring[(at + 1) % ring.length] as string;
    return { name, target, range: graph.get(name)?.get(target) as Range };
  });
  const [first, ...others] = edges as [(typeof edges)[number], ...typeof edges];
  if (others.length === 0) {
    return errorDiagnostic(`${first.name} refers to itself`, {
      detail: "It would have to be known before it is known. Put what both places need into a local of its own.",
      range: first.range,
    });
  }
  return errorDiagnostic(`${listed(ring)} wait for one another`, {
    detail: `${[...ring, first.name].join(" → ")}: each refers to the next, so none can come first. Take one of the references away.`,
    range: first.range,
    related: others.map(({ name, target, range }) => ({ message: `${name} refers to ${target}`, range })),
  });
}
