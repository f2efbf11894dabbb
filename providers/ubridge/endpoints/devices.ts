import type { Files } from "../../../src/core/ports.ts";
import { describeProcess, holderOf, type PortHolder, processIds } from "../../shared/portHolder.ts";

type Reading = Pick<Files, "readText" | "readLink" | "list">;

/** A network device of this host, as Linux describes it in /sys/class/net. */
export interface Device {
  readonly up: boolean;
  readonly index: number;
  /** Whether frames are Ethernet's (ARPHRD_ETHER). */
  readonly ethernet: boolean;
  /** Of a tun or tap device. */
  readonly tun: { readonly isTap: boolean; readonly multiQueue: boolean; readonly owner: number | null } | undefined;
}

const IFF_UP = 0x1;
/** Of tun_flags (Linux: include/uapi/linux/if_tun.h). */
const IFF_TAP = 0x2;
const IFF_MULTI_QUEUE = 0x100;
const ARPHRD_ETHER = 1;

/** Linux allows 15 bytes, none of them a slash, a colon or space; what begins with a dash is an option to a program. */
export function isDeviceName(name: string): boolean {
  return /^[A-Za-z0-9_][\w.@-]{0,14}$/.test(name);
}

/** Undefined when there is none of that name. */
export async function findDevice(files: Reading, name: string): Promise<Device | undefined> {
  const fact = (file: string) => files.readText(`/sys/class/net/${name}/${file}`).then(trimmed, () => undefined);
  const [flags, index, type, tunFlags, owner] = await Promise.all(
    ["flags", "ifindex", "type", "tun_flags", "owner"].map(fact),
  );
  if (flags === undefined || index === undefined) return undefined;
  return {
    up: (Number(flags) & IFF_UP) !== 0,
    index: Number(index),
    ethernet: Number(type) === ARPHRD_ETHER,
    tun:
      tunFlags === undefined
        ? undefined
        : {
            isTap: (Number(tunFlags) & IFF_TAP) !== 0,
            multiQueue: (Number(tunFlags) & IFF_MULTI_QUEUE) !== 0,
            owner: owner === undefined || owner === "-1" ? null : Number(owner),
          },
  };
}

function trimmed(text: string): string {
  return text.trim();
}

/** Names of this host's Ethernet interfaces. */
export async function deviceNames(files: Reading): Promise<readonly string[]> {
  const names = await files.list("/sys/class/net").catch(() => []);
  return names.filter((name) => name !== "lo");
}

/** Which process has a tap device open: the kernel tells of each open one which device it is. */
export async function tapHolder(files: Reading, name: string): Promise<PortHolder | undefined> {
  for (const pid of await processIds(files)) {
    for (const descriptor of await files.list(`/proc/${pid}/fdinfo`).catch(() => [])) {
      const text = await files.readText(`/proc/${pid}/fdinfo/${descriptor}`).catch(() => "");
      if (new RegExp(`^iff:\\t${escaped(name)}$`, "m").test(text)) {
        return describeProcess(files, pid);
      }
    }
  }
  return undefined;
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/** Which process receives all that arrives at an interface: another link's program, or tcpdump. */
export async function packetHolder(files: Reading, index: number): Promise<PortHolder | undefined> {
  const text = await files.readText("/proc/net/packet").catch(() => "");
  const sockets = text
    .split("\n")
    .slice(1)
    .flatMap((line) => {
      // sk RefCnt Type Proto Iface R Rmem User Inode
      const [, , type, , iface, , , uid = "", inode] = line.trim().split(/\s+/);
      return type === "3" && Number(iface) === index ? [{ inode: Number(inode), uid }] : [];
    });
  return holderOf(files, sockets);
}
