import { addressIn } from "../core/addresses.ts";
import type { Lab, Module, ModuleCall, ModulePlace } from "../core/lab.ts";

const known = new WeakMap<Lab, ModulePlace>();

/** The tree of a lab's modules, made once for each lab. */
export function placesOf(lab: Lab): ModulePlace {
  let root = known.get(lab);
  if (!root) {
    root = placeOf(lab);
    known.set(lab, root);
  }
  return root;
}

function placeOf(module: Module, call?: ModuleCall, outer?: ModulePlace): ModulePlace {
  const inner = new Map<string, ModulePlace>();
  const address = call ? addressIn(outer?.address ?? "", call.address) : "";
  const place: ModulePlace = { address, module, call, outer, inner };
  for (const one of module.calls.values()) inner.set(one.name, placeOf(one.module, one, place));
  return place;
}

/** A place and all within it, from outside inwards, in the order of the files. */
export function* eachPlace(place: ModulePlace): Generator<ModulePlace> {
  yield place;
  for (const inner of place.inner.values()) yield* eachPlace(inner);
}

/** Every module of a lab once, however often it is called; the root first. */
export function modulesOf(lab: Lab): ReadonlySet<Module> {
  const found = new Set<Module>([lab]);
  for (const module of found) for (const call of module.calls.values()) found.add(call.module);
  return found;
}

/** How many places a module makes, itself included. */
export function countPlaces(module: Module, counted = new Map<Module, number>()): number {
  let count = counted.get(module);
  if (count === undefined) {
    count = 1;
    for (const call of module.calls.values()) count += countPlaces(call.module, counted);
    counted.set(module, count);
  }
  return count;
}

/** Whether it is the root, which alone has what belongs to the lab as a whole. */
export function isLab(module: Module): module is Lab {
  return "providers" in module;
}
