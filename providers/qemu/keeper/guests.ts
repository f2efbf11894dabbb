import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { basename } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";

/**
 * Whether a socket of this host is a guest's. A user network reaches the host's loopback at 10.0.2.2 (QEMU's
 * documentation, "Using the user mode network stack"), and what a guest opens there is held by QEMU, under its owner's
 * account. Where a QEMU of account `uid` that has a user network does not show its descriptors (one with file
 * capabilities, or another account's), the socket is a guest's unless some other process is seen to hold it.
 *
 * One that is closed meanwhile is seen nowhere: whoever asks must look afterwards whether it is still there.
 */
export async function isOfGuest({ uid, inode }: { readonly uid: number; readonly inode: number }): Promise<boolean> {
  const link = `socket:[${inode}]`;
  const others: string[] = [];
  let hasHidden = false;
  for (const pid of processes()) {
    if (!isMachine(pid)) {
      others.push(pid);
      continue;
    }
    const holds = holdsDescriptor(pid, link);
    if (holds) return true;
    if (holds === undefined && uidsOf(pid).includes(uid) && mayReachOut(pid)) hasHidden = true;
    // Consoles are not to wait for a look at hundreds of QEMUs.
    await nextTurn();
  }
  if (!hasHidden) return false;
  for (const pid of others) {
    if (holdsDescriptor(pid, link)) return false;
    await nextTurn();
  }
  return true;
}

/** A QEMU by its name, or a program that labform started, whatever its name: neither is ever a user's client. */
function isMachine(pid: string): boolean {
  return (
    QEMU.test(readText(`/proc/${pid}/comm`).trimEnd()) ||
    QEMU.test(basename(readLink(`/proc/${pid}/exe`) ?? "")) ||
    `\0${readText(`/proc/${pid}/environ`)}`.includes("\0LABFORM_TOKEN=")
  );
}

const QEMU = /^(?:qemu-|(?:qemu|kvm)$)/;

/** By its command line, which every account may read: a guest without a user network opens no socket of its host. */
function mayReachOut(pid: string): boolean {
  const words = readText(`/proc/${pid}/cmdline`).split("\0");
  const networks = words.filter((_, at) => /^--?(?:netdev|nic|net)$/.test(words[at - 1] ?? ""));
  if (networks.length === 0) return !words.includes("-nodefaults");
  return networks.some((network) => /^(?:type=)?user\b/.test(network));
}

/** Undefined where its descriptors cannot be read. */
function holdsDescriptor(pid: string, link: string): boolean | undefined {
  const directory = `/proc/${pid}/fd`;
  try {
    return readdirSync(directory).some((descriptor) => readLink(`${directory}/${descriptor}`) === link);
  } catch {
    return undefined;
  }
}

function uidsOf(pid: string): readonly number[] {
  const uids = /^Uid:\s+(.+)$/m.exec(readText(`/proc/${pid}/status`))?.[1];
  return uids?.split(/\s+/).map(Number) ?? [];
}

function processes(): readonly string[] {
  try {
    return readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}

function readLink(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}
