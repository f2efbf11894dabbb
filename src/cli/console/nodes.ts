import { resourceOf } from "../../core/addresses.ts";
import { errorDiagnostic, Failure, hasErrors } from "../../core/diagnostics.ts";
import type { Provider, ProviderSet } from "../../core/provider.ts";
import type { Instance, State } from "../../core/state.ts";
import { suggestion } from "../../evaluation/problem.ts";
import type { Found } from "../../planner/refresh.ts";
import { refresh } from "../../planner/refresh.ts";
import type { CommonOptions, Context } from "../context.ts";

/** A recorded node, as a command that looks at one finds it. */
export interface NodeInHand {
  readonly state: State;
  readonly node: Instance;
  readonly providers: ProviderSet;
  readonly provider: Provider;
}

/** Rejects with `Failure` when no node, or more than one, is meant by `name`. */
export async function openNode(context: Context, common: CommonOptions, name: string): Promise<NodeInHand> {
  const { state, directories } = await (await context.states(common.directory)).load();
  const node = findNode(state, name);
  const providers = context.providers(directories);
  return { state, node, providers, provider: await providers.load(node.provider) };
}

/**
 * The node that a user means: by its address, or without `node.` before it. `router[r1]` is taken for
 * `router["r1"]`, whose quotes a shell has eaten, and the name of a resource for its only instance.
 */
export function findNode(state: State, name: string): Instance {
  const nodes = [...state.instances.values()].filter((one) => one.kind === "node");
  const wanted = name.startsWith("node.") ? name : `node.${name}`;
  const quoted = wanted.replace(/\[([^"\]]+)\]$/, (_, key: string) => `[${JSON.stringify(key)}]`);
  const exact = nodes.find((one) => one.address === wanted) ?? nodes.find((one) => one.address === quoted);
  if (exact) return exact;
  const instances = nodes.filter((one) => resourceOf(one.address) === wanted);
  if (instances.length === 1) return instances[0] as Instance;
  if (instances.length > 1) {
    throw new Failure(
      errorDiagnostic(`${wanted} is more than one node`, {
        detail: `Name one of them: ${listed(instances.map((one) => one.address))}. In a shell, quote it: '${instances[0]?.address}'.`,
      }),
    );
  }
  throw new Failure(errorDiagnostic(`There is no node "${name}"`, { detail: whatThereIs(quoted, nodes) }));
}

function whatThereIs(wanted: string, nodes: readonly Instance[]): string {
  if (nodes.length === 0) return 'Nothing of this lab is recorded; "labform apply" makes it.';
  const addresses = nodes.map((one) => one.address);
  const near = suggestion(wanted, addresses);
  return near ? `Did you mean ${near}?` : `The state has ${listed(addresses)}.`;
}

function listed(addresses: readonly string[]): string {
  const shown = addresses.slice(0, 8).join(", ");
  return addresses.length > 8 ? `${shown} and ${addresses.length - 8} more` : shown;
}

/** What is there of some instances and of the services they need; nobody else is asked. Rejects with `Failure`. */
export async function lookAt(
  state: State,
  providers: ProviderSet,
  wanted: readonly Instance[],
): Promise<ReadonlyMap<string, Found>> {
  const instances = new Map<string, Instance>();
  for (const one of wanted) {
    instances.set(one.address, one);
    for (const address of one.dependencies) {
      const service = address.startsWith("service.") ? state.instances.get(address) : undefined;
      if (service) instances.set(address, service);
    }
  }
  const { found, diagnostics } = await refresh({ ...state, instances }, providers, false);
  if (hasErrors(diagnostics)) throw new Failure(diagnostics);
  return found;
}
