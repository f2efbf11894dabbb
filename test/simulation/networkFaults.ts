import { endsOf, portsOf } from "../../src/core/ends.ts";
import type { Instance } from "../../src/core/state.ts";
import type { Json } from "../../src/core/values.ts";
import type { Carrying } from "./programs/bridge.ts";

/** The adapters of a network whose guests are to see a carrier, whoever else is off. */
export function networkCarriers({ attributes }: Instance): readonly string[] {
  const ports = new Map(portsOf(attributes["port"]));
  return endsOf(attributes).flatMap(({ port, endpoint }) =>
    port !== null && ports.get(port)?.["suspended"] === true ? [] : [adapterOf(endpoint)],
  );
}

/** What a network's bridges should be called. */
export function networkBridges(network: Instance): readonly string[] {
  return endsOf(network.attributes).map(({ port, endpoint }) => `${network.id}/${port ?? adapterOf(endpoint)}`);
}

export function networkFaults(carrying: readonly Carrying[], networks: readonly Instance[]): readonly string[] {
  const bridges = new Map(carrying.flatMap((one) => [...one.bridges]));
  const agings = new Map(carrying.flatMap((one) => [...one.agings]));
  const faults = [...agings.keys()]
    .filter((name) => !networks.some(({ id }) => id === name))
    .map((name) => `the switch ${name} is there, and there is no such network`);
  for (const network of networks) {
    const aging = String(network.attributes["aging_s"]);
    if (agings.get(network.id) !== aging) faults.push(`${network.address} ages after ${agings.get(network.id)}`);
    const ports = new Map(portsOf(network.attributes["port"]));
    for (const [at, { port, endpoint }] of endsOf(network.attributes).entries()) {
      const name = networkBridges(network)[at] ?? "";
      const { vlan = null, delay_ms: delay = 0, suspended = false } = (port !== null && ports.get(port)) || {};
      const mode = vlan === null ? "plain" : `access ${String(vlan)}`;
      const wanted = [adapterOf(endpoint).replace("/", "."), `switch ${network.id} ${mode}`];
      const bridge = bridges.get(name);
      if (!bridge?.running || String(bridge.ends) !== String(wanted)) {
        faults.push(`${name} should be between ${String(wanted)}, and is between ${String(bridge?.ends ?? "nothing")}`);
      }
      const filters = suspended === true ? ["suspended"] : delay === 0 ? [] : [`delay_${String(delay)}`];
      if (String(bridge?.filters) !== String(filters))
        faults.push(`${name} has the filters ${String(bridge?.filters)}`);
    }
  }
  return faults;
}

function adapterOf(endpoint: unknown): string {
  return String((endpoint as { readonly adapter?: Json }).adapter);
}
