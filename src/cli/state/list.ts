import type { InstanceKey, Target } from "../../core/addresses.ts";
import { parseTarget } from "../../core/addresses.ts";
import type { Instance } from "../../core/state.ts";
import { addressesDocument } from "../../ui/json/state.ts";
import type { CommonOptions, Context, ExitCode } from "../context.ts";
import { findRecorded, requireState } from "./addresses.ts";

/** The addresses of what is recorded, of what is named only, with -id only what has that id. */
export async function list(
  context: Context,
  common: CommonOptions,
  options: { readonly id?: string },
  words: readonly string[],
): Promise<ExitCode> {
  const { state } = await (await context.states(common.directory)).load();
  requireState(state, common.directory);
  const named = words.length > 0 ? findRecorded(state, words) : [...state.instances.values()];
  const found = named.filter((one) => options.id === undefined || one.id === options.id).toSorted(byAddress);
  context.stdout.write(
    common.json ? `${JSON.stringify(addressesDocument(found))}\n` : found.map((one) => `${one.address}\n`).join(""),
  );
  return 0;
}

/** What is in no module first; numbers by their size. */
function byAddress(left: Instance, right: Instance): number {
  const [a, b] = [parseTarget(left.address) ?? [], parseTarget(right.address) ?? []];
  for (let at = 0; at < Math.min(a.length, b.length); at++) {
    const order = compareSteps(a[at] as Target[number], b[at] as Target[number]);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function compareSteps(left: Target[number], right: Target[number]): number {
  const isModule = Number(left.kind === "module") - Number(right.kind === "module");
  return (
    isModule || compare(left.kind, right.kind) || compare(left.name, right.name) || compareKeys(left.key, right.key)
  );
}

function compareKeys(left: InstanceKey, right: InstanceKey): number {
  if (typeof left === "number" && typeof right === "number") return left - right;
  return compare(typeof left, typeof right) || compare(String(left), String(right));
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
