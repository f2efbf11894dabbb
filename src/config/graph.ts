import { addressIn } from "../core/addresses.ts";
import type { Lab, Module, ModulePlace, Resource, Vertex } from "../core/lab.ts";
import type { Range } from "../core/source.ts";
import type { Reference } from "../core/syntax.ts";
import { eachPlace, isLab, placesOf } from "./places.ts";
import { sitesOf } from "./sites.ts";

/**
 * The static graph of a lab: of what there is one vertex in each place of a module, whatever its instances. An edge goes
 * to each thing that is referred to, and knows where this is first done. Targets that do not exist have been reported
 * and are left out. A name that is no vertex's is a module as a whole (`wholeName`), which waits for all that is in it.
 */
export interface Graph {
  /** By name; variables, providers, locals, modules, resources, outputs and checks, each in the order of the files. */
  readonly vertices: ReadonlyMap<string, Vertex>;
  readonly edges: ReadonlyMap<string, ReadonlyMap<string, Range>>;
}

const known = new WeakMap<Lab, Graph>();

/** Made once for each lab. */
export function graphOf(lab: Lab): Graph {
  let graph = known.get(lab);
  if (!graph) {
    const builder = new GraphBuilder();
    const root = placesOf(lab);
    builder.declare(root);
    for (const place of eachPlace(root)) builder.connect(place);
    graph = builder;
    known.set(lab, graph);
  }
  return graph;
}

/** `address`: `module.pod` */
function wholeName(address: string): string {
  return `all of ${address}`;
}

function rulesName(variable: string): string {
  return `the rules of ${variable}`;
}

class GraphBuilder implements Graph {
  readonly vertices = new Map<string, Vertex>();
  readonly edges = new Map<string, Map<string, Range>>();

  declare(place: ModulePlace): void {
    const { module } = place;
    for (const block of module.variables.values()) {
      this.#add({ kind: "variable", name: addressIn(place.address, `var.${block.name}`), place, block });
    }
    // The root's are checked before anything is planned.
    for (const block of place.call ? module.variables.values() : []) {
      const name = rulesName(addressIn(place.address, `var.${block.name}`));
      if (block.validations.length > 0) this.#add({ kind: "rules", name, place, block });
    }
    for (const block of isLab(module) ? module.providers.values() : []) {
      this.#add({ kind: "provider", name: `provider.${block.name}`, place, block });
    }
    for (const block of module.locals.values()) {
      this.#add({ kind: "local", name: addressIn(place.address, `local.${block.name}`), place, block });
    }
    for (const block of module.calls.values()) {
      this.#add({ kind: "call", name: addressIn(place.address, block.address), place, block });
    }
    for (const block of module.resources.values()) {
      this.#add({ kind: "resource", name: addressIn(place.address, block.address), place, block });
    }
    for (const inner of place.inner.values()) this.declare(inner);
    for (const block of module.outputs.values()) {
      this.#add({ kind: "output", name: addressIn(place.address, `output.${block.name}`), place, block });
    }
    for (const block of module.checks.values()) {
      this.#add({ kind: "check", name: addressIn(place.address, `check.${block.name}`), place, block });
    }
    if (place.call) this.edges.set(wholeName(place.address), new Map());
  }

  #add(vertex: Vertex): void {
    this.vertices.set(vertex.name, vertex);
    this.edges.set(vertex.name, new Map());
  }

  connect(place: ModulePlace): void {
    const { module } = place;
    for (const { owner, references, rule, triggers } of sitesOf(module)) {
      // A rule is checked once all variables are known, so that these may refer to each other.
      const name = owner.startsWith("var.")
        ? rulesName(addressIn(place.address, owner))
        : addressIn(place.address, owner);
      for (const reference of references) {
        for (const target of targetsOf(reference, place)) {
          // Of a condition or trigger that names its own node, which has been reported.
          if (!((rule || triggers) && target === name)) this.#edge(name, target, reference.range);
        }
      }
    }
    for (const { address, dependsOn } of [...module.resources.values(), ...module.calls.values()]) {
      this.#waits(place, addressIn(place.address, address), dependsOn);
    }
    for (const { name, dependsOn } of module.outputs.values()) {
      this.#waits(place, addressIn(place.address, `output.${name}`), dependsOn);
    }
    if (place.call) this.#enclose(place, module, place.call.range);
  }

  #waits(place: ModulePlace, owner: string, dependsOn: Resource["dependsOn"]): void {
    for (const { address, range } of dependsOn) {
      const name = addressIn(place.address, address);
      this.#edge(owner, address.startsWith("module.") ? wholeName(name) : name, range);
    }
  }

  /** What is in a module comes after its call, and before what waits for the module as a whole. */
  #enclose(place: ModulePlace, module: Module, range: Range): void {
    const whole = wholeName(place.address);
    const inside = (name: string) => this.#edge(addressIn(place.address, name), place.address, range);
    for (const { name } of module.variables.values()) {
      inside(`var.${name}`);
      this.#edge(rulesName(addressIn(place.address, `var.${name}`)), place.address, range);
    }
    for (const { name } of module.locals.values()) inside(`local.${name}`);
    for (const { name } of module.outputs.values()) inside(`output.${name}`);
    for (const { name } of module.checks.values()) inside(`check.${name}`);
    for (const { address } of module.calls.values()) {
      inside(address);
      this.#edge(whole, wholeName(addressIn(place.address, address)), range);
    }
    for (const { address } of module.resources.values()) {
      inside(address);
      this.#edge(whole, addressIn(place.address, address), range);
    }
    this.#edge(whole, place.address, range);
  }

  #edge(owner: string, target: string, range: Range): void {
    const targets = this.edges.get(owner);
    if (targets && this.edges.has(target) && !targets.has(target)) targets.set(target, range);
  }
}

/** The names a reference that stands in a place goes to. */
function targetsOf({ root, path }: Reference, place: ModulePlace): readonly string[] {
  const [name, first, second] = path;
  // Nothing may refer to these; that has been said.
  if (root === "output" || root === "provider") return [];
  if (root !== "module") return [addressIn(place.address, `${root}.${name}`)];
  const inner = place.inner.get(String(name));
  if (!inner?.call) return [];
  const output = inner.call.count || inner.call.forEach ? second : first;
  const outputs = typeof output === "string" ? [output] : [...inner.module.outputs.keys()];
  return [inner.address, ...outputs.map((one) => addressIn(inner.address, `output.${one}`))];
}
