import { errorDiagnostic, Failure } from "../core/diagnostics.ts";
import { whyNotForgotten } from "../core/forgetting.ts";
import type { Change } from "../core/plan.ts";
import type { Live } from "../core/provider.ts";
import type { Instance } from "../core/state.ts";
import { servicesOf } from "../core/state.ts";
import type { World } from "./perform.ts";

/**
 * Takes an instance out of the state and leaves what there is of it, but for what its provider holds for it on the host.
 * Rejects with `Failure` where it came to run since the plan.
 */
export async function forget({ address, kind }: Change, known: Instance, world: World): Promise<void> {
  const { store, providers, topology, clock } = world;
  const current = store.state.instances.get(address) ?? known;
  const lives = new Map<string, Live | undefined>();
  for (const one of [current, ...servicesOf(current, store.state).values()]) {
    const [live] = await (await providers.load(one.provider)).read([one]);
    lives.set(one.address, live);
  }
  const why = whyNotForgotten(current, (one) => lives.get(one));
  if (why) {
    const what = { runs: "it runs", service: "it runs", wired: "it is wired", broken: "it is not whole" }[why.refused];
    const detail = `Since the plan was made, or unseen by it: ${what}. Nothing was done to it. Make a new plan.`;
    throw new Failure(errorDiagnostic(`${address} cannot be forgotten as it is`, { address, detail }));
  }
  if (kind === "node") {
    const pending = { operation: "forget" as const, token: "", since: new Date(clock.now()).toISOString() };
    await store.record({ record: "intent", instance: { ...current, pending } });
    await (await providers.load(current.provider)).release?.(current);
  }
  await store.record({ record: "gone", address });
  topology.delete(current);
}

/** Before the records of `changes` go: what is to become of the directories of nodes. */
export async function planReleases(changes: readonly Change[], { store }: Pick<World, "store">): Promise<void> {
  await store.planReleases(
    changes.flatMap(({ action, kind, id }) => (action === "forget" && kind === "node" ? [id] : [])),
  );
}

/** Once their records are gone: moves the directories of nodes, and tells where to. */
export async function finishReleases(
  changes: readonly Change[],
  { store, emit }: Pick<World, "store" | "emit">,
): Promise<void> {
  const forgotten = changes.filter(({ action, kind }) => action === "forget" && kind === "node");
  if (forgotten.length === 0) return;
  const moved = await store.finishReleases();
  for (const { address, id } of forgotten) {
    const directory = moved.get(id);
    if (directory === undefined) continue;
    const lab = `${store.directories.lab}/`;
    const path = directory.startsWith(lab) ? directory.slice(lab.length) : directory;
    emit({ type: "step_progress", address, operation: "forget", message: `its files are in ${path}` });
  }
}
