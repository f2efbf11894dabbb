import { code, table } from "./tables.ts";

interface Flag {
  readonly flags: string;
  readonly description: string;
}

interface Command {
  readonly name: string;
  readonly operands?: string;
  readonly summary: string;
  readonly example: string;
  readonly flags: readonly Flag[];
}

/** A command's usage and the flags that are its own. */
export function commandReference({ name, operands, summary, example, flags }: Command): string {
  const usage = ["labform", name, ...(operands === undefined ? [] : [operands])].join(" ");
  const own = flags.length === 0 ? [] : [flagTable(flags)];
  return [`${code(usage)}: ${summary}.`, ...own, `Example: ${code(example)}`].join("\n\n");
}

/** Each links to its own section of `page`. */
export function commandList(commands: readonly Command[], page: string): string {
  return table(
    ["command", "what it does"],
    commands.map(({ name, summary }) => [`[${code(name)}](${page}#${name})`, summary]),
  );
}

/** As users write them: one dash does for all. */
export function flagTable(flags: readonly Flag[]): string {
  return table(
    ["flag", "what it does"],
    flags.map((one) => [code(one.flags.replaceAll("--", "-")), one.description]),
  );
}
