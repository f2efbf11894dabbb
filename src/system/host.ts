import { readFileSync, readlinkSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { hostname, machine, userInfo } from "node:os";
import type { Host } from "../core/ports.ts";

/** Facts that cannot change while labform runs are read once, when first asked for. */
export function createHost(): Host {
  const bootId = once(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim());
  const pidNamespace = once(() => readlinkSync("/proc/self/ns/pid"));
  const userName = once(accountName);
  const machineId = once(readMachineId);
  return {
    uid: process.getuid?.() ?? -1,
    get userName() {
      return userName();
    },
    hostName: hostname(),
    get machineId() {
      return machineId();
    },
    get bootId() {
      return bootId();
    },
    get pidNamespace() {
      return pidNamespace();
    },
    environment: process.env,
    cpu: async () => parseCpuInfo(await readFile("/proc/cpuinfo", "utf8"), machine()),
    memory: async () => parseMemoryInfo(await readFile("/proc/meminfo", "utf8")),
  };
}

function once<T>(read: () => T): () => T {
  let known: { readonly value: T } | undefined;
  return () => {
    known ??= { value: read() };
    return known.value;
  };
}

/** machine-id(5); "uninitialized" while a system boots for the first time. */
function readMachineId(): string {
  try {
    const text = readFileSync("/etc/machine-id", "utf8").trim();
    return /^[0-9a-f]{32}$/.test(text) ? text : "";
  } catch {
    return "";
  }
}

/** In a container the account may have no name. */
function accountName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.()}`;
  }
}

/** The flags are those of the first processor; x86 calls the line `flags`, arm64 `Features`. */
export function parseCpuInfo(text: string, architecture: string): Awaited<ReturnType<Host["cpu"]>> {
  const flags = /^(?:flags|Features)\s*:(.*)$/m.exec(text)?.[1]?.trim();
  return {
    architecture,
    count: Math.max(1, text.match(/^processor\s*:/gm)?.length ?? 0),
    flags: new Set(flags ? flags.split(/\s+/) : []),
  };
}

export function parseMemoryInfo(text: string): Awaited<ReturnType<Host["memory"]>> {
  return { totalBytes: memoryField(text, "MemTotal"), availableBytes: memoryField(text, "MemAvailable") };
}

/** /proc/meminfo counts in KiB, whatever its `kB` says (proc(5)). */
function memoryField(text: string, name: string): number {
  const amount = new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(text)?.[1];
  return amount === undefined ? 0 : Number(amount) * 1024;
}
