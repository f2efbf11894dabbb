import { createHash } from "node:crypto";
import { open } from "node:fs/promises";

/** Large enough that the turns of the event loop cost nothing beside the hashing, small enough that others get theirs. */
const pieceBytes = 1024 * 1024;

export async function sha256(path: string, signal?: AbortSignal): Promise<string> {
  const handle = await open(path, "r");
  try {
    const digest = createHash("sha256");
    const piece = Buffer.allocUnsafe(pieceBytes);
    for (;;) {
      signal?.throwIfAborted();
      const { bytesRead } = await handle.read(piece, 0, pieceBytes, null);
      if (bytesRead === 0) return digest.digest("hex");
      digest.update(piece.subarray(0, bytesRead));
    }
  } finally {
    await handle.close();
  }
}
