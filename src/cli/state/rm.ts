import { isAbsolute, relative } from "node:path";
import type { Diagnostic } from "../../core/diagnostics.ts";
import { errorDiagnostic, Failure, hasErrors, warningDiagnostic } from "../../core/diagnostics.ts";
import { adapterIds } from "../../core/ends.ts";
import { whyNotForgotten } from "../../core/forgetting.ts";
import type { ProviderSet } from "../../core/provider.ts";
import { shellWord } from "../../core/shellWord.ts";
import type { Instance, State } from "../../core/state.ts";
import { nodeIdOf } from "../../planner/endpoints.ts";
import type { Found } from "../../planner/refresh.ts";
import { refreshSome } from "../../planner/refresh.ts";
import { countOf } from "../../ui/text.ts";
import type { CommonOptions, Context, ExitCode } from "../context.ts";
import { reporter } from "../report.ts";
import { findRecorded, requireState } from "./addresses.ts";
import type { LockOptions } from "./changing.ts";
import { tell, withStore } from "./changing.ts";

interface Options extends LockOptions {
  readonly dryRun?: boolean;
}

/**
 * Forgets instances without removing what they are. What runs is refused, for nobody would find it again; the files of a
 * node that is off are moved out of labform's way and kept.
 */
export async function rm(
  context: Context,
  common: CommonOptions,
  options: Options,
  words: readonly string[],
): Promise<ExitCode> {
  const report = reporter(context, { ...common, json: false });
  const loaded = await (await context.states(common.directory)).load();
  requireState(loaded.state, common.directory);
  if (options.dryRun) {
    const found = findRecorded(loaded.state, words);
    await refuseLiving(loaded.state, found, context.providers(loaded.directories));
    const lines = [...found.map((one) => `Would remove ${one.address}`), "Nothing was changed."];
    tell(context, common, lines, { dry_run: true, removed: found.map(({ address }) => ({ address })) });
    report(danglingEnds(loaded.state, found));
    return 0;
  }
  return withStore(context, common, options, "state rm", async (store) => {
    const { state } = store;
    const providers = context.providers(store.directories);
    const found = findRecorded(state, words);
    await refuseLiving(state, found, providers);
    const nodes = found.filter((one) => one.kind === "node");
    for (const node of nodes) await (await providers.load(node.provider)).release?.(node);
    const moved = await store.replace(
      without(state, found),
      nodes.map((one) => one.id),
    );
    const removed = found.map(({ address, kind, id }) => ({
      address,
      released: (kind === "node" ? moved.get(id) : undefined) ?? null,
    }));
    const lines = removed.map(({ address, released }) =>
      released === null
        ? `Removed ${address}`
        : `Removed ${address}; its files are in ${shown(released, common.directory)}`,
    );
    tell(context, common, [...lines, `${countOf(found.length, "instance")} removed from the state.`], {
      dry_run: false,
      removed,
    });
    report(danglingEnds(state, found));
    return 0;
  });
}

function without(state: State, removed: readonly Instance[]): State {
  const instances = new Map(state.instances);
  for (const { address } of removed) instances.delete(address);
  return { ...state, serial: state.serial + 1, instances };
}

/** Looks at what is to be forgotten and at the services it needs; rejects with `Failure` where any of it runs. */
async function refuseLiving(state: State, wanted: readonly Instance[], providers: ProviderSet): Promise<void> {
  const { found, diagnostics } = await refreshSome(state, wanted, providers);
  if (hasErrors(diagnostics)) throw new Failure(diagnostics);
  const refusals = wanted.flatMap((one) => whyNot(one, found) ?? []);
  if (refusals.length > 0) throw new Failure(refusals);
}

function whyNot(instance: Instance, found: ReadonlyMap<string, Found>): Diagnostic | undefined {
  const { address } = instance;
  const why = whyNotForgotten(instance, (one) => found.get(one)?.live);
  if (!why) return undefined;
  const refuse = (what: string, detail: string) =>
    errorDiagnostic(`${address} ${what} and cannot be removed from the state`, { address, detail });
  const destroy = `"labform destroy -target=${shellWord(address)}"`;
  if (why.refused === "wired") {
    const detail = `${why.carrier} runs and would go on carrying it, without a record of it. Take it out of the lab files and apply, or take it away with ${destroy}.`;
    return refuse("is wired", detail);
  }
  if (why.refused === "broken") {
    const detail = `Of it: ${why.summary}. "labform apply" mends it, ${destroy} takes it away.`;
    return refuse("is not whole", detail);
  }
  if (why.refused === "service") {
    const detail = `Nobody would find it again. An apply ends it once nothing needs it any more; ${destroy} ends it with all that needs it.`;
    return refuse("runs", detail);
  }
  const detail = `Nobody would find it again. Turn it off first with "labform stop ${shellWord(address)}"; its files are kept then. Or take it away, files and all, with ${destroy}.`;
  return refuse("runs", detail);
}

/** Links that stay in the state and end at a node that does not. */
function danglingEnds(state: State, removed: readonly Instance[]): readonly Diagnostic[] {
  const gone = new Set(removed);
  const nodes = new Map(removed.flatMap((one) => (one.kind === "node" ? [[one.id, one.address] as const] : [])));
  return [...state.instances.values()].flatMap((link) => {
    if (gone.has(link)) return [];
    const end = adapterIds(link.attributes).find((id) => nodes.has(nodeIdOf(id)));
    if (end === undefined) return [];
    const node = nodes.get(nodeIdOf(end)) ?? "";
    const detail = `The next apply takes ${link.address} away where the lab files no longer have it, and connects it to a new ${node} where they have both.`;
    return [warningDiagnostic(`${link.address} still ends at ${node}`, { address: link.address, detail })];
  });
}

function shown(path: string, directory: string): string {
  const short = relative(directory, path);
  return short.startsWith("..") || isAbsolute(short) ? path : short;
}
