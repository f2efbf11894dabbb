/** The largest VLAN; 0 is no VLAN and 4095 is reserved (IEEE 802.1Q). */
const LAST_VLAN = 4094;

/** Which VLANs a port of a switch is in. */
export interface Vlans {
  /** As it was asked for: `plain`, `access 10`, `trunk 10,20-29 1`. */
  readonly words: string;
  /** Nothing was said of VLANs: the port is in VLAN 1 once another port of the switch names one. */
  readonly plain: boolean;
  /** Of frames without a tag, on the way in and out; 0 where there are none. */
  readonly untagged: number;
  /** By VLAN: 1 where its frames have a tag. Undefined where none have. */
  readonly tagged: Uint8Array | undefined;
}

/** Undefined when the words are not `plain`, `access VLAN` or `trunk VLANS [NATIVE]`. */
export function parseVlans(given: readonly string[]): Vlans | undefined {
  const [mode, list = "", native, ...more] = given;
  const words = given.join(" ");
  if (mode === "plain" && given.length === 1) return { words, plain: true, untagged: 1, tagged: undefined };
  if (mode === "access" && given.length === 2) {
    const vlan = parseVlan(list);
    return vlan === undefined ? undefined : { words, plain: false, untagged: vlan, tagged: undefined };
  }
  if (mode !== "trunk" || more.length > 0) return undefined;
  const tagged = parseList(list);
  const untagged = native === undefined ? 0 : parseVlan(native);
  if (tagged === undefined || untagged === undefined) return undefined;
  // The native VLAN is the one whose frames have no tag, whether or not it is in the list.
  tagged[untagged] = 0;
  return { words, plain: false, untagged, tagged };
}

export function isIn({ untagged, tagged }: Vlans, vlan: number): boolean {
  return untagged === vlan || tagged?.[vlan] === 1;
}

function parseList(list: string): Uint8Array | undefined {
  const tagged = new Uint8Array(LAST_VLAN + 2);
  for (const part of list.split(",")) {
    const [from = "", to = from, ...more] = part.split("-");
    const first = parseVlan(from);
    const last = parseVlan(to);
    if (first === undefined || last === undefined || first > last || more.length > 0) return undefined;
    tagged.fill(1, first, last + 1);
  }
  return tagged;
}

function parseVlan(text: string): number | undefined {
  const vlan = /^[1-9]\d{0,3}$/.test(text) ? Number(text) : Number.NaN;
  return vlan <= LAST_VLAN ? vlan : undefined;
}
