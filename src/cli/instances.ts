import { didYouMean } from "../config/names.ts";
import type { Address } from "../core/addresses.ts";
import {
  formatAddress,
  formatModules,
  instanceAddress,
  isWithinTarget,
  parseAddress,
  parseTarget,
  quoteKey,
} from "../core/addresses.ts";
import { errorDiagnostic, Failure } from "../core/diagnostics.ts";
import type { Instance, State } from "../core/state.ts";

/**
 * The recorded instances a user's word names: an address (`node.r1`, `module.pod["a"].node.router["r1"]`), the address
 * without its kind (`r1`, `router["r1"]`), also of something in a module where no other has that name, or a block's or a
 * module's for all of its instances (`router`, `module.pod`). `router[r1]` is taken for `router["r1"]`, whose quotes a
 * shell has eaten.
 */
export function findInstances(state: State, word: string, kind: "node" | "link" | "network"): readonly Instance[] {
  const all = [...state.instances.values()].filter((one) => one.kind === kind);
  const name = parseTarget(word) || parseTarget(`${kind}.${word}`) ? word : quoted(word);
  for (const find of [exactly, within, inSomeModule]) {
    const found = find(all, name, kind);
    if (found.length > 0) return found;
  }
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

/** Whether it is the instance's address, with or without its kind. */
export function namesInstance({ address, kind }: Instance, word: string): boolean {
  const name = quoted(word);
  return address === name || address === `${kind}.${name}`;
}

function exactly(all: readonly Instance[], name: string, kind: string): readonly Instance[] {
  return all.filter((one) => one.address === name || one.address === `${kind}.${name}`);
}

function within(all: readonly Instance[], name: string, kind: string): readonly Instance[] {
  const target = parseTarget(name) ?? parseTarget(`${kind}.${name}`);
  return target ? all.filter((one) => isWithinTarget(one.address, target)) : [];
}

/** By the name alone; rejects when it is one in several modules. */
function inSomeModule(all: readonly Instance[], name: string, kind: string): readonly Instance[] {
  const short = name.startsWith(`${kind}.`) ? name.slice(kind.length + 1) : name;
  const parsed = all.flatMap((instance) => {
    const address = parseAddress(instance.address);
    return address ? [{ instance, address }] : [];
  });
  const named = (text: (address: Address) => string) => parsed.filter(({ address }) => text(address) === short);
  const exact = named((address) => instanceAddress(address.name, address.key));
  const found = exact.length > 0 ? exact : named((address) => address.name);
  if (new Set(found.map(({ address }) => formatModules(address.modules))).size > 1) {
    const names = found.slice(0, 8).map(({ address }) => formatAddress(address));
    const more = found.length > names.length ? ` and ${found.length - names.length} more` : "";
    const detail = `Name one of them: ${names.join(", ")}${more}. In a shell, quote it: '${names[0]}'.`;
    throw new Failure(errorDiagnostic(`There is a ${kind} "${name}" in more than one module`, { detail }));
  }
  return found.map(({ instance }) => instance);
}

/** An address whose quotes a shell has eaten. Those with a number in brackets are instances by count, and need none. */
export function quoted(word: string): string {
  return word.replaceAll(/\[([^"\]\d][^"\]]*)\]/g, (_, key: string) => `[${quoteKey(key)}]`);
}
