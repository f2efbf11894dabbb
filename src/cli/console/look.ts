import { Failure, hasErrors } from "../../core/diagnostics.ts";
import type { EndStatistics, HostDirectories, ProviderSet } from "../../core/provider.ts";
import type { StateAccess } from "../../core/workspace.ts";
import type { Found } from "../../planner/refresh.ts";
import { refresh } from "../../planner/refresh.ts";
import type { StatusRow } from "../../ui/status.ts";
import type { Context } from "../context.ts";
import { statusRows } from "./statusRows.ts";
import { loadWatched } from "./underWay.ts";

/** All that one look told. */
export interface Sight {
  readonly rows: readonly StatusRow[];
  /** By address, what the rows were made of. */
  readonly found: ReadonlyMap<string, Found>;
  readonly lineage: string;
  readonly lab: string | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** What went over the links and networks that are there, by their addresses. */
async function carried(
  found: ReadonlyMap<string, Found>,
  providers: ProviderSet,
): Promise<ReadonlyMap<string, readonly EndStatistics[]>> {
  const present = [...found.values()].flatMap(({ instance, condition }) => {
    return condition === "present" && (instance.kind === "link" || instance.kind === "network") ? [instance] : [];
  });
  const statistics = new Map<string, readonly EndStatistics[]>();
  await Promise.all(
    [...new Set(present.map((one) => one.provider))].map(async (name) => {
      const ofProvider = present.filter((one) => one.provider === name);
      const counted = await (await providers.load(name)).statistics?.(ofProvider);
      ofProvider.forEach((one, at) => {
        const ends = counted?.[at];
        if (ends) statistics.set(one.address, ends);
      });
    }),
  );
  return statistics;
}

/**
 * Looks at the state and the host, without the lock; the providers of one look serve the next, while they are of the
 * same lab. Rejects where the host cannot be looked at.
 */
export function looker(context: Context, states: StateAccess): () => Promise<Sight> {
  let known: { readonly directories: HostDirectories; readonly providers: ProviderSet } | undefined;
  return async () => {
    const { state, directories, left } = await loadWatched(states);
    if (known?.directories.run !== directories.run) known = { directories, providers: context.providers(directories) };
    const { found, diagnostics } = await refresh(state, known.providers, false);
    if (hasErrors(diagnostics)) throw new Failure(diagnostics);
    const statistics = await carried(found, known.providers);
    const now = context.ports.clock.now();
    const rows = statusRows({ state, left, found, schemas: context.resourceSchemas, statistics, now });
    return { rows, found, lineage: state.lineage, lab: state.lab?.name, now };
  };
}
