/**
 * Makes a guest's output harmless to the terminal it is shown on: text, line breaks, tabs, backspaces and colours
 * (ECMA-48 SGR) pass, everything else that a terminal would heed is left out. It comes in pieces, which may be cut
 * anywhere.
 */
export class HarmlessText {
  readonly #colour: boolean;
  readonly #decoder = new TextDecoder();
  /** The end of what was given, when that may be the start of something. */
  #carried = "";

  /** `colour`: whether colours pass. */
  constructor(colour: boolean) {
    this.#colour = colour;
  }

  pass(bytes: Uint8Array): string {
    const text = this.#carried + this.#decoder.decode(bytes, { stream: true });
    const end = endOfWhole(text);
    this.#carried = text.slice(end);
    return text
      .slice(0, end)
      .replace(SEQUENCES, (sequence) => (this.#colour && COLOURS.test(sequence) ? sequence : ""))
      .replace(CONTROLS, "");
  }

  /** To be written when nothing more comes: the terminal's own colours. */
  end(): string {
    return this.#colour ? "\x1b[0m" : "";
  }
}

/** Longer unfinished sequences are none. */
const LONGEST = 4096;

/** CSI; strings (OSC, DCS, SOS, PM, APC) to their end, or to the end of their line; everything else after an ESC. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: terminal commands are made of control characters
const SEQUENCES = /\x1b(?:\[[0-?]*[ -/]*[@-~]?|[\]PX^_][^\x07\x1b\n]*(?:\x07|\x1b\\)?|[ -/]*[0-~]?)/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
const COLOURS = /^\x1b\[[\d;:]*m$/;
/** C0 and C1 but for backspace, tab and line breaks; marks that turn the direction of what follows. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
const CONTROLS = /[\x00-\x07\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g;

/** Up to where nothing is left unfinished. */
function endOfWhole(text: string): number {
  const last = text.lastIndexOf("\x1b");
  if (last === -1 || text.length - last > LONGEST) return text.length;
  const rest = text.slice(last);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: as above
  return /^\x1b(?:\[[0-?]*[ -/]*|[\]PX^_][^\x07\n]*|[ -/]*)$/.test(rest) ? last : text.length;
}
