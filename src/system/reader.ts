import { createHash } from "node:crypto";
import { closeSync, openSync, readdirSync, readSync, statSync } from "node:fs";
import type { Reader } from "../core/ports.ts";
import { kindOf } from "./files.ts";

const pieceBytes = 256 * 1024;

export const reader: Reader = {
  kind: (path) => kindOf(statSync(path)),
  read: (path, most) => {
    const pieces: Uint8Array[] = [];
    let length = 0;
    for (const piece of piecesOf(path)) {
      length += piece.length;
      if (length > most) throw tooLarge(path);
      pieces.push(Uint8Array.from(piece));
    }
    return Buffer.concat(pieces, length);
  },
  digest: (path, algorithm) => {
    const digest = createHash(algorithm);
    for (const piece of piecesOf(path)) digest.update(piece);
    return digest.digest("hex");
  },
  list: (directory) => readdirSync(directory),
};

/** Each piece is overwritten by the next one. */
function* piecesOf(path: string): Generator<Uint8Array> {
  const file = openSync(path, "r");
  try {
    const piece = Buffer.allocUnsafe(pieceBytes);
    for (;;) {
      const count = readSync(file, piece, 0, pieceBytes, null);
      if (count === 0) return;
      yield piece.subarray(0, count);
    }
  } finally {
    closeSync(file);
  }
}

function tooLarge(path: string): Error {
  return Object.assign(new Error(`EFBIG: file too large, read '${path}'`), { code: "EFBIG", syscall: "read", path });
}
