import { Failure } from "../../core/diagnostics.ts";
import type { CommandDescription, Run } from "../command.ts";
import { commandHelp, overview } from "../helpText.ts";
import { noCommand } from "../usage.ts";

/** `help [COMMAND]`: of one of these commands, or of all. */
export function help(commands: readonly CommandDescription[]): Run {
  return async ({ stdout }, _common, _options, [name]) => {
    const command = commands.find((one) => one.name === name);
    if (name !== undefined && !command) throw new Failure(noCommand(name, commands));
    stdout.write(command ? commandHelp(command, stdout.columns) : overview(commands, stdout.columns));
    return 0;
  };
}
