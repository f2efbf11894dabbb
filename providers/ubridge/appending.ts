import type { Files } from "../../src/core/ports.ts";
import { FILE_HEADER_BYTES, isHeaderOf, wholeRecords } from "./pcap.ts";

/** Read at once; any record fits. */
const PIECE_BYTES = 1024 * 1024;

/**
 * How many bytes of a file can be gone on from: a whole capture of frames of that kind, but for a last record that was
 * cut off; an empty file is one. Undefined where it holds anything else.
 */
export async function capturedBytes(files: Files, file: string, linkType: string): Promise<number | undefined> {
  const header = await files.readFrom(file, 0, FILE_HEADER_BYTES);
  if (header.length === 0) return 0;
  if (!isHeaderOf(header, linkType)) return undefined;
  for (let at = FILE_HEADER_BYTES; ; ) {
    const piece = await files.readFrom(file, at, PIECE_BYTES);
    const whole = wholeRecords(piece);
    if (whole === undefined) return undefined;
    at += whole;
    if (piece.length < PIECE_BYTES) return at;
  }
}
