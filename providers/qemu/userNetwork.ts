import type { Diagnostic } from "../../src/core/diagnostics.ts";
import { errorDiagnostic, warningDiagnostic } from "../../src/core/diagnostics.ts";
import type { Planned, PlannedAttributes } from "../../src/core/values.ts";
import { UNKNOWN } from "../../src/core/values.ts";
import type { AdapterSettings, NodeAttributes } from "./attributes.ts";

/*
 * User networks: an adapter's private network inside QEMU (its documentation, "Using the user mode network stack"),
 * with ports of the host that lead to ports of the guest.
 */

/** A port of the guest, as the label of a forward block says it: `22`, or `53/udp`. */
export interface GuestPort {
  readonly protocol: "tcp" | "udp";
  readonly port: number;
}

/** Undefined when it is no such label. */
export function parseGuestPort(label: string): GuestPort | undefined {
  const match = /^([1-9]\d{0,4})(\/udp)?$/.exec(label);
  const port = Number(match?.[1]);
  return match && port <= 65535 ? { protocol: match[2] === undefined ? "tcp" : "udp", port } : undefined;
}

/** Where the host listens for a port of the guest. */
export interface PortUse {
  /** As in `GuestPort`. */
  readonly label: string;
  readonly host: string;
  readonly port: number;
}

/** Whether the host cannot listen for both; 0.0.0.0 is each of its addresses. */
export function clashes(one: PortUse, other: PortUse): boolean {
  return (
    one.port === other.port &&
    parseGuestPort(one.label)?.protocol === parseGuestPort(other.label)?.protocol &&
    (one.host === other.host || one.host === "0.0.0.0" || other.host === "0.0.0.0")
  );
}

/** The adapters that have a user network, and so no cable. */
export function userNetworks(node: Pick<NodeAttributes, "adapter_settings">): ReadonlySet<number> {
  const settings = Object.entries(node.adapter_settings);
  return new Set(settings.filter(([, one]) => one.user_network !== null).map(([index]) => Number(index)));
}

/** QEMU's `-netdev` for it. `forward`: where the host listens, by label. IPv6 is off: QEMU 7.2 forwards none of it. */
export function userBackend(adapter: number, settings: AdapterSettings, forward: NodeAttributes["forward"]): string {
  const rules = Object.keys(settings.user_network?.forward ?? {}).flatMap((label) => {
    const guest = parseGuestPort(label);
    const listener = forward?.[label];
    if (!guest || !listener) throw new Error(`forward ${label} was not planned`);
    return [`hostfwd=${guest.protocol}:${listener.host}:${listener.port}-:${guest.port}`];
  });
  return [`user,id=n${adapter},ipv6=off`, ...rules].join(",");
}

/**
 * Where the host listens, by label: known where the port is written or was chosen before; null when nothing is
 * forwarded. `before` is what is recorded.
 */
export function planForwards(config: PlannedAttributes, before: NodeAttributes["forward"]): Planned {
  const planned: { [label: string]: Planned } = {};
  for (const { label, host, port } of writtenForwards(config)) {
    const kept = port ?? before?.[label]?.port ?? UNKNOWN;
    planned[label] = host === UNKNOWN || kept === UNKNOWN ? UNKNOWN : { host, port: kept };
  }
  return Object.keys(planned).length === 0 ? null : planned;
}

/** Whether a TCP port of the guest is reached from the host. */
export function forwardsTcp(config: PlannedAttributes, port: number): boolean {
  return writtenForwards(config).some(({ label }) => label === String(port));
}

interface WrittenForward {
  readonly adapter: string;
  readonly label: string;
  readonly host: Planned;
  /** Null where it is to be chosen. */
  readonly port: Planned;
}

function writtenForwards(config: PlannedAttributes): readonly WrittenForward[] {
  const found: WrittenForward[] = [];
  for (const [adapter, settings] of entries(config["adapter_settings"])) {
    for (const [label, forward] of entries(attribute(attribute(settings, "user_network"), "forward"))) {
      found.push({ adapter, label, host: attribute(forward, "host"), port: attribute(forward, "host_port") });
    }
  }
  return found;
}

function entries(planned: Planned | undefined): readonly (readonly [string, Planned])[] {
  if (planned === null || planned === undefined || planned === UNKNOWN || typeof planned !== "object") return [];
  return Object.entries(planned as { readonly [name: string]: Planned });
}

function attribute(planned: Planned, name: string): Planned {
  return entries(planned).find(([one]) => one === name)?.[1] ?? null;
}

/** What can be told of forwarded ports from the arguments alone. */
export function checkForwards(config: PlannedAttributes): readonly Diagnostic[] {
  const forwards = writtenForwards(config);
  return [
    ...forwards.flatMap(({ label, host, port }) => [
      ...checkLabel(label),
      ...checkHost(label, host),
      ...warnOfRight(port),
    ]),
    ...checkTwice(forwards),
  ];
}

function checkLabel(label: string): Diagnostic[] {
  if (parseGuestPort(label)) return [];
  const detail = 'The label is a port of the guest from 1 to 65535: "22" for TCP, "53/udp" for UDP.';
  return [errorDiagnostic(`forward ${JSON.stringify(label)} is no port of a guest`, { detail })];
}

/** It goes into one of QEMU's option groups, so it may hold nothing but an address. */
function checkHost(label: string, host: Planned): Diagnostic[] {
  if (typeof host !== "string") return [];
  const octets = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(host)?.slice(1);
  if (!octets?.every((octet) => Number(octet) <= 255)) {
    const detail = "It must be an IPv4 address of this host, such as 127.0.0.1; 0.0.0.0 stands for all of them.";
    return [errorDiagnostic(`host of forward ${JSON.stringify(label)} is ${JSON.stringify(host)}`, { detail })];
  }
  if (octets[0] === "127") return [];
  const detail = `Whoever reaches ${host === "0.0.0.0" ? "this host" : host} reaches the guest's port.`;
  return [warningDiagnostic(`Port ${label} of the guest is forwarded from ${host}, not from loopback`, { detail })];
}

/** Linux: ip_unprivileged_port_start, 1024 unless it was changed. */
function warnOfRight(port: Planned): Diagnostic[] {
  if (typeof port !== "number" || port >= 1024) return [];
  const detail = "Accounts other than root may not listen on ports below 1024, unless the host was told otherwise.";
  return [warningDiagnostic(`host_port ${port} may need a right`, { detail })];
}

function isKnown(forward: WrittenForward): forward is WrittenForward & PortUse {
  return typeof forward.host === "string" && typeof forward.port === "number";
}

function checkTwice(forwards: readonly WrittenForward[]): Diagnostic[] {
  const found: Diagnostic[] = [];
  forwards.forEach((one, at) => {
    const earlier = forwards.slice(0, at);
    const same = earlier.find(({ label }) => label === one.label);
    if (same) {
      const detail = `By adapter ${same.adapter} and by adapter ${one.adapter}. One way in is enough: remove one of them.`;
      found.push(errorDiagnostic(`Port ${one.label} of the guest is forwarded twice`, { detail }));
    }
    const clash = isKnown(one) ? earlier.filter(isKnown).find((other) => clashes(one, other)) : undefined;
    if (clash) {
      const detail = `It leads to port ${clash.label} and to port ${one.label} of the guest. Give one of them another host_port.`;
      found.push(errorDiagnostic(`host_port ${String(one.port)} is used twice`, { detail }));
    }
  });
  return found;
}
