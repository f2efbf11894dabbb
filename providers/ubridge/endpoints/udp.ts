import type { Diagnostic } from "../../../src/core/diagnostics.ts";
import { errorDiagnostic } from "../../../src/core/diagnostics.ts";
import type { Json, Path } from "../../../src/core/values.ts";
import type { CheckTools } from "./check.ts";
import { holderOfPort } from "./ports.ts";

/** A frame a datagram, to and from one port of another host. */
export interface Udp {
  readonly kind: "udp";
  readonly localPort: number;
  readonly remoteHost: string;
  readonly remotePort: number;
}

export function readUdp(value: Json): Udp {
  const { local_port: local, remote_host: host, remote_port: remote } = value as { readonly [name: string]: Json };
  return { kind: "udp", localPort: Number(local), remoteHost: String(host), remotePort: Number(remote) };
}

export async function checkUdp(
  { localPort, remoteHost }: Udp,
  path: Path,
  tools: CheckTools,
): Promise<readonly Diagnostic[]> {
  if (!/^[A-Za-z0-9]([A-Za-z0-9.:-]*[A-Za-z0-9])?$/.test(remoteHost)) {
    const detail = "It must be the address or the name of a host: 192.0.2.7, lab.example.";
    return [
      errorDiagnostic(`remote_host is ${JSON.stringify(remoteHost)}`, { detail, path: [...path, "remote_host"] }),
    ];
  }
  if (!tools.isNew) return [];
  const holder = await holderOfPort(tools, "udp", localPort);
  if (holder === undefined) return [];
  const detail = `It is held by ${holder}. End that, or choose another port here and at the other end.`;
  return [errorDiagnostic(`UDP port ${localPort} of this host is in use`, { detail, path: [...path, "local_port"] })];
}
