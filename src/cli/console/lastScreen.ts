const LF = 10;

/**
 * The last lines of `bytes` that fill at most `rows` rows of `columns` cells. Bytes count as cells, escape sequences
 * and control characters do not: text of other scripts comes out shorter, never longer than asked for.
 */
export function lastScreen(bytes: Buffer, rows: number, columns: number): Buffer {
  let start = bytes.length;
  let end = bytes.length;
  let left = rows;
  for (;;) {
    const before = end === 0 ? -1 : bytes.lastIndexOf(LF, end - 1);
    left -= Math.max(1, Math.ceil(widthOf(bytes.toString("latin1", before + 1, end)) / columns));
    if (left < 0) return bytes.subarray(start);
    if (before === -1) return bytes;
    start = before + 1;
    end = before;
  }
}

function widthOf(line: string): number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: terminal commands are made of control characters
  return line.replace(/\x1b(?:\[[0-?]*[ -/]*[@-~]|[@-Z\\-_])|[\x00-\x1f]/g, "").length;
}
