import { fail } from "../../src/core/diagnostics.ts";
import type { OperationContext } from "../../src/core/provider.ts";
import type { Instance } from "../../src/core/state.ts";
import type { Attributes } from "../../src/core/values.ts";
import type { World, WorldNode } from "./world.ts";

/*
 * Errors, not failures, are thrown where only an engine that lost track can have asked: a second process for a node, a
 * removal under a running one. Everything else may be done twice.
 */

function existing(world: World, instance: Instance): WorldNode {
  return world.nodes.get(instance.id) ?? fail(`${instance.address} is not there`, { address: instance.address });
}

/** What a live update sets. */
function liveParts(wanted: Attributes): Pick<WorldNode, "note" | "secret" | "ready" | "suspended"> {
  return {
    note: wanted.note as string | null,
    secret: wanted.secret as string | null,
    ready: wanted.ready as boolean,
    suspended: wanted.power === "suspended",
  };
}

export function prepareNode(world: World, { instance, wanted }: OperationContext): Instance {
  const before = world.nodes.get(instance.id);
  if (before?.run) throw new Error(`${instance.address} is prepared while it runs`);
  if (before && before.colour !== wanted.colour) {
    throw new Error(`${instance.address} is ${before.colour} and can only be ${String(wanted.colour)} when made anew`);
  }
  const serialNumber = before?.serialNumber ?? world.nextNumber();
  world.putNode(instance.id, {
    ...liveParts(wanted),
    address: instance.address,
    serialNumber,
    size: wanted.size as number,
    colour: wanted.colour as string,
    adapters: wanted.adapters as number,
    run: null,
    carriers: [],
  });
  return { ...instance, attributes: { ...wanted, serial_number: serialNumber, pid: null } };
}

export async function startNode(world: World, context: OperationContext): Promise<Instance> {
  const { instance, wanted, token, plugged } = context;
  const node = existing(world, instance);
  if (node.run) throw new Error(`${instance.address} is started while it runs (pid ${node.run.pid})`);
  const pid = world.nextNumber();
  world.putNode(instance.id, { ...node, run: { token, pid, phase: "spawned" }, carriers: [...plugged] });
  const attributes = { ...wanted, serial_number: node.serialNumber, pid };
  const started: Instance = { ...instance, attributes, private: { run: token } };
  await context.progress(started, `runs (pid ${pid})`);
  const spawned = existing(world, instance);
  world.putNode(instance.id, { ...spawned, ...liveParts(wanted), run: { token, pid, phase: "running" } });
  return started;
}

export function readyNode(world: World, { instance }: OperationContext): Instance {
  const node = existing(world, instance);
  if (!node.run) fail(`${instance.address} ended while it was waited for`);
  if (!node.ready && !node.suspended) {
    fail(`${instance.address} did not become ready`, { detail: "Its argument ready is false. Set it to true." });
  }
  return instance;
}

export function updateNode(world: World, { instance, wanted }: OperationContext): Instance {
  world.putNode(instance.id, { ...existing(world, instance), ...liveParts(wanted) });
  return { ...instance, attributes: wanted };
}

export function stopNode(world: World, { instance }: OperationContext): Instance {
  const node = world.nodes.get(instance.id);
  if (node?.run) world.putNode(instance.id, { ...node, run: null, carriers: [] });
  return { ...instance, attributes: { ...instance.attributes, pid: null }, private: {} };
}

export function removeNode(world: World, { instance }: OperationContext): null {
  if (world.nodes.get(instance.id)?.run) throw new Error(`${instance.address} is removed while it runs`);
  world.deleteNode(instance.id);
  return null;
}

export function setCarrier(world: World, id: string, adapter: number, up: boolean): void {
  const node = world.nodes.get(id);
  if (!node?.run || node.carriers.includes(adapter) === up) return;
  const carriers = up
    ? [...node.carriers, adapter].sort((a, b) => a - b)
    : node.carriers.filter((one) => one !== adapter);
  world.putNode(id, { ...node, carriers });
}
