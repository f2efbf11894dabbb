/** ANSI's select graphic rendition (ECMA-48, 8.3.117), only the few that every terminal and log viewer knows. */
export interface Palette {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly underline: (text: string) => string;
  readonly red: (text: string) => string;
  readonly green: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly cyan: (text: string) => string;
}

const plain = (text: string) => text;

const none: Palette = {
  bold: plain,
  dim: plain,
  underline: plain,
  red: plain,
  green: plain,
  yellow: plain,
  cyan: plain,
};

const ansi: Palette = {
  bold: sequence(1, 22),
  dim: sequence(2, 22),
  underline: sequence(4, 24),
  red: sequence(31, 39),
  green: sequence(32, 39),
  yellow: sequence(33, 39),
  cyan: sequence(36, 39),
};

/** Without colour every function returns its text as it is. */
export function palette(colour: boolean): Palette {
  return colour ? ansi : none;
}

function sequence(on: number, off: number) {
  return (text: string) => (text === "" ? "" : `\u001b[${on}m${text}\u001b[${off}m`);
}
