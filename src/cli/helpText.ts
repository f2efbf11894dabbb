import { displayWidth, padEnd, wrap } from "../ui/text.ts";
import type { CommandDescription, Flag } from "./command.ts";
import { commonFlags, globalFlags, shownFlag } from "./command.ts";

/** Wider, the eye loses the line; also where the output has no width of its own. */
const WIDEST = 100;

const helpFlags: readonly Flag[] = [{ flags: "-h, --help", description: "show the help" }];
const versionFlags: readonly Flag[] = [{ flags: "--version", description: "as the command version" }];

/** What `labform help` shows: the commands, and what goes before them. */
export function overview(commands: readonly CommandDescription[], columns: number | undefined): string {
  const width = widthOf(columns);
  return [
    "Usage: labform [-chdir=DIR] COMMAND [flags]",
    "",
    ...wrap("Network labs as code: QEMU nodes and links, planned, applied and destroyed from lab files.", width),
    "",
    "Commands:",
    ...listing(
      commands.map(({ name, summary }) => [name, summary]),
      width,
    ),
    "",
    "Flags before the command:",
    ...flagListing([...globalFlags, ...helpFlags, ...versionFlags], width),
    "",
    "labform help COMMAND tells more. Flags take one dash or two.",
    "",
  ].join("\n");
}

/** What `labform help COMMAND` shows: its operands and flags, and an example. */
export function commandHelp(command: CommandDescription, columns: number | undefined): string {
  const { name, operands, summary, example, flags, note } = command;
  const width = widthOf(columns);
  const usage = ["labform [-chdir=DIR]", name, "[flags]", ...(operands === undefined ? [] : [operands])].join(" ");
  return [
    `Usage: ${usage}`,
    "",
    ...wrap(`${summary[0]?.toUpperCase() ?? ""}${summary.slice(1)}.`, width),
    ...(note === undefined ? [] : ["", ...wrap(note, width)]),
    ...(flags.length === 0 ? [] : ["", "Flags:", ...flagListing(flags, width)]),
    "",
    "Flags of every command:",
    ...flagListing([...commonFlags, ...helpFlags], width),
    "",
    "Example:",
    `  ${example}`,
    "",
  ].join("\n");
}

function widthOf(columns: number | undefined): number {
  return Math.min(WIDEST, Math.max(40, columns ?? WIDEST));
}

function flagListing(flags: readonly Flag[], width: number): readonly string[] {
  return listing(
    flags.map((flag) => [shownFlag(flag), flag.description]),
    width,
  );
}

/** Terms in a column and what they mean beside them; below, where a term is too long for its column. */
function listing(rows: readonly (readonly [term: string, meaning: string])[], width: number): readonly string[] {
  const column = Math.min(Math.floor(width / 3), Math.max(...rows.map(([term]) => displayWidth(term))));
  const indent = " ".repeat(column + 4);
  return rows.flatMap(([term, meaning]) => {
    const [first = "", ...rest] = wrap(meaning, width - column - 4);
    const below = rest.map((line) => indent + line);
    return displayWidth(term) > column
      ? [`  ${term}`, indent + first, ...below]
      : [`  ${padEnd(term, column)}  ${first}`, ...below];
  });
}
