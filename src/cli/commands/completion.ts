import { fail } from "../../core/diagnostics.ts";
import { suggestionText } from "../../core/suggestion.ts";
import { scripts, shells } from "../completion/scripts.ts";
import type { CommonOptions, Context, ExitCode } from "../context.ts";

/** Prints a shell's script; that its user has labform on PATH is all it needs. */
export async function run(
  { stdout }: Context,
  _common: CommonOptions,
  _options: unknown,
  [given = ""]: readonly string[],
): Promise<ExitCode> {
  const shell = shells.find((one) => one === given);
  if (shell === undefined)
    return fail(`There is no completion for "${given}"`, { detail: suggestionText(given, shells) });
  stdout.write(scripts[shell]);
  return 0;
}
