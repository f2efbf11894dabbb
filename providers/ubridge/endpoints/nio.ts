/** An end of a link that is outside of nodes, as a bridge is told to have it. */
export interface Nio {
  readonly kind: "nio";
  /** `add_nio_udp`; its arguments come behind the bridge's name. */
  readonly command: string;
  readonly arguments: readonly string[];
  /** How `bridge show` describes it. */
  readonly description: string;
}

/** Of a program that listens on a socket of the run directory and frames as QEMU does; the built-in bridge's. */
export function streamNio(path: string): Nio {
  return { kind: "nio", command: "add_nio_stream", arguments: [path], description: path };
}

/** A frame a datagram. */
export function udpNio(localPort: number, remoteHost: string, remotePort: number): Nio {
  const words = [String(localPort), remoteHost, String(remotePort)];
  return { kind: "nio", command: "add_nio_udp", arguments: words, description: words.join(":") };
}

/** uBridge's own way to a device of the host. */
export function deviceNio(kind: "tap" | "interface", name: string): Nio {
  return {
    kind: "nio",
    command: kind === "tap" ? "add_nio_tap" : "add_nio_linux_raw",
    arguments: [name],
    description: name,
  };
}
