import type { CommonOptions, Context, ExitCode } from "./context.ts";

export type Options = { readonly [name: string]: unknown };
export type Run = (
  context: Context,
  common: CommonOptions,
  options: Options,
  operands: readonly string[],
) => Promise<ExitCode>;

export interface Flag {
  /** As commander reads them: `--out <file>`, `-f, --follow`, `--watch [interval]`; a list of values is `<a|b>`. */
  readonly flags: string;
  readonly description: string;
  readonly repeat?: boolean;
}

/** A command of the table in commandTable.ts; its help, its reference and its completion are read off it. */
export interface CommandDescription {
  readonly name: string;
  /** `<node...>`, `[planfile]`; a list of words is `<start|stop>`. */
  readonly operands?: string;
  readonly summary: string;
  readonly example: string;
  readonly flags: readonly Flag[];
  /** What follows the first operand is not labform's to read: no word of it is taken for a flag. */
  readonly passesOn?: true;
  /** It works in no workspace, so it does not matter which is selected. */
  readonly outside?: true;
  /** More for its help, in sentences. */
  readonly note?: string;
  /** The command's module is loaded when it is called. */
  readonly load: () => Promise<{ readonly run: Run }>;
}

/** What goes before the command's name. */
export const globalFlags: readonly Flag[] = [
  { flags: "--chdir <directory>", description: "work in that directory" },
  { flags: "--workspace <workspace>", description: "work in that workspace, not in the selected one" },
];

/** What every command takes. */
export const commonFlags: readonly Flag[] = [
  { flags: "--json", description: "one JSON event a line, or one JSON document" },
  { flags: "--no-color", description: "no colour, also without a terminal's" },
  { flags: "--input <boolean>", description: "false: never ask" },
];

/** A flag taken apart. */
export interface FlagParts {
  /** Without dashes, the long one last: `f`, `follow`. */
  readonly names: readonly string[];
  /** What stands for its value: `file`, `a|b`; undefined where it takes none. */
  readonly value: string | undefined;
  /** The value may be left out. */
  readonly optional: boolean;
}

export function flagParts({ flags }: Flag): FlagParts {
  const value = /[<[]([^>\]]*)[>\]]$/.exec(flags);
  return {
    names: [...flags.matchAll(/(?:^|[ ,])--?([A-Za-z][\w-]*)/g)].map((match) => match[1] as string),
    value: value?.[1],
    optional: value?.[0].startsWith("[") === true,
  };
}

/** The names of those that must have a value. */
export function valuedFlags(flags: readonly Flag[]): ReadonlySet<string> {
  const parts = flags.map(flagParts);
  return new Set(parts.flatMap(({ names, value, optional }) => (value !== undefined && !optional ? names : [])));
}

/** As labform's users write it: `-out=<file>`, `-f, -follow`, `-watch[=<interval>]`. */
export function shownFlag(flag: Flag): string {
  const { names, value, optional } = flagParts(flag);
  const written = names.map((name) => `-${name}`).join(", ");
  if (value === undefined) return written;
  return optional ? `${written}[=<${value}>]` : `${written}=<${value}>`;
}
