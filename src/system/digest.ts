import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import type { DigestAlgorithm } from "../core/ports.ts";

/** Large enough that the turns of the event loop cost nothing beside the hashing, small enough that others get theirs. */
const pieceBytes = 1024 * 1024;

export async function digest(path: string, algorithm: DigestAlgorithm, signal?: AbortSignal): Promise<string> {
  const handle = await open(path, "r");
  try {
    const hash = createHash(algorithm);
    const piece = Buffer.allocUnsafe(pieceBytes);
    for (;;) {
      signal?.throwIfAborted();
      const { bytesRead } = await handle.read(piece, 0, pieceBytes, null);
      if (bytesRead === 0) return hash.digest("hex");
      hash.update(piece.subarray(0, bytesRead));
    }
  } finally {
    await handle.close();
  }
}
