import type { Cause } from "../../src/core/plan.ts";
import type { Live } from "../../src/core/provider.ts";
import type { Instance } from "../../src/core/state.ts";
import type { Attributes } from "../../src/core/values.ts";
import { samePlanned } from "../../src/core/values.ts";
import type { Run, World } from "./world.ts";
import { hubName } from "./world.ts";

/** What is there of an instance. Its attributes come out as the world has them, so what changed there is a difference. */
export function readInstance(world: World, instance: Instance): Live {
  if (instance.kind === "node") return readNode(world, instance);
  return instance.kind === "service" ? readHub(world, instance) : readLink(world, instance);
}

function host(summary: string): Cause {
  return { kind: "host", summary };
}

const unfinished: Cause = { kind: "unfinished", summary: "its start was cut short" };

/** The same object when nothing differs. */
function withLive(instance: Instance, attributes: Attributes, run: Run | null): Instance {
  const notes = run ? { run: run.token } : {};
  const merged = { ...instance.attributes, ...attributes };
  if (samePlanned(merged, instance.attributes) && samePlanned(notes, instance.private)) return instance;
  return { ...instance, attributes: merged, private: notes };
}

function isOurs(instance: Instance, run: Run): boolean {
  return run.token === instance.private.run || run.token === instance.pending?.token;
}

function readRun(instance: Instance, run: Run | null, ended: string): Live {
  if (!run) return { condition: "down", instance, cause: host(ended) };
  if (run.phase === "spawned") return { condition: "broken", instance, cause: unfinished };
  return { condition: "present", instance };
}

function readNode(world: World, instance: Instance): Live {
  const node = world.nodes.get(instance.id);
  if (!node) return { condition: "absent", instance, cause: host("the node is gone") };
  if (node.run && !isOurs(instance, node.run)) {
    return { condition: "broken", instance, cause: host("another process runs in its place") };
  }
  const { size, colour, note, secret, ready, adapters, serialNumber, run } = node;
  const attributes = {
    size,
    colour,
    note,
    secret,
    ready,
    adapters,
    serial_number: serialNumber,
    pid: run?.pid ?? null,
    ...(run && instance.attributes.power !== undefined ? { power: node.suspended ? "suspended" : "on" } : {}),
  };
  return readRun(withLive(instance, attributes, run), run, "its process ended");
}

function readHub(world: World, instance: Instance): Live {
  const run = world.hubs.get(hubName(instance.address))?.run ?? null;
  if (run && !isOurs(instance, run)) {
    return { condition: "broken", instance, cause: host("another process runs in its place") };
  }
  return readRun(withLive(instance, { pid: run?.pid ?? null }, run), run, "the hub is gone");
}

/** On a dead hub a link counts as present: to launch the hub is to put its links back, and one plan line says so. */
function readLink(world: World, instance: Instance): Live {
  const hub = world.hubs.get(String(instance.attributes.hub));
  if (hub?.run.phase !== "running") return { condition: "present", instance };
  const link = hub.links.get(instance.id);
  if (!link) return { condition: "absent", instance, cause: host("the hub does not have it") };
  const wanted = (instance.attributes.endpoints as readonly { readonly adapter: string }[]).map((one) => one.adapter);
  if (!samePlanned(link.ends, wanted)) {
    return { condition: "broken", instance, cause: host("the hub has it between other ends") };
  }
  return { condition: "present", instance: withLive(instance, { weight: link.weight }, null) };
}
