/**
 * What a guest's program may have left behind and what can be put back whether or not it did: the scrolling region
 * (which moves the cursor, so that is kept), colours, character set, insert mode, cursor and its shape, line wrap,
 * reverse video, cursor and number keys, mouse and focus reports, bracketed paste (ECMA-48, DEC STD 070, xterm's
 * control sequences).
 */
const ALWAYS =
  "\x1b7\x1b[r\x1b8\x1b[0m\x1b(B\x0f\x1b[4l\x1b[?25h\x1b[0 q\x1b[?7h\x1b[?5l\x1b[?1l\x1b>\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1004l\x1b[?1005l\x1b[?1006l\x1b[?1015l\x1b[?2004l";

/** Leaving the alternate screen moves the cursor where nobody is on it, so who is must be known. */
const alternateScreens = new Set(["47", "1047", "1049"]);

/** Longer than any of the sequences that are looked for. */
const CARRIED = 32;

/** Watches a guest's output for what leaving its console has to undo on the user's screen. */
export class ScreenModes {
  #alternate: string | undefined;
  #carried = "";

  see(bytes: Uint8Array): void {
    const text = this.#carried + Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: terminal commands are made of control characters
    for (const [whole, modes, set] of text.matchAll(/\x1b\[\?([\d;]*)([hl])|\x1bc/g)) {
      if (whole === "\x1bc") this.#alternate = undefined;
      for (const mode of modes?.split(";") ?? []) {
        if (alternateScreens.has(mode)) this.#alternate = set === "h" ? mode : undefined;
      }
    }
    const last = text.lastIndexOf("\x1b");
    const tail = last === -1 ? "" : text.slice(last);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: as above
    this.#carried = tail.length <= CARRIED && /^\x1b(?:\[\??[\d;]*)?$/.test(tail) ? tail : "";
  }

  /** Puts the screen back; the cursor is at the start of a line of its own then. */
  undo(): string {
    return `${this.#alternate === undefined ? "" : `\x1b[?${this.#alternate}l`}${ALWAYS}\r\n`;
  }
}
