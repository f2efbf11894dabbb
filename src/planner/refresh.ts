import type { Diagnostic } from "../core/diagnostics.ts";
import { errorDiagnostic, Failure } from "../core/diagnostics.ts";
import { adapterIds } from "../core/ends.ts";
import type { Condition } from "../core/plan.ts";
import type { Live, ProviderSet } from "../core/provider.ts";
import type { Instance, State } from "../core/state.ts";
import { servicesOf } from "../core/state.ts";
import { nodeIdOf } from "./endpoints.ts";

/** What is known of an instance when planning starts: its record, brought up to date, and what was found of it. */
export interface Found {
  /** As the state has it. */
  readonly recorded: Instance;
  readonly instance: Instance;
  /** Null when the host was not looked at. */
  readonly condition: Condition | null;
  readonly live: Live | null;
  /** The record differs from the state's. */
  readonly refreshed: boolean;
  /** A live update of it was begun and its end never written: what was reached cannot all be seen. */
  readonly updating: boolean;
}

/**
 * Asks each provider once for all its instances. Half-done operations that a killed run left are settled by what is
 * found, in memory: the plan says what is to become of them. With `offline` the record is taken as it is. `nodes`: the ids
 * of all that are recorded, where `state` is only a part.
 */
export async function refresh(
  state: State,
  providers: ProviderSet,
  offline: boolean,
  nodes: ReadonlySet<string> = nodeIds(state),
): Promise<{ readonly found: ReadonlyMap<string, Found>; readonly diagnostics: readonly Diagnostic[] }> {
  const found = new Map<string, Found>();
  const diagnostics: Diagnostic[] = [];
  if (offline) {
    for (const [address, instance] of state.instances) {
      found.set(address, {
        recorded: instance,
        instance,
        condition: null,
        live: null,
        refreshed: false,
        updating: false,
      });
    }
    return { found, diagnostics };
  }
  const byProvider = new Map<string, Instance[]>();
  for (const instance of state.instances.values()) {
    const group = byProvider.get(instance.provider);
    if (group) group.push(instance);
    else byProvider.set(instance.provider, [instance]);
  }
  await Promise.all(
    [...byProvider].map(async ([name, instances]) => {
      try {
        const provider = await providers.load(name);
        const lives = await provider.read(instances);
        instances.forEach((instance, at) => {
          const told = lives[at];
          const live = told && withEnds(told, nodes);
          if (!live) throw new Error(`provider ${name} answered ${lives.length} of ${instances.length} reads`);
          found.set(instance.address, {
            recorded: instance,
            instance: live.instance,
            condition: live.condition,
            live,
            // Found whole, its operation is no longer pending, whether or not anything else differs.
            refreshed: live.instance !== instance || instance.pending !== undefined,
            updating: instance.pending?.operation === "update",
          });
        });
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        diagnostics.push(...error.diagnostics);
        diagnostics.push(
          errorDiagnostic(`The live state of the ${name} resources could not be read`, {
            detail: "Without it no plan can be trusted. Mend what the message above names and run the command again.",
          }),
        );
      }
    }),
  );
  // In the order of the state, whichever provider answered first: plans come out the same.
  const inOrder = new Map<string, Found>();
  for (const address of state.instances.keys()) {
    const one = found.get(address);
    if (one) inOrder.set(address, one);
  }
  return { found: inOrder, diagnostics };
}

function nodeIds({ instances }: State): ReadonlySet<string> {
  return new Set([...instances.values()].flatMap((one) => (one.kind === "node" ? [one.id] : [])));
}

/** A link to a node that is not recorded any more connects nobody, whatever its bridge says. */
function withEnds(live: Live, nodes: ReadonlySet<string>): Live {
  const { instance, condition } = live;
  if (condition !== "present" || instance.kind === "node" || instance.kind === "service") return live;
  const lost = adapterIds(instance.attributes).find((id) => !nodes.has(nodeIdOf(id)));
  if (lost === undefined) return live;
  const summary = `a node at its end was taken out of the state (${nodeIdOf(lost)})`;
  return { condition: "broken", instance, cause: { kind: "hand", summary } };
}

/** `refresh` of some instances and of the services they need, through which a provider finds them; nobody else is asked. */
export async function refreshSome(
  state: State,
  wanted: readonly Instance[],
  providers: ProviderSet,
): ReturnType<typeof refresh> {
  const instances = new Map<string, Instance>();
  for (const one of wanted) {
    instances.set(one.address, one);
    for (const [address, service] of servicesOf(one, state)) instances.set(address, service);
  }
  return refresh({ ...state, instances }, providers, false, nodeIds(state));
}
