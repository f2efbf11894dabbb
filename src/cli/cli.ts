import { isAbsolute, resolve } from "node:path";
import type { Command as Program } from "commander";
import type { Diagnostic } from "../core/diagnostics.ts";
import { errorDiagnostic, Failure, fail } from "../core/diagnostics.ts";
import { findOperand, normalizeArguments, splitWords } from "./arguments.ts";
import type { CommandDescription, Options } from "./command.ts";
import { commonFlags, globalFlags, valuedFlags } from "./command.ts";
import { commands } from "./commandTable.ts";
import type { CommonOptions, Context, ExitCode } from "./context.ts";
import { parseBoolean } from "./flagValues.ts";
import { commandHelp, overview } from "./helpText.ts";
import type { VariableArgument } from "./lab.ts";
import { reporter } from "./report.ts";

/** Runs one command line and answers with the exit code. Whatever goes wrong was told on standard error by then. */
export async function main(argv: readonly string[], context: Context): Promise<number> {
  if (argv[0] === "__complete") return (await import("./completion/complete.ts")).complete(context, argv, commands);
  const { Command, CommanderError } = await import("commander");
  const extra = splitWords(context.environment.LABFORM_CLI_ARGS ?? "");
  if (!extra) {
    context.stderr.write("Error: LABFORM_CLI_ARGS has a quote that is not closed.\n");
    return 1;
  }
  const program = new Command("labform")
    .helpCommand(false)
    .exitOverride()
    .showSuggestionAfterError(false)
    .configureHelp({ formatHelp: (command) => helpFor(command.name(), context) })
    .configureOutput({
      writeOut: (text) => context.stdout.write(text),
      writeErr: (text) => context.stderr.write(text),
      // What commander says of a wrong command line is said in describeUsage.
      outputError: () => {},
    });
  for (const flag of globalFlags) program.option(flag.flags, flag.description);
  let exitCode = 0;
  for (const description of commands) {
    const command = addCommand(program, description);
    command.action(async (...received: unknown[]) => {
      const operands = (received.slice(0, -2) as (string | string[] | undefined)[])
        .flat()
        .filter((one) => one !== undefined);
      exitCode = await runCommand(description, context, program.opts(), command.opts(), operands);
    });
  }
  const words = normalizeArguments(passOn(insertExtra(versionAsCommand(argv), extra)));
  try {
    await program.parseAsync(words, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return 0;
    if (error.code !== "commander.help") {
      const { describeUsage } = await import("./usage.ts");
      const at = findOperand(words, 0, valuedFlags(globalFlags));
      const common = { directory: "", colour: hasColour(context), json: false, input: false };
      reporter(context, common)([describeUsage(error, words, at, commands)]);
    }
    return 1;
  }
  return exitCode;
}

function helpFor(name: string, { stdout }: Context): string {
  const command = commands.find((one) => one.name === name);
  return command ? commandHelp(command, stdout.columns) : overview(commands, stdout.columns);
}

/** `labform -version`, as Terraform has it: the flag stands for the command of that name. */
function versionAsCommand(argv: readonly string[]): readonly string[] {
  if (findOperand(argv, 0, valuedFlags(globalFlags)) !== -1) return argv;
  const at = argv.findIndex((word) => /^(?:--?version|-v)$/.test(word));
  return at === -1 ? argv : [...argv.slice(0, at), "version", ...argv.slice(at + 1)];
}

function addCommand(program: Program, description: CommandDescription): Program {
  const command = program
    .command(description.operands ? `${description.name} ${description.operands}` : description.name)
    .allowExcessArguments(false);
  for (const flag of commonFlags) command.option(flag.flags, flag.description);
  const variables: VariableArgument[] = [];
  for (const flag of description.flags) {
    const name = flag.flags.split(" ")[0]?.slice(2);
    if (name === "var" || name === "var-file") {
      command.option(flag.flags, flag.description, (text: string) => {
        variables.push({ flag: name, text });
        return variables;
      });
    } else if (flag.repeat)
      command.option(flag.flags, flag.description, (value: string, all: readonly string[]) => [...all, value], []);
    else command.option(flag.flags, flag.description);
  }
  return command;
}

/** LABFORM_CLI_ARGS stand behind the command's name, before the arguments given by hand. */
function insertExtra(argv: readonly string[], extra: readonly string[]): readonly string[] {
  if (extra.length === 0) return argv;
  const at = findOperand(argv, 0, valuedFlags(globalFlags));
  return at === -1 ? argv : [...argv.slice(0, at + 1), ...extra, ...argv.slice(at + 1)];
}

/** Has the argument parser leave alone what a command passes on: `--` goes before it. */
function passOn(argv: readonly string[]): readonly string[] {
  const at = findOperand(argv, 0, valuedFlags(globalFlags));
  const command = commands.find((one) => one.name === argv[at]);
  if (!command?.passesOn) return argv;
  const first = findOperand(argv, at + 1, valuedFlags([...globalFlags, ...commonFlags, ...command.flags]));
  if (first === -1 || argv[first + 1] === "--") return argv;
  return [...argv.slice(0, first + 1), "--", ...argv.slice(first + 1)];
}

async function runCommand(
  description: CommandDescription,
  context: Context,
  globals: Options,
  options: Options,
  operands: readonly string[],
): Promise<ExitCode> {
  const { environment } = context;
  const common: CommonOptions = {
    directory: "",
    colour: options.color !== false && hasColour(context),
    json: options.json === true,
    input: false,
  };
  try {
    const directory = await labDirectory(context, typeof globals.chdir === "string" ? globals.chdir : ".");
    const { run } = await description.load();
    const asked = typeof options.input === "string" ? options.input : (environment.LABFORM_INPUT ?? "true");
    const input = parseBoolean(asked, typeof options.input === "string" ? "-input" : "LABFORM_INPUT");
    const workspace = typeof globals.workspace === "string" ? globals.workspace : undefined;
    const whole = { ...common, directory, workspace, input };
    const isOutside = description.outside === true || typeof options.lab === "string";
    const place = isOutside ? context : await (await import("./workspaces.ts")).enterWorkspace(context, whole);
    return await run(place, whole, options, operands);
  } catch (error) {
    reporter(context, common)(error instanceof Failure ? error.diagnostics : [fault(error, context)]);
    return 1;
  }
}

function hasColour({ environment, stdout }: Context): boolean {
  return stdout.isTTY && (environment.NO_COLOR ?? "") === "" && environment.TERM !== "dumb";
}

/** With links followed, so that the registry knows a directory by one name. */
async function labDirectory(context: Context, name: string): Promise<string> {
  const path = isAbsolute(name) ? name : resolve(context.workingDirectory, name);
  try {
    return await context.realPath(path);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return fail("There is no such directory", { subject: `directory ${path}`, detail: `${reason}.`, cause: error });
  }
}

/** What was thrown and is no `Failure` is a fault of labform: told as one, with its trace only where it was asked for. */
function fault(error: unknown, context: Context): Diagnostic {
  const message = error instanceof Error ? error.message : String(error);
  const trace = context.environment.LABFORM_LOG === "debug" && error instanceof Error ? `\n${error.stack ?? ""}` : "";
  return errorDiagnostic("labform met a fault of its own", {
    detail: `${message}. Nothing in your files excuses it: please report it with the command, the lab files and what LABFORM_LOG=debug shows. What was done until then is recorded; the next command goes on from there.${trace}`,
  });
}
