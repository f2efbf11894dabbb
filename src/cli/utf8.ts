/** Where text stops being UTF-8: a byte's offset counted from 0, and its line counted from 1. */
export interface NotUtf8 {
  readonly offset: number;
  readonly line: number;
}

/** The text with all its characters, a byte order mark included. */
export function decodeUtf8(bytes: Uint8Array): string | NotUtf8 {
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  let offset = 0;
  let line = 1;
  if (!text.includes(REPLACEMENT)) return text;
  for (const character of text) {
    // What cannot be decoded becomes a replacement character, which a file may also hold in its own right.
    if (character === REPLACEMENT && !replacementBytes.every((byte, at) => bytes[offset + at] === byte)) {
      return { offset, line };
    }
    if (character === "\n") line++;
    offset += Buffer.byteLength(character);
  }
  return text;
}

const REPLACEMENT = "\ufffd";
const replacementBytes = new TextEncoder().encode(REPLACEMENT);
