/** MAC addresses as numbers of 48 bits, which a JavaScript number holds exactly. */

/** Undefined when `text` is no MAC address: `02:00:5e:10:00:01`, with colons or dashes, or `0200.5e10.0001`. */
export function parseMac(text: string): number | undefined {
  const separated = /^[0-9a-f]{2}([:-])[0-9a-f]{2}(?:\1[0-9a-f]{2}){4}$/i.test(text);
  if (!separated && !/^[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4}$/i.test(text)) return undefined;
  return Number.parseInt(text.replace(/[:.-]/g, ""), 16);
}

export function formatMac(mac: number): string {
  const digits = mac.toString(16).padStart(12, "0");
  return digits.replace(/(..)(?=.)/g, "$1:");
}

/** The lowest bit of the first octet marks groups: no adapter may have such an address (IEEE 802, 8.2). */
export function isGroupMac(mac: number): boolean {
  return Math.floor(mac / 2 ** 40) % 2 === 1;
}

/**
 * The base of a node without a `mac_address`: locally administered, unicast, with 38 bits of the UUID, so the same
 * wherever the UUID is. The last octet is 0: nodes of up to 256 adapters cannot overlap by half.
 */
export function macFromUuid(uuid: string): number {
  const digits = uuid.replaceAll("-", "");
  const first = (Number.parseInt(digits.slice(22, 24), 16) & 0xfc) | 0x02;
  return first * 2 ** 40 + Number.parseInt(digits.slice(24, 32), 16) * 2 ** 8;
}

/** A UUID of version 8 (RFC 9562, 5.8: contents are the maker's own) from the first digits of a hash. */
export function uuidFromSeed(seed: string): string {
  const variant = ((Number.parseInt(seed.slice(15, 16), 16) & 0x3) | 0x8).toString(16);
  return [
    seed.slice(0, 8),
    seed.slice(8, 12),
    `8${seed.slice(12, 15)}`,
    `${variant}${seed.slice(16, 19)}`,
    seed.slice(19, 31),
  ].join("-");
}
