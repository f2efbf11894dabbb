import { errorDiagnostic, Failure, hasErrors } from "../../core/diagnostics.ts";
import { rests } from "../../core/lifecycle.ts";
import type { Provider, ProviderSet } from "../../core/provider.ts";
import type { Instance, State } from "../../core/state.ts";
import { handCause } from "../../planner/byHand.ts";
import type { Found } from "../../planner/refresh.ts";
import { refreshSome } from "../../planner/refresh.ts";
import type { CommonOptions, Context } from "../context.ts";
import { findInstances } from "../instances.ts";

/** A recorded node, as a command that looks at one finds it. */
export interface NodeInHand {
  readonly state: State;
  readonly node: Instance;
  readonly providers: ProviderSet;
  readonly provider: Provider;
}

/** Rejects with `Failure` when no node, or more than one, is meant by `name`. */
export async function openNode(context: Context, common: CommonOptions, name: string): Promise<NodeInHand> {
  const { state, directories, away } = await (await context.states(common.directory)).load();
  if (away) throw new Failure(away);
  const node = findNode(state, name);
  const providers = context.providers(directories);
  return { state, node, providers, provider: await providers.load(node.provider) };
}

/** The one node that a user means. */
export function findNode(state: State, word: string): Instance {
  const found = findInstances(state, word, "node");
  if (found.length === 1) return found[0] as Instance;
  const names = found.slice(0, 8).map((one) => one.address);
  throw new Failure(
    errorDiagnostic(`"${word}" is more than one node`, {
      detail: `Name one of them: ${names.join(", ")}${found.length > names.length ? ` and ${found.length - names.length} more` : ""}. In a shell, quote it: '${names[0]}'.`,
    }),
  );
}

/** What is there of some instances and of the services they need; nobody else is asked. Rejects with `Failure`. */
export async function lookAt(
  state: State,
  providers: ProviderSet,
  wanted: readonly Instance[],
): Promise<ReadonlyMap<string, Found>> {
  const { found, diagnostics } = await refreshSome(state, wanted, providers);
  if (hasErrors(diagnostics)) throw new Failure(diagnostics);
  return found;
}

/** Why a node does not run, as the rest of a sentence; undefined when it does. `now`: milliseconds since the epoch. */
export function whyOff({ live, instance }: Found, now: number): string | undefined {
  if (!live || live.condition === "present") return undefined;
  if (!rests(instance.kind, instance.attributes)) return live.cause.summary;
  return instance.byHand ? handCause(instance.byHand, new Date(now).toISOString()).summary : 'its power is "off"';
}
