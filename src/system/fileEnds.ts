import { type FileHandle, open } from "node:fs/promises";

export async function readTail(path: string, bytes: number): Promise<string> {
  const handle = await open(path, "r");
  try {
    const { size } = await handle.stat();
    if (size <= bytes) return await handle.readFile("utf8");
    // One byte more than asked for: it tells whether the first line is whole.
    const tail = await readRange(handle, size - bytes - 1, size);
    const newline = tail.indexOf(0x0a);
    return newline === -1 ? "" : tail.toString("utf8", newline + 1);
  } finally {
    await handle.close();
  }
}

export async function readFrom(path: string, offset: number, most = Number.POSITIVE_INFINITY): Promise<Uint8Array> {
  const handle = await open(path, "r");
  try {
    const { size } = await handle.stat();
    return await readRange(handle, offset, Math.min(size, offset + most));
  } finally {
    await handle.close();
  }
}

/** Shorter when the file was cut meanwhile. */
async function readRange(handle: FileHandle, from: number, to: number): Promise<Buffer> {
  const buffer = Buffer.alloc(Math.max(0, to - from));
  let filled = 0;
  while (filled < buffer.length) {
    const { bytesRead } = await handle.read(buffer, filled, buffer.length - filled, from + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}
