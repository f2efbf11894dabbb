/** What stands in a short name as it is; everything else of a long one becomes an underscore. */
const SHORT = /[^A-Z0-9!#$%&'()@^_`{}~-]/g;
/** Characters of a long name in one directory entry, and where in it. */
const PIECE = 13;
const PLACES = [1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30];

/** What is wrong with a name for a file on a FAT disk, as the end of a sentence; undefined when nothing is. */
export function whyNoFatName(name: string): string | undefined {
  if (name === "") return "it is empty";
  if (name.length > 255) return `it has ${name.length} characters, and 255 are allowed`;
  if (name.includes("/") || name.includes("\\")) return "there are no directories on the disk";
  if (!/^[ -~]*$/.test(name)) return "only ASCII characters can be printed on every guest";
  const odd = /["*:<>?|]/.exec(name)?.[0];
  if (odd !== undefined) return `FAT has no ${odd} in names`;
  if (/^[. ]|[. ]$/.test(name)) return "FAT drops dots and spaces at the ends of names";
  return undefined;
}

/** The eleven characters that each file has besides its name; no two files have the same. */
export class ShortNames {
  readonly #taken = new Set<string>();

  give(name: string): Buffer {
    const { base, extension, isExact } = shortened(name);
    const padded = (one: string) => one.padEnd(8) + extension.padEnd(3);
    let short = padded(base);
    for (let number = 1; this.#taken.has(short) || (number === 1 && !isExact); number++) {
      const tail = `~${number}`;
      short = padded(`${base.slice(0, 8 - tail.length)}${tail}`);
    }
    this.#taken.add(short);
    return Buffer.from(short, "ascii");
  }
}

function shortened(name: string) {
  const dot = name.lastIndexOf(".");
  const upper = (text: string) => text.toUpperCase().replaceAll(/[ .]/g, "").replaceAll(SHORT, "_");
  const base = upper(dot > 0 ? name.slice(0, dot) : name);
  const extension = upper(dot > 0 ? name.slice(dot + 1) : "");
  const whole = extension === "" ? base : `${base}.${extension}`;
  const isExact = base.length <= 8 && extension.length <= 3 && whole === name.toUpperCase();
  return { base: base.slice(0, 8) || "FILE", extension: extension.slice(0, 3), isExact };
}

/** The entries that stand before a file's own and say its name; none where the short name says it. */
export function longNameEntries(name: string, short: Buffer): readonly Buffer[] {
  const said = [short.toString("ascii", 0, 8), short.toString("ascii", 8)].map((part) => part.trimEnd());
  if (said.filter((part) => part !== "").join(".") === name) return [];
  const count = Math.ceil(name.length / PIECE);
  const entries = Array.from({ length: count }, (_, at) => {
    const entry = Buffer.alloc(32);
    entry[0] = at + 1 + (at + 1 === count ? 0x40 : 0);
    entry[11] = 0x0f;
    entry[13] = checksum(short);
    for (const [place, byte] of PLACES.entries()) {
      const character = at * PIECE + place;
      // A zero ends a name that does not fill its last entry; what is behind it is filled with ones.
      const code = character < name.length ? name.charCodeAt(character) : character === name.length ? 0 : 0xffff;
      entry.writeUInt16LE(code, byte);
    }
    return entry;
  });
  return entries.reverse();
}

function checksum(short: Buffer): number {
  return short.reduce((sum, byte) => (((sum & 1) << 7) + (sum >> 1) + byte) & 0xff, 0);
}
