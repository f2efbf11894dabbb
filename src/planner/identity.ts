import { hash } from "node:crypto";
import { instanceAddress, parseAddress } from "../core/addresses.ts";

/**
 * What fixes a resource's identity in its guest: the same lab and address give the same MACs and UUID on every
 * machine and in every run (parity.md, row 4).
 */
export function seedOf(labIdentity: string, address: string): string {
  return hash("sha256", `${labIdentity}\0${address}`);
}

const longestSlug = 39;

/**
 * A name for files, sockets and bridges: the readable part of the address, a dash, 8 hexadecimal digits. An id stays
 * with its object when it is moved to another address, so a newcomer at the old address may find its own id taken and
 * gets the next one.
 */
export function freshId(
  labIdentity: string,
  address: string,
  taken: (id: string) => boolean,
  seed = seedOf(labIdentity, address),
): string {
  const readable = readablePart(address);
  const slug =
    readable
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, "-")
      .replaceAll(/^-+|-+$/g, "")
      .slice(0, longestSlug)
      .replace(/-+$/, "") || "x";
  for (let attempt = 0; ; attempt++) {
    const digest = attempt === 0 ? seed : seedOf(labIdentity, `${address}\0${attempt}`);
    const id = `${slug}-${digest.slice(0, 8)}`;
    if (!taken(id)) return id;
  }
}

/** Without the words that say what things are: of `module.pod["a"].node.r1` the names and keys. */
function readablePart(address: string): string {
  const parsed = parseAddress(address);
  if (!parsed) return address;
  return [...parsed.modules, parsed].map(({ name, key }) => instanceAddress(name, key)).join("-");
}
