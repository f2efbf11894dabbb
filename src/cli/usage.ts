import { listed } from "../config/names.ts";
import type { Diagnostic } from "../core/diagnostics.ts";
import { errorDiagnostic } from "../core/diagnostics.ts";
import { suggestion } from "../core/suggestion.ts";
import type { CommandDescription, Flag } from "./command.ts";
import { commonFlags, flagParts, globalFlags } from "./command.ts";

/** What commander throws, and what this page reads of it: `error: unknown option '--jsn'`. */
export interface UsageError {
  readonly code: string;
  readonly message: string;
}

/** What is wrong with a command line, and what was most likely meant. `at`: where its command's name is, -1 for none. */
export function describeUsage(
  { code, message }: UsageError,
  words: readonly string[],
  at: number,
  commands: readonly CommandDescription[],
): Diagnostic {
  const name = words[at];
  const [, quoted = ""] = /'(.*)'/s.exec(message) ?? [];
  const command = commands.find((one) => one.name === name);
  const seeHelp = command
    ? `labform help ${command.name} shows how it is called.`
    : "labform -help lists the commands.";
  if (code === "commander.unknownCommand") return noCommand(quoted, commands);
  if (code === "commander.unknownOption")
    return noFlag(quoted, command, words.slice(0, Math.max(0, at)).includes(quoted), commands);
  if (code === "commander.optionMissingArgument") {
    const [flag = ""] = quoted.split(" ").filter((word) => word.startsWith("--"));
    const [, value = "value"] = /<(.*)>/.exec(quoted) ?? [];
    return errorDiagnostic(`${singleDash(flag)} needs a value`, {
      detail: `Give it behind an equals sign: ${singleDash(flag)}=${value.toUpperCase()}. ${seeHelp}`,
    });
  }
  if (code === "commander.missingArgument") {
    const wanted = quoted.includes("|") ? `one of ${listed(quoted.split("|"))}` : `a ${quoted}`;
    return errorDiagnostic(`${name ?? "labform"} needs ${wanted}`, {
      detail: `Example: ${command?.example ?? ""}. ${seeHelp}`,
    });
  }
  if (code === "commander.excessArguments") {
    const takes = command?.operands === undefined ? "It takes none." : `It takes ${command.operands}.`;
    return errorDiagnostic(`${name ?? "labform"} was given too many words`, { detail: `${takes} ${seeHelp}` });
  }
  return errorDiagnostic("The command line is wrong", { detail: `${message.replace(/^error: /, "")}. ${seeHelp}` });
}

/** `There is no command "plna"`, with the one that was most likely meant. */
export function noCommand(name: string, commands: readonly CommandDescription[]): Diagnostic {
  const meant = suggestion(
    name,
    commands.map((one) => one.name),
  );
  const did = meant === undefined ? "" : `Did you mean "${meant}"? `;
  return errorDiagnostic(`There is no command "${name}"`, { detail: `${did}labform -help lists the commands.` });
}

function noFlag(
  given: string,
  command: CommandDescription | undefined,
  isBefore: boolean,
  commands: readonly CommandDescription[],
): Diagnostic {
  const [written = "", ...values] = given.split("=");
  const flag = singleDash(written);
  const behind = namesOf([...commonFlags, ...(command?.flags ?? [])]);
  const names = [...namesOf(globalFlags), ...(isBefore ? [] : behind)];
  const bare = flag.replace(/^-/, "");
  const whole = [flag, ...values].join("=");
  if (!command && behind.includes(bare)) {
    return errorDiagnostic(`${flag} goes behind a command's name`, {
      detail: `Write labform plan ${whole}, say. labform -help lists the commands.`,
    });
  }
  if (values.length > 0 && names.includes(bare)) {
    return errorDiagnostic(`${flag} takes no value`, { detail: `Leave out "=${values.join("=")}".` });
  }
  if (isBefore && behind.includes(bare) && command) {
    const example = `labform ${command.name} ${whole}`;
    return errorDiagnostic(`${flag} goes behind the command's name`, { detail: `Write ${example}.` });
  }
  const summary =
    command && !isBefore ? `${command.name} has no flag ${flag}` : `There is no flag ${flag} before the command's name`;
  const meant = suggestion(bare, names);
  const others = isBefore ? [] : commands.filter((one) => namesOf(one.flags).includes(bare)).map((one) => one.name);
  const hint =
    others.length > 0 ? `It is one of ${listed(others)}. ` : meant !== undefined ? `Did you mean -${meant}? ` : "";
  const seeHelp =
    command && !isBefore ? `labform help ${command.name} lists its flags.` : "labform -help lists what there is.";
  return errorDiagnostic(summary, { detail: hint + seeHelp });
}

function namesOf(flags: readonly Flag[]): readonly string[] {
  return flags.flatMap((flag) => flagParts(flag).names);
}

function singleDash(flag: string): string {
  return flag.replace(/^--/, "-");
}
