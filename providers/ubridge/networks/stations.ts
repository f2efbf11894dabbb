import type { Station } from "../../../src/core/provider.ts";

/** `switch mac_table NAME`: by the bridge's name of the port, who was heard there. */
export function parseStations(lines: readonly string[]): ReadonlyMap<string, readonly Station[]> {
  const found = new Map<string, Station[]>();
  for (const line of lines) {
    const [vlan, mac, port, age] = line.split(" ");
    if (mac === undefined || port === undefined) continue;
    const station = { mac, vlan: vlan === "0" ? null : Number(vlan), age_s: Number(age) };
    const others = found.get(port);
    if (others) others.push(station);
    else found.set(port, [station]);
  }
  return found;
}
