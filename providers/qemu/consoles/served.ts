import type { Instance } from "../../../src/core/state.ts";
import type { Json } from "../../../src/core/values.ts";
import { listener } from "../attributes.ts";
import type { KeeperSight } from "../service/sight.ts";
import { LISTENERS, strangerAt } from "./listeners.ts";

/**
 * The record with its ports as they are served: one that the keeper lost shows as null, and one that an update did not
 * come to take away shows. Without a keeper the ports are as recorded, for its next start serves them again, but for one
 * that a stranger has taken meanwhile. The same object where nothing differs.
 */
export async function asServed(
  instance: Instance,
  keeper: KeeperSight,
  tools: Parameters<typeof strangerAt>[1],
): Promise<Instance> {
  const ports = await keeper.ports(instance.id);
  const isGone = ports === "unknown" && (await keeper.state()) === "gone";
  if (ports === "unknown" && !isGone) return instance;
  const changed: { [name: string]: Json } = {};
  for (const name of LISTENERS) {
    const recorded = listener(instance.attributes[name]);
    if (ports === "unknown") {
      if (recorded && (await strangerAt(recorded, tools))) changed[name] = null;
      continue;
    }
    const now = ports?.[name] ?? null;
    if (recorded && (now?.host !== recorded.host || now.port !== recorded.port)) changed[name] = null;
    if (!recorded && now) changed[name] = { host: now.host, port: now.port };
  }
  if (Object.keys(changed).length === 0) return instance;
  return { ...instance, attributes: { ...instance.attributes, ...changed } };
}
