import { errorDiagnostic, fail } from "../../src/core/diagnostics.ts";
import type { Carried, OperationContext } from "../../src/core/provider.ts";
import { ServiceLost } from "../../src/core/provider.ts";
import type { Instance } from "../../src/core/state.ts";
import type { World, WorldHub, WorldLink } from "./world.ts";
import { hubName } from "./world.ts";

export function wireLink(world: World, context: OperationContext): Promise<Instance> {
  return plug(world, context, true);
}

export function unwireLink(world: World, context: OperationContext): Promise<Instance> {
  return plug(world, context, false);
}

async function plug(world: World, context: OperationContext, up: boolean): Promise<Instance> {
  const { instance, wanted, attachments } = context;
  if (up) {
    const name = String(wanted.hub);
    const hub = world.hubs.get(name);
    if (hub?.run.phase !== "running") fail(`The hub ${name} does not run`, { address: instance.address });
    refuseHanging(name, hub);
    connect(world, name, hub, { instance: { ...instance, attributes: wanted }, attachments });
  } else {
    disconnect(world, instance);
  }
  for (const [end, attachment] of attachments.entries()) {
    await attachment?.setCarrier(up && (context.carriers[end] ?? true));
  }
  return up ? { ...instance, attributes: wanted } : instance;
}

function refuseHanging(name: string, hub: WorldHub): void {
  if (!hub.hangs) return;
  throw new ServiceLost(`service.hub["${name}"]`, errorDiagnostic(`The hub ${name} hangs`));
}

function connect(world: World, name: string, hub: WorldHub, { instance, attachments }: Carried): void {
  const ends = attachments.map((attachment) => {
    const [node = "", index = ""] = attachment?.adapter.split("/") ?? [];
    const there = world.nodes.get(node);
    if (!attachment || !there || Number(index) >= there.adapters) {
      fail(`${instance.address} has an end that is not there`, { address: instance.address });
    }
    return attachment.adapter;
  });
  const link: WorldLink = { address: instance.address, ends, weight: instance.attributes.weight as number };
  world.putHub(name, { ...hub, links: new Map(hub.links).set(instance.id, link) });
}

function disconnect(world: World, instance: Instance): void {
  const name = String(instance.attributes.hub);
  const hub = world.hubs.get(name);
  if (!hub) return;
  const links = new Map(hub.links);
  links.delete(instance.id);
  world.putHub(name, { ...hub, links });
}

export async function updateLink(world: World, context: OperationContext): Promise<Instance> {
  const { instance, wanted, attachments, carriers } = context;
  const name = String(wanted.hub);
  const hub = world.hubs.get(name);
  const link = hub?.links.get(instance.id);
  if (!hub || !link) fail(`${instance.address} is not on the hub ${name}`, { address: instance.address });
  refuseHanging(name, hub);
  const weight = wanted.weight as number;
  world.putHub(name, { ...hub, links: new Map(hub.links).set(instance.id, { ...link, weight }) });
  for (const [end, attachment] of attachments.entries()) await attachment?.setCarrier(carriers[end] ?? true);
  return { ...instance, attributes: wanted };
}

/** Starts the hub, and puts every link on it that it carried before. */
export async function launchHub(world: World, context: OperationContext): Promise<Instance> {
  const { address, instance, wanted, token } = context;
  const name = hubName(address);
  const before = world.hubs.get(name);
  if (before && !before.hangs) throw new Error(`${address} is launched while it runs (pid ${before.run.pid})`);
  const pid = world.nextNumber();
  world.putHub(name, { run: { token, pid, phase: "spawned" }, links: new Map() });
  const launched: Instance = { ...instance, attributes: { ...wanted, pid }, private: { run: token } };
  await context.progress(launched, `runs (pid ${pid})`);
  world.putHub(name, { run: { token, pid, phase: "running" }, links: new Map() });
  for (const carried of context.carried) {
    connect(world, name, world.hubs.get(name) as WorldHub, carried);
    // Carriers are as they were: it was the hub that went away.
  }
  return launched;
}

/** The links on it, if any, are gone with it. */
export function endHub(world: World, { address, instance }: OperationContext): Instance {
  world.deleteHub(hubName(address));
  return { ...instance, attributes: { ...instance.attributes, pid: null }, private: {} };
}
