/** An IP address as a number of 32 or 128 bits. */
export interface Address {
  readonly bits: 32 | 128;
  readonly number: bigint;
}

/** A network: its address with all bits after the prefix zero. */
export interface Network extends Address {
  readonly prefix: number;
}

const MAPPED = 0xffffn << 32n;

/** Undefined for what is none. An IPv4 address in an IPv6 one (`::ffff:10.0.0.1`) is the IPv4 address, as in Go. */
export function parseAddress(text: string): Address | undefined {
  const number = text.includes(":") ? parseV6(text) : undefined;
  if (number !== undefined) {
    return number >> 32n === 0xffffn ? { bits: 32, number: number & 0xffff_ffffn } : { bits: 128, number };
  }
  const short = parseV4(text);
  return short === undefined ? undefined : { bits: 32, number: short };
}

/** Four decimal numbers. Leading zeros are decimal too, as Terraform has read them from its beginnings. */
function parseV4(text: string): bigint | undefined {
  const parts = text.split(".");
  if (parts.length !== 4) return undefined;
  let number = 0n;
  for (const part of parts) {
    if (!/^\d+$/.test(part) || Number(part) > 255) return undefined;
    number = (number << 8n) | BigInt(Number(part));
  }
  return number;
}

function parseV6(text: string): bigint | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const groups = halves.map((half, at) => (half === "" ? [] : groupsOf(half, at === halves.length - 1)));
  const [before, after] = groups;
  if (!before || groups.includes(undefined)) return undefined;
  const given = before.length + (after?.length ?? 0);
  if (halves.length === 1 ? given !== 8 || text === "" : given > 7) return undefined;
  const all = after ? [...before, ...Array<number>(8 - given).fill(0), ...after] : before;
  return all.reduce((number, group) => (number << 16n) | BigInt(group), 0n);
}

/** Of 16 bits each; the last two may be written as an IPv4 address. */
function groupsOf(text: string, mayEndInV4: boolean): readonly number[] | undefined {
  const groups: number[] = [];
  const parts = text.split(":");
  for (const [at, part] of parts.entries()) {
    if (mayEndInV4 && at === parts.length - 1 && part.includes(".")) {
      const short = parseV4(part);
      if (short === undefined) return undefined;
      groups.push(Number(short >> 16n), Number(short & 0xffffn));
    } else if (/^[\da-fA-F]{1,4}$/.test(part)) groups.push(Number.parseInt(part, 16));
    else return undefined;
  }
  return groups;
}

/** `10.1.0.0/16`; bits behind the prefix may be set, and are taken away. */
export function parseNetwork(text: string): Network | undefined {
  const slash = text.indexOf("/");
  if (slash === -1) return undefined;
  const written = text.slice(0, slash);
  const length = text.slice(slash + 1);
  const address = parseAddress(written);
  if (!address || !/^\d{1,4}$/.test(length)) return undefined;
  // The prefix of `::ffff:10.0.0.0/104` counts from the front of the long form.
  const longForm = written.includes(":");
  const prefix = Number(length) - (longForm && address.bits === 32 ? 96 : 0);
  if (Number(length) > (longForm ? 128 : 32)) return undefined;
  if (prefix < 0) return network({ bits: 128, number: MAPPED | address.number }, Number(length));
  return network(address, prefix);
}

/** The network that an address is in. */
export function network({ bits, number }: Address, prefix: number): Network {
  const free = BigInt(bits - prefix);
  return { bits, number: (number >> free) << free, prefix };
}

/** The last address of a network. */
export function lastOf({ bits, number, prefix }: Network): bigint {
  return number | ((1n << BigInt(bits - prefix)) - 1n);
}

/** As Go prints it: IPv6 by RFC 5952. */
export function formatAddress({ bits, number }: Address): string {
  if (bits === 32) return [24n, 16n, 8n, 0n].map((shift) => String((number >> shift) & 0xffn)).join(".");
  const groups = Array.from({ length: 8 }, (_, at) => Number((number >> BigInt(112 - 16 * at)) & 0xffffn));
  let longest = { start: 0, length: 1 };
  for (let start = 0; start < 8; start++) {
    let length = 0;
    while (groups[start + length] === 0) length++;
    if (length > longest.length) longest = { start, length };
  }
  const text = (part: readonly number[]) => part.map((group) => group.toString(16)).join(":");
  if (longest.length < 2) return text(groups);
  return `${text(groups.slice(0, longest.start))}::${text(groups.slice(longest.start + longest.length))}`;
}

export function formatNetwork(one: Network): string {
  return `${formatAddress(one)}/${one.prefix}`;
}
