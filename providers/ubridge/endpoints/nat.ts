import type { Diagnostic } from "../../../src/core/diagnostics.ts";
import { errorDiagnostic, warningDiagnostic } from "../../../src/core/diagnostics.ts";
import type { Json, Path } from "../../../src/core/values.ts";
import type { CheckTools } from "./check.ts";
import type { Endpoint } from "./endpoint.ts";
import { holderOfPort } from "./ports.ts";
import { FORWARD } from "./schema.ts";
import { filled } from "./shape.ts";

/** The world as this host reaches it, through passt. */
export interface Nat {
  readonly kind: "nat";
  readonly forward: readonly Forward[];
}

/** A port of this host that leads to one of the guest. */
export interface Forward {
  readonly protocol: "tcp" | "udp";
  readonly host: string;
  readonly hostPort: number;
  readonly guestPort: number;
}

export function readNat(value: Json): Nat {
  const { forward } = value as { readonly forward?: readonly Json[] | null };
  return {
    kind: "nat",
    forward: (forward ?? []).map((one) => {
      const { protocol, host, host_port: hostPort, guest_port: guestPort } = filled(one, FORWARD);
      return {
        protocol: protocol === "udp" ? "udp" : "tcp",
        host: String(host),
        hostPort: Number(hostPort),
        guestPort: Number(guestPort),
      };
    }),
  };
}

/** Ports that another link of the lab forwards. `others`: what is planned of them, by address. */
export function checkTaken(
  nat: Endpoint,
  path: Path,
  others: ReadonlyMap<string, readonly Endpoint[]>,
): readonly Diagnostic[] {
  return forwardsOf(nat).flatMap((one, at) => {
    const other = [...others].find(([, ends]) => ends.flatMap(forwardsOf).some((theirs) => clashes(one, theirs)));
    if (!other) return [];
    const detail = "A port of the host leads to one guest. Give one of them another host_port.";
    const summary = `Port ${one.hostPort} of this host is also forwarded by ${other[0]}`;
    return [errorDiagnostic(summary, { detail, path: [...path, "forward", at, "host_port"] })];
  });
}

function forwardsOf(endpoint: Endpoint): readonly Forward[] {
  return endpoint.kind === "nat" ? endpoint.forward : [];
}

/** Whether the host cannot listen for both; 0.0.0.0 is each of its addresses. */
function clashes(one: Forward, other: Forward): boolean {
  return (
    one.protocol === other.protocol &&
    one.hostPort === other.hostPort &&
    (one.host === other.host || one.host === "0.0.0.0" || other.host === "0.0.0.0")
  );
}

export async function checkNat({ forward }: Nat, path: Path, tools: CheckTools): Promise<readonly Diagnostic[]> {
  const { engine } = tools;
  if (engine === "ubridge") {
    const detail =
      'passt speaks a framing that uBridge does not. Take engine = "builtin" in the provider block, or a tap with a NAT of the host.';
    return [errorDiagnostic("uBridge has no nat", { detail, path })];
  }
  const found: Diagnostic[] = tools.of === "network" ? await checkQemu(path, tools) : await checkPasst(path, tools);
  for (const [at, one] of forward.entries()) {
    found.push(...(await checkForward(one, forward.slice(0, at), [...path, "forward", at], tools)));
  }
  return found;
}

async function checkQemu(path: Path, { ports }: CheckTools): Promise<Diagnostic[]> {
  const { findQemu } = await import("./userNetwork.ts");
  if ((await findQemu(ports)) !== undefined) return [];
  const detail =
    "The nat of a network is made with one, such as qemu-system-x86_64. Install it (on Debian and Ubuntu: apt install qemu-system-x86).";
  return [errorDiagnostic("No QEMU is on PATH", { detail, path })];
}

async function checkPasst(path: Path, tools: CheckTools): Promise<Diagnostic[]> {
  const found: Diagnostic[] = [];
  if ((await tools.ports.processes.find("passt")) === undefined) {
    const detail =
      "It is what nat is made with. Install it (on Debian and Ubuntu: apt install passt), or take a user_network in the node's adapter block.";
    found.push(errorDiagnostic("passt is not on PATH", { detail, path, subject: "passt" }));
  }
  if (!(await hasDefaultRoute(tools))) {
    const detail = "There is no default route in /proc/net/route, and passt of before 2024 ends at once without one.";
    found.push(warningDiagnostic("This host has no way to the world that nat could use", { detail, path }));
  }
  return found;
}

async function checkForward(
  one: Forward,
  earlier: readonly Forward[],
  path: Path,
  tools: CheckTools,
): Promise<readonly Diagnostic[]> {
  const { protocol, host, hostPort, guestPort } = one;
  const at = (name: string): Path => [...path, name];
  const octets = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(host)?.slice(1);
  if (!octets?.every((octet) => Number(octet) <= 255)) {
    const detail = "It must be an IPv4 address of this host, such as 127.0.0.1; 0.0.0.0 stands for all of them.";
    return [errorDiagnostic(`host is ${JSON.stringify(host)}`, { detail, path: at("host") })];
  }
  const found: Diagnostic[] = [];
  const clash = earlier.find((other) => clashes(other, one));
  if (clash) {
    const detail = `It leads to port ${clash.guestPort} and to port ${guestPort} of the guest. Give one of them another.`;
    found.push(errorDiagnostic(`host_port ${hostPort} is used twice`, { detail, path: at("host_port") }));
  }
  if (octets[0] !== "127") {
    const detail = `Whoever reaches ${host === "0.0.0.0" ? "this host" : host} reaches the guest's port.`;
    found.push(
      warningDiagnostic(`Port ${guestPort} of the guest is forwarded from ${host}, not from loopback`, {
        detail,
        path: at("host"),
      }),
    );
  }
  if (hostPort < 1024 && tools.ports.host.uid !== 0) {
    const detail = "Accounts other than root may not listen on ports below 1024, unless the host was told otherwise.";
    found.push(warningDiagnostic(`host_port ${hostPort} may need a right`, { detail, path: at("host_port") }));
  }
  const holder = tools.isNew ? await holderOfPort(tools, protocol, hostPort) : undefined;
  if (holder !== undefined) {
    const detail = `It is held by ${holder}. End that, or choose another host_port.`;
    const name = protocol === "tcp" ? "TCP" : "UDP";
    found.push(errorDiagnostic(`${name} port ${hostPort} of this host is in use`, { detail, path: at("host_port") }));
  }
  return found;
}

/** Destination and mask are nothing (Linux: the columns Destination and Mask of /proc/net/route). */
async function hasDefaultRoute({ ports }: CheckTools): Promise<boolean> {
  const table = await ports.files.readText("/proc/net/route").catch(() => "");
  return table.split("\n").some((line) => {
    const fields = line.split("\t");
    return fields[1] === "00000000" && fields[7] === "00000000";
  });
}
