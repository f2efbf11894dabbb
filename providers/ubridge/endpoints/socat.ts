import { socketsAt } from "../../shared/portHolder.ts";
import { findDevice } from "./devices.ts";
import { type Nio, udpNio } from "./nio.ts";
import type { Program } from "./program.ts";
import type { Tools } from "./tools.ts";

/*
 * socat joins a device of the host to the built-in bridge, which Node gives no way to one. Between them a frame is a
 * datagram on loopback: of what Node and socat both speak nothing else keeps a frame's bounds. UDP-SENDTO hears its one
 * peer only, and unlike a connected socket it lives on where the bridge is gone for a while.
 */

/** The largest datagram there is; a frame is no longer. */
const LARGEST = "65507";

/** The ports of loopback between the bridge and a socat. */
export type PortPair = readonly [bridge: number, program: number];

export async function socatOf(
  end: string,
  { kind, name }: { readonly kind: "tap" | "interface"; readonly name: string },
  [bridge, program]: PortPair,
  { ports }: Tools,
): Promise<Program> {
  const device = await findDevice(ports.files, name);
  return {
    end,
    name: "socat",
    purpose: kind === "tap" ? `the tap device ${name}` : `the interface ${name}`,
    arguments: [
      ...["-b", LARGEST],
      kind === "tap" ? tapAddress(name, device?.up === true) : interfaceAddress(name, device?.index ?? 0),
      `UDP4-SENDTO:127.0.0.1:${bridge},bind=127.0.0.1:${program}`,
    ],
    // The device is opened first.
    serves: async () => (await socketsAt(ports.files, "udp", program)).length > 0,
  };
}

export function socatNio([bridge, program]: PortPair): Nio {
  return udpNio(bridge, "127.0.0.1", program);
}

/** Bringing it up takes a right that opening one's own does not. */
function tapAddress(name: string, isUp: boolean): string {
  return `TUN,tun-type=tap,tun-name=${name},iff-no-pi${isUp ? "" : ",iff-up"}`;
}

/**
 * Frames for other addresses than the interface's own are received for as long as the socket lives: SOL_PACKET (263),
 * PACKET_ADD_MEMBERSHIP (1) of a struct packet_mreq with PACKET_MR_PROMISC (1), in the host's byte order.
 */
function interfaceAddress(name: string, index: number): string {
  const membership = Buffer.alloc(16);
  new Int32Array(membership.buffer, membership.byteOffset, 1)[0] = index;
  new Uint16Array(membership.buffer, membership.byteOffset + 4, 1)[0] = 1;
  return `INTERFACE:${name},setsockopt-bin=263:1:x${membership.toString("hex")}`;
}
