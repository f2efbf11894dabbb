import { inflateRawSync } from "node:zlib";
import { fail } from "../../core/diagnostics.ts";

/** A file on disk, read in pieces: an archive with images in it may be larger than memory. */
export interface Pieces {
  readonly size: number;
  /** So many bytes from there, fewer at the end. */
  read(offset: number, most: number): Promise<Uint8Array>;
}

interface Member {
  readonly method: number;
  readonly packed: number;
  readonly size: number;
  readonly offset: number;
}

/** No project file and no startup script comes near it. */
const LARGEST = 64 * 1024 * 1024;
const END = 0x06054b50;
const END64 = 0x06064b50;
const LOCATOR64 = 0x07064b50;
const ENTRY = 0x02014b50;
const LOCAL = 0x04034b50;
const END_SIZE = 22;
const LONGEST_COMMENT = 0xffff;

/** The members of a zip archive by name, read off its directory; each is unpacked when it is asked for. */
export class Archive {
  readonly #pieces: Pieces;
  readonly #name: string;
  readonly #members: ReadonlyMap<string, Member>;

  private constructor(pieces: Pieces, name: string, members: ReadonlyMap<string, Member>) {
    this.#pieces = pieces;
    this.#name = name;
    this.#members = members;
  }

  static async open(name: string, pieces: Pieces): Promise<Archive> {
    const { offset, size } = await findDirectory(name, pieces);
    if (size > LARGEST) broken(name, "its directory is too long");
    return new Archive(pieces, name, membersIn(name, view(await pieces.read(offset, size))));
  }

  /** Without the entries of directories. */
  get paths(): readonly string[] {
    return [...this.#members.keys()].filter((path) => !path.endsWith("/"));
  }

  async read(path: string): Promise<Uint8Array | undefined> {
    const member = this.#members.get(path);
    if (member === undefined) return undefined;
    if (member.size > LARGEST || member.packed > LARGEST) broken(this.#name, `${path} in it is too large`);
    const header = view(await this.#pieces.read(member.offset, 30));
    if (header.byteLength < 30 || header.getUint32(0, true) !== LOCAL)
      broken(this.#name, `${path} is not where it should be`);
    const start = member.offset + 30 + header.getUint16(26, true) + header.getUint16(28, true);
    const packed = await this.#pieces.read(start, member.packed);
    if (packed.length < member.packed) broken(this.#name, `${path} is cut off`);
    if (member.method === 0) return packed;
    if (member.method !== 8) {
      fail(`${this.#name} is packed in a way that labform does not read`, {
        subject: `archive ${this.#name}`,
        detail: `${path} has method ${member.method}. Unpack the archive (bsdtar -xf, 7z x) and import the directory.`,
      });
    }
    try {
      return inflateRawSync(packed, { maxOutputLength: LARGEST });
    } catch (error) {
      return broken(this.#name, `${path} cannot be unpacked: ${(error as Error).message}`);
    }
  }
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function broken(name: string, why: string): never {
  return fail(`${name} is no whole zip archive`, {
    subject: `archive ${name}`,
    detail: `${why[0]?.toUpperCase()}${why.slice(1)}. GNS3 writes such an archive with File, Export portable project.`,
  });
}

/** The end record stands last, before a comment that may be long; where numbers do not fit into it, another one has them. */
async function findDirectory(
  name: string,
  pieces: Pieces,
): Promise<{ readonly offset: number; readonly size: number }> {
  const from = Math.max(0, pieces.size - END_SIZE - LONGEST_COMMENT);
  const tail = view(await pieces.read(from, pieces.size - from));
  for (let at = tail.byteLength - END_SIZE; at >= 0; at--) {
    if (tail.getUint32(at, true) !== END) continue;
    const [size, offset] = [tail.getUint32(at + 12, true), tail.getUint32(at + 16, true)];
    if (offset !== 0xffffffff && size !== 0xffffffff) return { offset, size };
    if (at < 20 || tail.getUint32(at - 20, true) !== LOCATOR64) return broken(name, "its end is cut off");
    const end = view(await pieces.read(Number(tail.getBigUint64(at - 12, true)), 56));
    if (end.byteLength < 56 || end.getUint32(0, true) !== END64) return broken(name, "its end is cut off");
    return { size: Number(end.getBigUint64(40, true)), offset: Number(end.getBigUint64(48, true)) };
  }
  return broken(name, "it has no directory");
}

function membersIn(name: string, directory: DataView): ReadonlyMap<string, Member> {
  const members = new Map<string, Member>();
  for (let at = 0; at + 46 <= directory.byteLength; ) {
    if (directory.getUint32(at, true) !== ENTRY) break;
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((field) => directory.getUint16(at + field, true));
    const end = at + 46 + (nameLength as number) + (extraLength as number) + (commentLength as number);
    if (end > directory.byteLength) broken(name, "its directory is cut off");
    const path = new TextDecoder().decode(new Uint8Array(directory.buffer, directory.byteOffset + at + 46, nameLength));
    const extra = new DataView(directory.buffer, directory.byteOffset + at + 46 + (nameLength as number), extraLength);
    members.set(path, { method: directory.getUint16(at + 10, true), ...sizes(directory, at, extra) });
    at = end;
  }
  return members;
}

/** What does not fit into 32 bits stands in a field of its own, in this order. */
function sizes(directory: DataView, at: number, extra: DataView): Omit<Member, "method"> {
  const wide: number[] = [];
  for (let field = 0; field + 4 <= extra.byteLength; field += 4 + extra.getUint16(field + 2, true)) {
    if (extra.getUint16(field, true) !== 1) continue;
    const length = Math.min(extra.getUint16(field + 2, true), extra.byteLength - field - 4);
    for (let one = 0; one + 8 <= length; one += 8) wide.push(Number(extra.getBigUint64(field + 4 + one, true)));
  }
  const read = (offset: number) => {
    const value = directory.getUint32(at + offset, true);
    return value === 0xffffffff ? (wide.shift() ?? value) : value;
  };
  return { size: read(24), packed: read(20), offset: read(42) };
}
