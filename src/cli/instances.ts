import { didYouMean } from "../config/names.ts";
import { quoteKey } from "../core/addresses.ts";
import { errorDiagnostic, Failure } from "../core/diagnostics.ts";
import type { Instance, State } from "../core/state.ts";

/**
 * The recorded instances a user's word names: an address (`node.r1`, `node.router["r1"]`), the address without its
 * kind (`r1`, `router["r1"]`), or a block's for all of its instances (`router`). `router[r1]` is taken for
 * `router["r1"]`, whose quotes a shell has eaten.
 */
export function findInstances(state: State, word: string, kind: "node" | "link"): readonly Instance[] {
  const all = [...state.instances.values()].filter((one) => one.kind === kind);
  const name = quoted(word);
  const names = new Set([name, `${kind}.${name}`]);
  const exact = all.filter((one) => names.has(one.address));
  if (exact.length > 0) return exact;
  const ofBlock = all.filter((one) => names.has(one.address.replace(/\[.*\]$/, "")));
  if (ofBlock.length > 0) return ofBlock;
  const addresses = all.map((one) => one.address);
  const guess = didYouMean(word.startsWith(`${kind}.`) ? word : `${kind}.${word}`, addresses);
  throw new Failure(
    errorDiagnostic(`There is no ${kind} "${word}"`, {
      detail:
        all.length === 0
          ? `The state has no ${kind}s; apply makes them.`
          : `The state has ${addresses.join(", ")}.${guess}`,
    }),
  );
}

/** Those with a number in brackets are instances by count, and need no quotes. */
function quoted(word: string): string {
  return word.replace(/\[([^"\]\d][^"\]]*)\]$/, (_, key: string) => `[${quoteKey(key)}]`);
}
