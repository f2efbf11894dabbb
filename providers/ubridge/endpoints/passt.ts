import { join } from "node:path";
import type { Forward, Nat } from "./nat.ts";
import type { Program } from "./program.ts";
import { pidFileOf, socketOf, type Tools } from "./tools.ts";

/*
 * passt, the user-mode network of one guest. It frames as QEMU's stream netdev does, so the built-in bridge is to it what
 * QEMU would be. It ends with its one client: nothing of it stays where the bridge dies, or the link is taken away.
 */

/** Addresses as in QEMU's own user network, which people know. */
const ADDRESSES = ["--address", "10.0.2.15", "--netmask", "24", "--gateway", "10.0.2.2"];
/** Larger frames than guests take by default would have to be told to each of them. */
const MTU = "1500";

export async function passtOf(id: string, end: string, { forward }: Nat, { ports, host }: Tools): Promise<Program> {
  const socket = socketOf(id, end);
  const pidFile = pidFileOf(id, end);
  // What an earlier one left: it makes neither anew.
  for (const name of [socket, pidFile]) await ports.files.remove(join(host.run, name));
  return {
    end,
    name: "passt",
    purpose: "nat",
    arguments: [
      ...["--foreground", "--quiet", "--stderr", "--one-off"],
      // As root it would become nobody, who may not write in the run directory.
      ...(ports.host.uid === 0 ? ["--runas", "0:0"] : []),
      // The socket's path must be short, and passt leaves the directory once it has it; the other tells whose passt it is.
      ...["--socket", socket, "--pid", join(host.run, pidFile)],
      ...["--ipv4-only", ...ADDRESSES, "--mtu", MTU],
      ...forward.flatMap(forwardArguments),
    ],
    // Written once its socket listens; a client that tried whether it does would be its only one.
    serves: async () => {
      const stat = await ports.files.stat(join(host.run, pidFile)).catch(() => undefined);
      return stat !== undefined && stat.size > 0;
    },
  };
}

function forwardArguments({ protocol, host, hostPort, guestPort }: Forward): readonly string[] {
  const address = host === "0.0.0.0" ? "" : `${host}/`;
  return [protocol === "tcp" ? "--tcp-ports" : "--udp-ports", `${address}${hostPort}:${guestPort}`];
}
