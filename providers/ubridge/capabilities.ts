import type { Ports } from "../../src/core/ports.ts";

/** Linux capabilities that matter to a bridge, by their bit (capabilities(7)). */
const BITS = { cap_net_admin: 12n, cap_net_raw: 13n } as const;

export type Capability = keyof typeof BITS;

export type Capabilities = { readonly held: ReadonlySet<Capability> } | { readonly unknown: string };

/** What `program` would be allowed when this account starts it. */
export async function capabilitiesOf(ports: Ports, program: string): Promise<Capabilities> {
  const { files, host } = ports;
  const status = await files.readText("/proc/self/status");
  const bounding = maskOf(status, "CapBnd");
  const ambient = maskOf(status, "CapAmb");
  const restrained = /^NoNewPrivs:\s*1$/m.test(status);
  const { mode, uid } = await files.stat(program);
  if (host.uid === 0 || (uid === 0 && (mode & 0o4000) !== 0 && !restrained)) return { held: named(bounding) };
  if (restrained) return { held: named(ambient) };
  const printed = await getcap(ports, program);
  if (printed === undefined) return { unknown: "getcap is not installed (on Debian and Ubuntu: libcap2-bin)" };
  return { held: named(ambient | (bounding & fileCapabilities(printed))) };
}

function maskOf(status: string, name: string): bigint {
  const mask = new RegExp(`^${name}:\\s*([0-9a-f]+)$`, "m").exec(status)?.[1];
  return mask === undefined ? 0n : BigInt(`0x${mask}`);
}

function named(mask: bigint): ReadonlySet<Capability> {
  const names = Object.keys(BITS) as Capability[];
  return new Set(names.filter((name) => (mask & (1n << BITS[name])) !== 0n));
}

/** It is often in a directory that PATH of an ordinary account lacks. */
async function getcap({ processes }: Ports, program: string): Promise<string | undefined> {
  const path =
    (await processes.find("getcap")) ??
    (await processes.find("getcap", "/usr/sbin")) ??
    (await processes.find("getcap", "/sbin"));
  return path === undefined ? undefined : (await processes.run(path, [program], { timeoutMs: 5000 })).stdout;
}

/**
 * The capabilities a program that knows nothing of them gets to use: in its file's permitted set, with the effective
 * flag. getcap prints `FILE cap_net_admin,cap_net_raw=ep`, before libcap 2.41 `FILE = cap_net_admin,cap_net_raw+ep`.
 */
export function fileCapabilities(printed: string): bigint {
  let mask = 0n;
  for (const [, names = "", flags = ""] of printed.matchAll(/(\bcap_[a-z_,]+)[=+]([eip]+)/g)) {
    if (!flags.includes("e") || !flags.includes("p")) continue;
    for (const name of names.split(",")) if (name in BITS) mask |= 1n << BITS[name as Capability];
  }
  return mask;
}
