import { connects } from "../core/ends.ts";
import type { OperationContext } from "../core/provider.ts";
import { ServiceLost } from "../core/provider.ts";
import type { Instance } from "../core/state.ts";
import { servicesOf } from "../core/state.ts";
import { samePlanned } from "../core/values.ts";
import type { World } from "./perform.ts";
import { withoutPending } from "./working.ts";

type Services = OperationContext["services"];

/**
 * Does `act`; when a service is lost in the middle of it, has that service launched again, which carries again what
 * hung on it, and does `act` once more. Many steps may lose one service at once: it is launched once.
 */
export async function relaunched(
  world: World,
  context: OperationContext,
  act: (services: Services) => Promise<Instance | null>,
): Promise<Instance | null> {
  try {
    const result = await act(context.services);
    // Another step had a service launched meanwhile: what was done to the old one may not have been carried over.
    const services = servicesOf(context.instance, world.store.state);
    const moved = [...context.services].some(([address, before]) => !isSame(services.get(address), before));
    return moved && connects(context.instance.kind) ? await act(services) : result;
  } catch (error) {
    if (!(error instanceof ServiceLost) || !context.services.has(error.service)) throw error;
    await relaunch(error, context, world);
    return await act(servicesOf(context.instance, world.store.state));
  }
}

async function relaunch(lost: ServiceLost, context: OperationContext, world: World): Promise<void> {
  const under = world.relaunches.get(lost.service);
  if (under) return await under;
  const now = world.store.state.instances.get(lost.service);
  // Another step had it launched while this one still waited for the old one.
  const before = context.services.get(lost.service);
  if (!now || !isSame(now, before)) return;
  context.tell(`${lost.message}: it is started again, and what it carried is wired again`);
  const launching = launch(now, context, world).finally(() => world.relaunches.delete(lost.service));
  world.relaunches.set(lost.service, launching);
  await launching;
}

/** The same process of a service. */
function isSame(now: Instance | undefined, before: Instance | undefined): boolean {
  return samePlanned(now?.private ?? {}, before?.private ?? {});
}

/** A journalled step like any other: intent, act, outcome. */
async function launch(service: Instance, context: OperationContext, world: World): Promise<void> {
  const { store, topology } = world;
  const provider = await world.providers.load(service.provider);
  const token = world.random.hex(16);
  const pending = { operation: "launch" as const, token, since: new Date(world.clock.now()).toISOString() };
  const intent: Instance = { ...service, status: "creating", pending };
  await store.record({ record: "intent", instance: intent });
  const remember = async (instance: Instance, operation: "launch" | "progress") => {
    topology.set(instance);
    await store.record({ record: "outcome", operation, instance });
  };
  const result = await provider.perform("launch", {
    ...context,
    address: service.address,
    instance: intent,
    wanted: service.attributes,
    prior: service,
    token,
    attachments: [],
    carriers: [],
    plugged: new Set(),
    services: new Map(),
    carried: await topology.carried(service.address, (name) => world.providers.load(name)),
    progress: async (instance, message) => {
      await remember({ ...instance, pending }, "progress");
      if (message !== undefined) context.tell(message);
    },
  });
  await remember({ ...withoutPending(result ?? intent), status: "ok" }, "launch");
}
