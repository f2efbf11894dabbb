import { createReadStream } from "node:fs";
import type { Socket } from "node:net";
import { endianness } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { isOfGuest } from "./guests.ts";
import { hexAddresses } from "./hex-addresses.ts";

/** A client's row may appear a moment after its connection: it is looked for again after these. */
const RETRY_MS = [0, 5, 20, 80];

const littleEndian = endianness() === "LE";

/** Whether the other end of a TCP connection is held, on this host, by `uid` or by root, and not for a guest. */
export async function isOwnPeer(socket: Socket, uid: number): Promise<boolean> {
  const { remoteAddress, remotePort, localAddress, localPort } = socket;
  if (!remoteAddress || !remotePort || !localAddress || !localPort) return false;
  const holderNow = () =>
    socketHolder({ address: remoteAddress, port: remotePort }, { address: localAddress, port: localPort });
  for (const wait of RETRY_MS) {
    if (wait > 0) await sleep(wait);
    if (socket.destroyed) return false;
    const holder = await holderNow();
    if (holder === undefined) continue;
    if ((holder.uid !== uid && holder.uid !== 0) || (await isOfGuest(holder))) return false;
    // One that a guest closed while it was looked for was found nowhere.
    return (await holderNow())?.inode === holder.inode;
  }
  return false;
}

interface End {
  readonly address: string;
  readonly port: number;
}

/**
 * Account and inode of the socket of this network namespace that is bound to `local` (and connected to `remote`;
 * null: listening), from /proc/net/tcp and tcp6 (proc_pid_net(5)). A row without inode is no process's any more, and
 * its uid reads 0 whoever it was: a stranger who connects, writes and closes must not pass for root, so such a row is
 * no answer.
 */
export async function socketHolder(
  local: End,
  remote: End | null,
): Promise<{ readonly uid: number; readonly inode: number } | undefined> {
  for (const [table, localAddress, remoteAddress] of [
    [
      "/proc/net/tcp",
      hexAddresses(local.address, littleEndian).v4,
      remote && hexAddresses(remote.address, littleEndian).v4,
    ],
    [
      "/proc/net/tcp6",
      hexAddresses(local.address, littleEndian).v6,
      remote && hexAddresses(remote.address, littleEndian).v6,
    ],
  ] as const) {
    if (localAddress === undefined || remoteAddress === undefined) continue;
    const from = `${localAddress}:${hexPort(local.port)}`;
    const to = remote && `${remoteAddress}:${hexPort(remote.port)}`;
    const row = await findRow(table, (fields) => {
      if (fields[1] !== from || fields[9] === "0") return false;
      return to === null ? fields[3] === LISTENING : fields[2] === to;
    });
    if (row) return { uid: Number(row[7]), inode: Number(row[9]) };
  }
  return undefined;
}

const LISTENING = "0A";

function hexPort(port: number): string {
  return port.toString(16).toUpperCase().padStart(4, "0");
}

/** Read in pieces: a busy host's table has megabytes. */
async function findRow(table: string, wanted: (fields: string[]) => boolean): Promise<string[] | undefined> {
  let rest = "";
  try {
    for await (const chunk of createReadStream(table, { encoding: "latin1" })) {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        const fields = line.trim().split(/\s+/);
        if (wanted(fields)) return fields;
      }
    }
  } catch {
    // A kernel without IPv6 has no tcp6; without its table nobody is known, and nobody is let in.
  }
  return undefined;
}
