import { join } from "node:path";
import type { Ports } from "../../../src/core/ports.ts";
import type { Forward, Nat } from "./nat.ts";
import type { Program } from "./program.ts";
import { socketOf, type Tools } from "./tools.ts";

/*
 * The nat of a network: QEMU's user network, in a QEMU without a machine. A passt would answer for every address that
 * anybody on the network asks for, and knows one guest; this one answers for its own and gives each guest an address.
 */

/** Any will do: what they emulate is not used. */
const BINARIES = ["qemu-system-x86_64", "qemu-system-aarch64", "qemu-system-i386", "qemu-system-arm"];

/** The name of one that is on PATH. */
export async function findQemu({ processes }: Pick<Ports, "processes">): Promise<string | undefined> {
  for (const name of BINARIES) if ((await processes.find(name)) !== undefined) return name;
  return undefined;
}

export async function userNetworkOf(id: string, end: string, { forward }: Nat, tools: Tools): Promise<Program> {
  const { ports, host } = tools;
  const socket = socketOf(id, end);
  // It would listen there, and be found before it does.
  await ports.files.remove(join(host.run, socket));
  return {
    end,
    name: (await findQemu(ports)) ?? (BINARIES[0] as string),
    purpose: "nat",
    arguments: [
      ...["-machine", "none", "-nodefaults", "-no-user-config", "-display", "none"],
      ...["-netdev", ["user", "id=world", "ipv6=off", ...forward.map(forwardOption)].join(",")],
      ...["-netdev", `stream,id=port,server=on,addr.type=unix,addr.path=${socket}`],
      ...["-netdev", "hubport,hubid=0,id=toWorld,netdev=world", "-netdev", "hubport,hubid=0,id=toPort,netdev=port"],
    ],
    serves: async () => {
      const stat = await ports.files.stat(join(host.run, socket)).catch(() => undefined);
      return stat !== undefined;
    },
  };
}

/** It leads to the first guest that asks for an address. */
function forwardOption({ protocol, host, hostPort, guestPort }: Forward): string {
  return `hostfwd=${protocol}:${host}:${hostPort}-:${guestPort}`;
}
