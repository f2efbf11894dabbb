import { formatNumber, isWhole, toBigInt } from "../../core/bigfloat.ts";
import type { Num, Value } from "../../core/values.ts";
import { BOOL, boolValue, NUMBER, STRING, stringValue } from "../../core/values.ts";
import { Fault } from "../fault.ts";
import type { FunctionDeclaration, Parameter } from "../functions.ts";
import { shortText } from "../shown.ts";
import type { Network } from "./addresses.ts";
import { formatAddress, formatNetwork, lastOf, network, parseAddress, parseNetwork } from "./addresses.ts";

const PREFIX: Parameter = { name: "prefix", type: STRING };
const NEWBITS: Parameter = { name: "newbits", type: NUMBER };

function networkOf(value: Value, argument = 0): Network | Fault {
  const text = value.raw as string;
  return (
    parseNetwork(text) ??
    new Fault(
      `${shortText(text)} is no network. Write an address, a slash and a length, such as "10.1.0.0/16"`,
      argument,
    )
  );
}

function wholeNumber(value: Value, argument: number): bigint | Fault {
  const number = value.raw as Num;
  return isWhole(number) ? toBigInt(number) : new Fault(`${shortNumber(number)} is no whole number`, argument);
}

function shortNumber(number: Num): string {
  const text = formatNumber(number);
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

/** Negative numbers count from the end. */
function cidrhost(prefix: Value, hostnum: Value): Value | Fault {
  const number = wholeNumber(hostnum, 1);
  if (number instanceof Fault) return number;
  const base = networkOf(prefix);
  if (base instanceof Fault) return base;
  const count = 1n << BigInt(base.bits - base.prefix);
  const host = number < 0n ? count + number : number;
  if (host < 0n || host >= count) {
    return new Fault(
      `${formatNetwork(base)} has ${count} addresses, and none numbered ${shortNumber(hostnum.raw as Num)}`,
      1,
    );
  }
  return stringValue(formatAddress({ bits: base.bits, number: base.number | host }));
}

function cidrnetmask(prefix: Value): Value | Fault {
  const base = networkOf(prefix);
  if (base instanceof Fault) return base;
  if (base.bits === 128) return new Fault(`${shortText(prefix.raw as string)} is of IPv6, which has no netmasks`, 0);
  return stringValue(formatAddress(network({ bits: 32, number: 0xffff_ffffn }, base.prefix)));
}

function cidrsubnet(prefix: Value, newbits: Value, netnum: Value): Value | Fault {
  const added = wholeNumber(newbits, 1);
  if (added instanceof Fault) return added;
  const number = wholeNumber(netnum, 2);
  if (number instanceof Fault) return number;
  const base = networkOf(prefix);
  if (base instanceof Fault) return base;
  const length = extended(base, added, 1);
  if (length instanceof Fault) return length;
  if (number < 0n || number >= 1n << added) {
    return new Fault(
      `${formatNetwork(base)} with ${added} more bits has ${1n << added} subnets, and none numbered ${shortNumber(netnum.raw as Num)}`,
      2,
    );
  }
  return stringValue(
    formatNetwork({ ...base, number: base.number | (number << BigInt(base.bits - length)), prefix: length }),
  );
}

/** The length of a prefix with so many more bits. */
function extended(base: Network, added: bigint, argument: number): number | Fault {
  if (added < 0n) return new Fault(`a prefix is not made shorter here, ${added} is negative`, argument);
  const length = BigInt(base.prefix) + added;
  if (length <= BigInt(base.bits)) return Number(length);
  const family = base.bits === 32 ? "IPv4" : "IPv6";
  return new Fault(
    `${base.prefix} bits of prefix and ${added} more are ${length}, and ${family} has ${base.bits}`,
    argument,
  );
}

/** One after the other in the order given, each at the next place where one of its length may begin. */
function cidrsubnets(prefix: Value, ...newbits: readonly Value[]): Value | Fault {
  const base = networkOf(prefix);
  if (base instanceof Fault) return base;
  const subnets: Value[] = [];
  let next = base.number;
  for (const [at, one] of newbits.entries()) {
    const added = wholeNumber(one, at + 1);
    if (added instanceof Fault) return added;
    if (added < 1n || added > 32n)
      return new Fault(`a subnet has from 1 to 32 more bits, not ${shortNumber(one.raw as Num)}`, at + 1);
    const length = extended(base, added, at + 1);
    if (length instanceof Fault) return length;
    const size = 1n << BigInt(base.bits - length);
    const start = ((next + size - 1n) / size) * size;
    if (start > lastOf(base)) {
      const taken = subnets.map((subnet) => subnet.raw as string).join(", ");
      return new Fault(`${formatNetwork(base)} has no room for a subnet of /${length} after ${taken}`, at + 1);
    }
    subnets.push(stringValue(formatNetwork({ bits: base.bits, number: start, prefix: length })));
    next = start + size;
  }
  return { type: { kind: "list", element: STRING }, raw: subnets, sensitive: false };
}

/** OpenTofu's: an address or a whole network. */
function cidrcontains(containing: Value, contained: Value): Value | Fault {
  const outer = networkOf(containing);
  if (outer instanceof Fault) return outer;
  const text = contained.raw as string;
  const address = parseAddress(text);
  const inner = address ? network(address, address.bits) : parseNetwork(text);
  if (!inner) return new Fault(`${shortText(text)} is neither an address nor a network`, 1);
  if (inner.bits !== outer.bits) {
    return new Fault(`${shortText(text)} and ${formatNetwork(outer)} are not both of IPv4 or both of IPv6`, 1);
  }
  return boolValue(inner.number >= outer.number && lastOf(inner) <= lastOf(outer));
}

const macAddress = /^([\da-f]{2})([:-])([\da-f]{2})\2([\da-f]{2})\2([\da-f]{2})\2([\da-f]{2})\2([\da-f]{2})$/i;

/** Labform's own: the MAC address so many after one. */
function macadd(mac: Value, n: Value): Value | Fault {
  const text = mac.raw as string;
  const match = macAddress.exec(text);
  if (!match)
    return new Fault(
      `${shortText(text)} is no MAC address. Write six pairs of hexadecimal digits, such as "52:54:00:00:00:01"`,
      0,
    );
  const added = wholeNumber(n, 1);
  if (added instanceof Fault) return added;
  const sum = BigInt(`0x${text.replace(/[:-]/g, "")}`) + added;
  if (sum < 0n || sum >= 1n << 48n) {
    return new Fault(`${text} and ${shortNumber(n.raw as Num)} go beyond the MAC addresses there are`, 1);
  }
  const digits = sum.toString(16).padStart(12, "0");
  return stringValue((digits.match(/../g) as string[]).join(":"));
}

/** Their rules are Terraform's internal/lang/funcs/cidr.go, over apparentlymart/go-cidr and Go's net. */
export const networkFunctions: readonly FunctionDeclaration[] = [
  {
    name: "cidrcontains",
    parameters: [
      { name: "containing_prefix", type: STRING },
      { name: "contained_ip_or_prefix", type: STRING },
    ],
    result: BOOL,
    call: cidrcontains,
  },
  { name: "cidrhost", parameters: [PREFIX, { name: "hostnum", type: NUMBER }], result: STRING, call: cidrhost },
  { name: "cidrnetmask", parameters: [PREFIX], result: STRING, call: cidrnetmask },
  {
    name: "cidrsubnet",
    parameters: [PREFIX, NEWBITS, { name: "netnum", type: NUMBER }],
    result: STRING,
    call: cidrsubnet,
  },
  {
    name: "cidrsubnets",
    parameters: [PREFIX],
    variadic: NEWBITS,
    result: { kind: "list", element: STRING },
    call: cidrsubnets,
  },
  {
    name: "macadd",
    parameters: [
      { name: "mac", type: STRING },
      { name: "n", type: NUMBER },
    ],
    result: STRING,
    call: macadd,
  },
];
