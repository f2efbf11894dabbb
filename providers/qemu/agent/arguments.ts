import { isX86Platform } from "../accelerator.ts";
import type { NodeAttributes } from "../attributes.ts";
import { agentSocket } from "../names.ts";
import { agentPlace, pciRoot } from "../pci.ts";

/** The name by which the agent finds its port in the guest. */
const PORT = "org.qemu.guest_agent.0";

/** What the binary must be able to emulate for it. */
export const AGENT_DEVICE = "virtserialport";

/** The guest agent's port, where the node's ready block waits for the agent. */
export function agentArguments(node: NodeAttributes): readonly string[] {
  if (!node.ready?.guest_agent) return [];
  const root = pciRoot(node.platform, node.machine);
  const place = root === undefined ? undefined : agentPlace(root, isX86Platform(node.platform));
  // Elsewhere the alias stands for what the board has: virtio-serial-ccw on s390x.
  const bus = place ? `virtio-serial-pci,id=agent,bus=${place.bus},addr=${place.address}` : "virtio-serial,id=agent";
  return [
    ...["-chardev", `socket,id=agent,path=${agentSocket(node.id)},server=on,wait=off`],
    ...["-device", bus],
    ...["-device", `${AGENT_DEVICE},bus=agent.0,chardev=agent,name=${PORT}`],
  ];
}
