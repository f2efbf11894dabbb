import type { Cause } from "../../../src/core/plan.ts";
import type { Ports } from "../../../src/core/ports.ts";
import type { HostDirectories, Live } from "../../../src/core/provider.ts";
import type { Instance } from "../../../src/core/state.ts";
import type { Json } from "../../../src/core/values.ts";
import { type Answer, differenceOf, isHalfWired, withoutFile } from "../read.ts";
import { networkPorts, type Port } from "./ports.ts";

const UNFINISHED: Cause = { kind: "unfinished", summary: "an earlier run was cut off while it wired or unwired it" };

/** What is there of a network, as the bridge answered for its ports. One port that is not right is mended alone. */
export async function judgeNetwork(
  ports: Ports,
  host: HostDirectories,
  instance: Instance,
  answer: Answer,
): Promise<Live> {
  const { pending } = instance;
  const half = isHalfWired(instance);
  if (answer.kind !== "answers") {
    return half ? { condition: "broken", instance, cause: UNFINISHED } : { condition: "present", instance };
  }
  const there = networkPorts(instance).map((port) => ({ port, shown: answer.bridges.get(port.link.id) }));
  if (there.length > 0 && there.every(({ shown }) => shown === undefined)) {
    const cause: Cause = half ? UNFINISHED : onHost("the built-in bridge does not carry it any more");
    return { condition: "absent", instance, cause };
  }
  if (half) return { condition: "broken", instance, cause: UNFINISHED };
  // One that was cut off is done once more, from whatever is there.
  if (pending?.operation === "update") return { condition: "present", instance };
  for (const { port, shown } of there) {
    const asLink = recordAsLink(instance, port);
    const wrong = shown ? differenceOf(host, asLink, "builtin", shown) : "the bridge does not have it any more";
    if (wrong !== undefined) return broken(instance, port, wrong);
    const live = await withoutFile(ports, { condition: "present", instance: asLink });
    if (live.condition !== "present") return broken(instance, port, live.cause.summary);
  }
  return { condition: "present", instance };
}

function recordAsLink(instance: Instance, { link }: Port): Instance {
  const ends = (instance.private.ports ?? {}) as { readonly [name: string]: Json };
  const attributes = link.attributes as Instance["attributes"];
  const own = ends[link.id];
  return { ...instance, ...link, attributes, private: own === undefined ? {} : { ends: own } };
}

function broken(instance: Instance, { label, link }: Port, what: string): Live {
  const name = label === null ? link.address.slice(instance.address.length + 1) : `port ${JSON.stringify(label)}`;
  return { condition: "broken", instance, cause: onHost(`${name}: ${what}`) };
}

function onHost(summary: string): Cause {
  return { kind: "host", summary };
}
