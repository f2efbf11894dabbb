import { parseAddress } from "../../../src/core/addresses.ts";

/** What stands for a node and its lab in options. */
export interface Surroundings {
  readonly address: string;
  readonly uuid: string;
  /** The lab's directory, absolute. */
  readonly lab: string;
}

/** GNS3's words in options for which labform has something else. */
export const WITHOUT_COUNTERPART: ReadonlyMap<string, string> = new Map([
  ["%project-id%", 'A lab has no such id. Write what the guest is to see, as in "${lab.name}".'],
  ["%guest-cid%", "labform gives nodes no vsock number. Write one that no other guest of this host has."],
  [
    "%console-port%",
    "labform serves the console on that port itself, so QEMU cannot: it has the guest's first serial port already. A second one is aux_console.",
  ],
]);

/** GNS3's words in options, each by what it means here. Commas are doubled, since they mostly stand in option groups. */
export function substituted(word: string, { address, uuid, lab }: Surroundings): string {
  if (!word.includes("%")) return word;
  const doubled = (text: string) => text.replaceAll(",", ",,");
  return word
    .replaceAll("%vm-name%", () => doubled(nameOf(address)))
    .replaceAll("%vm-id%", uuid)
    .replaceAll("%project-path%", () => doubled(lab));
}

/** `r1`, of an instance `router-r1` */
function nameOf(address: string): string {
  const { name, key } = parseAddress(address) ?? { name: address, key: undefined };
  return key === undefined ? name : `${name}-${key}`;
}
