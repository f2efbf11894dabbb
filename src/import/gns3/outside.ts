import { written } from "./blocks.ts";
import type { Entry } from "./ledger.ts";
import type { Gns3Node } from "./project.ts";

/** What a link may end at outside the nodes, by the number of the port in GNS3. */
export interface Outside {
  /** Undefined where the port has no counterpart; it is then accounted for. */
  expressionAt(port: number): string | undefined;
}

/** A NAT node: each of its links has a network of its own behind the host's address. */
export function natNode({ entry, properties }: Gns3Node): Outside {
  for (const key of ["ports_mapping", "ports"]) {
    for (const port of properties.items(key))
      tell(port, "GNS3 joins it to a bridge of its host; { nat = {} } needs none.");
  }
  properties.apart("usage", "It tells how a NAT node is used.");
  accountForLook(entry);
  return { expressionAt: () => "{ nat = {} }" };
}

/** A cloud: interfaces of the host and UDP tunnels. */
export function cloudNode({ entry, properties }: Gns3Node, isLinked: (port: number) => boolean): Outside {
  const ports = properties.items("ports_mapping");
  const expressions = new Map<number, string>();
  for (const [at, port] of ports.entries()) {
    const number = port.get("port_number");
    const own = typeof number === "number" ? number : at;
    if (isLinked(own)) {
      const expression = expressionOf(port);
      if (expression !== undefined) expressions.set(own, expression);
    } else tell(port, "Nothing is connected to it.");
    port.finish();
  }
  for (const one of properties.items("interfaces")) tell(one, "It lists what GNS3's host had.");
  for (const key of properties.keys()) {
    if (key.startsWith("remote_console_")) {
      const none = ["none", null, "", 23, "/"].includes(properties.get(key) as string);
      if (none) properties.leftOut(key, "It is GNS3's default.");
      else properties.lost(key, "labform shows consoles of its own nodes only.");
    }
  }
  properties.apart("usage", "It tells how a cloud is used.");
  accountForLook(entry);
  return { expressionAt: (port) => expressions.get(port) };
}

function expressionOf(port: Entry): string | undefined {
  const type = port.text("type");
  const name = port.text("interface");
  port.apart("name", "It is what GNS3 calls the port.");
  port.taken("port_number", "the endpoint of its link");
  if (type === "udp") {
    const [local, host, remote] = [port.get("lport"), port.get("rhost"), port.get("rport")];
    for (const key of ["lport", "rhost", "rport", "type"]) port.taken(key, "{ udp = { … } } of its link");
    return `{ udp = ${written({ local_port: local ?? 0, remote_host: host ?? "127.0.0.1", remote_port: remote ?? 0 })} }`;
  }
  if ((type === "tap" || type === "ethernet") && name !== undefined) {
    const key = type === "tap" ? "tap" : "interface";
    for (const one of ["interface", "type"]) port.taken(one, `{ ${key} = … } of its link`);
    return `{ ${key} = ${written(name)} }`;
  }
  for (const one of port.keys()) port.lost(one, "labform knows no such port of a cloud.");
  return undefined;
}

/** The whole piece in one line. */
function tell(piece: Entry, why: string): void {
  piece.ledger.tell({ owner: piece.owner, path: piece.path, value: piece.text("name") ?? null, outcome: "apart", why });
  for (const key of piece.keys()) piece.apart(key, why);
}

/** What says how something that is no node of a lab is shown and named. */
export function accountForLook(entry: Entry): void {
  for (const key of ["port_name_format", "port_segment_size", "first_port_name"]) {
    entry.apart(key, "Its ports are named one by one.");
  }
  for (const key of ["console", "console_type", "aux", "aux_type"]) entry.apart(key, "It needs no console in labform.");
}
