/**
 * The classic pcap format as both bridges write it (draft-ietf-opsawg-pcap): little-endian, times in microseconds, a
 * header of the file and then records, each a header and the frame.
 */
export const FILE_HEADER_BYTES = 24;
export const RECORD_HEADER_BYTES = 16;

/** Longer frames are cut in the file; their true length is noted. As uBridge has it. */
export const SNAPSHOT_BYTES = 65_535;

const MAGIC = 0xa1b2c3d4;

/** The numbers that stand for link types in a file (the registry of tcpdump.org), by libpcap's names. */
const LINK_TYPES: { readonly [name: string]: number } = {
  EN10MB: 1,
  PPP_SERIAL: 50,
  ATM_RFC1483: 100,
  C_HDLC: 104,
  FRELAY: 107,
};

/** What a file begins with. An unknown link type counts as Ethernet. */
export function fileHeader(linkType: string): Buffer {
  const header = Buffer.alloc(FILE_HEADER_BYTES);
  header.writeUInt32LE(MAGIC, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(SNAPSHOT_BYTES, 16);
  header.writeUInt32LE(LINK_TYPES[linkType] ?? (LINK_TYPES.EN10MB as number), 20);
  return header;
}

/** Whether frames of that kind can follow in the file that begins with these bytes. */
export function isHeaderOf(bytes: Uint8Array, linkType: string): boolean {
  return fileHeader(linkType).equals(bytes.subarray(0, FILE_HEADER_BYTES));
}

/** How many of these bytes, which begin with a record, are whole records; undefined where they are none. */
export function wholeRecords(bytes: Uint8Array): number | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let whole = 0;
  while (whole + RECORD_HEADER_BYTES <= bytes.length) {
    const kept = view.getUint32(whole + 8, true);
    if (kept > SNAPSHOT_BYTES) return undefined;
    const next = whole + RECORD_HEADER_BYTES + kept;
    if (next > bytes.length) break;
    whole = next;
  }
  return whole;
}
