import { formatTarget, parseTarget } from "../core/addresses.ts";
import type { Diagnostic } from "../core/diagnostics.ts";
import { errorDiagnostic, warningDiagnostic } from "../core/diagnostics.ts";
import { whyNotForgotten } from "../core/forgetting.ts";
import type { Lab, Module, RemovedBlock } from "../core/lab.ts";
import type { Cause, Change } from "../core/plan.ts";
import { shellWord } from "../core/shellWord.ts";
import { formatRange } from "../core/source.ts";
import type { Found } from "./refresh.ts";

/** The `removed` blocks of a lab and its modules. */
export class Removed {
  /** By the names that their addresses are made of, from the root and without keys. */
  readonly #blocks = new Map<string, RemovedBlock>();

  constructor(lab: Lab) {
    this.#add(lab, "");
  }

  #add(module: Module, place: string): void {
    for (const block of module.removed) {
      const name = place + formatTarget(block.from);
      // Two modules may speak of one thing: the outer one decides.
      if (!this.#blocks.has(name)) this.#blocks.set(name, block);
    }
    for (const call of module.calls.values()) this.#add(call.module, `${place}${call.address}.`);
  }

  /** The block that speaks of an instance: of its resource before that of a module it is in. */
  of(address: string): RemovedBlock | undefined {
    if (this.#blocks.size === 0) return undefined;
    const names = (parseTarget(address) ?? []).map((step) => ({ ...step, key: undefined }));
    for (let length = names.length; length > 0; length--) {
      const block = this.#blocks.get(formatTarget(names.slice(0, length)));
      if (block) return block;
    }
    return undefined;
  }

  /** A deletion as its `removed` block has it: what is not to be destroyed is forgotten. */
  decide(change: Change): Change {
    const block = change.action === "delete" && change.kind !== "service" ? this.of(change.address) : undefined;
    if (!block) return change;
    const at = formatRange(block.range);
    const cause: Cause = { kind: "removed", summary: "its removed block says so", at };
    if (block.destroy) return { ...change, causes: [cause] };
    const kept: Cause = { ...cause, summary: "destroy = false in its removed block" };
    return { ...change, action: "forget", causes: [kept] };
  }
}

/** What of a plan is to be forgotten and cannot be, as far as the host was looked at; else a word on what that means. */
export function checkForgotten(
  changes: readonly Change[],
  removed: Removed,
  found: ReadonlyMap<string, Found>,
): readonly Diagnostic[] {
  const forgotten = changes.filter(({ action }) => action === "forget");
  if (forgotten.length === 0) return [];
  const refusals = forgotten.flatMap((change) => refusal(change, removed.of(change.address), found));
  if (refusals.length > 0) return refusals;
  const lines = forgotten.map(({ address }) => `  ${address}`);
  const detail = `labform will know nothing of these any more, and destroys nothing of them:\n${lines.join("\n")}\nThe files of a node, its disks among them, are moved to .labform/released; no command of labform takes them back.`;
  return [warningDiagnostic("Some objects will be forgotten", { detail })];
}

function refusal(
  { address, prior }: Change,
  block: RemovedBlock | undefined,
  found: ReadonlyMap<string, Found>,
): readonly Diagnostic[] {
  const { recorded = prior, condition = null } = found.get(address) ?? {};
  if (!recorded || condition === null) return [];
  const why = whyNotForgotten(recorded, (one) => found.get(one)?.live);
  if (!why) return [];
  const { what, detail } = forgettingWords(address, why);
  const range = block?.range;
  return [errorDiagnostic(`${address} ${what} and cannot be forgotten`, { detail, range, address })];
}

/** What keeps an instance from being forgotten, and what to do about it where a `removed` block wants it. */
function forgettingWords(
  address: string,
  why: NonNullable<ReturnType<typeof whyNotForgotten>>,
): { readonly what: string; readonly detail: string } {
  const stop = `Turn it off first with "labform stop ${shellWord(address)}"; its files are kept then. Or let it be destroyed: take destroy = false out of its removed block.`;
  switch (why.refused) {
    case "wired": {
      const detail = `${why.carrier} runs and would go on carrying it, without a record of it. A link has no files to keep: let it be destroyed, by a removed block of its own without destroy = false.`;
      return { what: "is wired", detail };
    }
    case "broken":
      return { what: "is not whole", detail: `Of it: ${why.summary}. ${stop}` };
    case "runs":
    case "service":
      return { what: "runs", detail: `Nobody would find it again. ${stop}` };
  }
}
