import type { Ports } from "../../../src/core/ports.ts";
import type { Instance } from "../../../src/core/state.ts";
import { nicName } from "../names.ts";
import { commandQemu } from "./qmp.ts";

/** Plugs the cable of a running node's adapter in or out; a node that is off is started with the right carriers. */
export async function setCarrier(
  ports: Ports,
  run: string,
  node: Instance,
  adapter: number,
  up: boolean,
): Promise<void> {
  const refusal = `The cable of adapter ${adapter} of ${node.address} could not be plugged ${up ? "in" : "out"}`;
  await commandQemu(ports, run, node, refusal, (execute) => execute("set_link", { name: nicName(adapter), up }));
}
