import { isIPv4, isIPv6 } from "node:net";

/**
 * An address as the kernel's tables write it: 32-bit words in hexadecimal, each in the host's byte order. An IPv4
 * address has both forms, since an IPv6 socket may hold it (`::ffff:127.0.0.1`); undefined where there is none.
 */
export function hexAddresses(
  address: string,
  littleEndian: boolean,
): { readonly v4: string | undefined; readonly v6: string | undefined } {
  const plain = address.split("%")[0] as string;
  const bytes = isIPv4(plain)
    ? [...mappedPrefix, ...bytesOfIPv4(plain)]
    : isIPv6(plain)
      ? bytesOfIPv6(plain)
      : undefined;
  if (!bytes) return { v4: undefined, v6: undefined };
  const words = [0, 4, 8, 12].map((start) => {
    const word = bytes.slice(start, start + 4);
    return Buffer.from(littleEndian ? word.reverse() : word)
      .toString("hex")
      .toUpperCase();
  });
  const mapped = mappedPrefix.every((byte, at) => bytes[at] === byte);
  return { v4: mapped ? words[3] : undefined, v6: words.join("") };
}

const mappedPrefix = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];

function bytesOfIPv4(address: string): number[] {
  return address.split(".").map(Number);
}

function bytesOfIPv6(address: string): number[] {
  const [head = "", tail] = address.split("::");
  const before = bytesOfGroups(head);
  if (tail === undefined) return before;
  const after = bytesOfGroups(tail);
  return [...before, ...Array.from({ length: 16 - before.length - after.length }, () => 0), ...after];
}

function bytesOfGroups(text: string): number[] {
  if (text === "") return [];
  return text.split(":").flatMap((group) => {
    if (group.includes(".")) return bytesOfIPv4(group);
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}
