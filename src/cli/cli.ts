import { isAbsolute, resolve } from "node:path";
import type { Command as Program } from "commander";
import type { Diagnostic } from "../core/diagnostics.ts";
import { errorDiagnostic, Failure, fail } from "../core/diagnostics.ts";
import { findOperand, normalizeArguments, splitWords } from "./arguments.ts";
import type { CommandDescription, Flag, Options } from "./command.ts";
import { commonFlags, globalFlags, valuedFlags } from "./command.ts";
import type { CommonOptions, Context, ExitCode } from "./context.ts";
import { parseBoolean } from "./flagValues.ts";
import { commandHelp, overview } from "./helpText.ts";
import type { VariableArgument } from "./lab.ts";
import { reporter } from "./report.ts";

const variableFlags: readonly Flag[] = [
  { flags: "--var <name=value>", description: "set a variable; may be repeated", repeat: true },
  { flags: "--var-file <file>", description: "set variables from a file; may be repeated", repeat: true },
];
const lockFlags: readonly Flag[] = [
  { flags: "--lock-timeout <duration>", description: "wait that long for another run's lock (10s, 2m)" },
];
const planFlags: readonly Flag[] = [
  ...variableFlags,
  { flags: "--target <address>", description: "only this and what it needs; may be repeated", repeat: true },
  { flags: "--replace <address>", description: "make this instance anew; may be repeated", repeat: true },
  { flags: "--refresh <boolean>", description: "false: take the recorded state for true, look at nothing of the host" },
];
const applyFlags: readonly Flag[] = [
  { flags: "--auto-approve", description: "do not ask" },
  { flags: "--parallelism <n>", description: "steps at once (default 10)" },
  ...lockFlags,
];

type PowerCommand = "start" | "stop" | "suspend" | "resume" | "reload";

function powerCommand(name: PowerCommand, summary: string): CommandDescription {
  return {
    name,
    operands: "<node...>",
    summary,
    example: `labform ${name} r1`,
    flags: lockFlags,
    load: async () => ({ run: (await import("./commands/power.ts")).power(name) }),
  };
}

function markCommand(name: "taint" | "untaint", summary: string): CommandDescription {
  return {
    name,
    operands: "<address>",
    summary,
    example: `labform ${name} node.r1`,
    flags: lockFlags,
    load: async () => ({ run: (await import("./commands/taint.ts")).taint(name) }),
  };
}

export const commands: readonly CommandDescription[] = [
  {
    name: "validate",
    summary: "check the lab files; no host is needed",
    example: "labform validate -json",
    flags: variableFlags,
    load: () => import("./commands/validate.ts"),
  },
  {
    name: "fmt",
    operands: "[file|directory|-...]",
    summary: "write the lab files in their usual style",
    example: "labform fmt -recursive -check -diff",
    flags: [
      { flags: "--check", description: "change nothing; exit 3 when a file is not in that style" },
      { flags: "--diff", description: "show what changes in the files" },
      { flags: "--recursive", description: "also the files of the directories below" },
      { flags: "--write <boolean>", description: "false: leave the files as they are" },
      { flags: "--list <boolean>", description: "false: do not name the files that change" },
    ],
    load: () => import("./commands/fmt.ts"),
  },
  {
    name: "eval",
    operands: "<expression...>",
    summary: "show the value of an expression in the lab; no host is needed",
    example: "labform eval 'keys(node.router)'",
    flags: variableFlags,
    note: "Without lab files in the directory it is an expression by itself. What only an apply decides is (known after apply).",
    load: () => import("./commands/eval.ts"),
  },
  {
    name: "plan",
    summary: "show what apply would do; changes nothing",
    example: "labform plan -out=change.plan -detailed-exitcode",
    flags: [
      ...planFlags,
      { flags: "--out <file>", description: "save the plan for apply" },
      { flags: "--destroy", description: "plan the removal of everything" },
      { flags: "--detailed-exitcode", description: "exit 2 when there are changes" },
    ],
    load: () => import("./commands/plan.ts"),
  },
  {
    name: "apply",
    operands: "[planfile]",
    summary: "make the lab as its files say",
    example: "labform apply -auto-approve",
    flags: [...planFlags, ...applyFlags],
    load: () => import("./commands/apply.ts"),
  },
  {
    name: "destroy",
    summary: "remove everything of the lab, from its state alone",
    example: "labform destroy -auto-approve",
    flags: [
      ...variableFlags,
      { flags: "--target <address>", description: "only this and what needs it; may be repeated", repeat: true },
      ...applyFlags,
    ],
    load: () => import("./commands/destroy.ts"),
  },
  {
    name: "show",
    operands: "[planfile]",
    summary: "show the state, or a saved plan",
    example: "labform show change.plan",
    flags: [],
    load: () => import("./commands/show.ts"),
  },
  {
    name: "output",
    operands: "[name]",
    summary: "show the outputs",
    example: "labform output -raw address",
    flags: [{ flags: "--raw", description: "the bare text of one output" }],
    load: () => import("./commands/output.ts"),
  },
  {
    name: "status",
    summary: "show the nodes and links as they are now",
    example: "labform status -watch",
    flags: [
      {
        flags: "--watch [interval]",
        description: "show it again and again, every second or as given (2s); Ctrl-C ends",
      },
    ],
    load: () => import("./commands/status.ts"),
  },
  {
    name: "wait",
    operands: "[node...]",
    summary: "wait until nodes are ready; without names all that are to run",
    example: "labform wait r1 r2 -timeout=2m",
    flags: [{ flags: "--timeout <duration>", description: "exit 1 when they are not ready by then (default 5m)" }],
    note: "What only a command can change is given up soon: a node that is off, or that a killed labform left half-done.",
    load: () => import("./commands/wait.ts"),
  },
  {
    name: "console",
    operands: "<node>",
    summary: "attach to a node's serial console; Ctrl-] leaves",
    example: "labform console r1",
    flags: [],
    load: () => import("./commands/console.ts"),
  },
  {
    name: "logs",
    operands: "<node>",
    summary: "show what a node's console said",
    example: "labform logs r1 -f -lines=20",
    flags: [
      { flags: "-f, --follow", description: "go on with what it says from now on; Ctrl-C ends" },
      { flags: "--qemu", description: "what its QEMU said instead" },
      { flags: "--lines <n>", description: "only the last n lines of what was said before" },
    ],
    load: () => import("./commands/logs.ts"),
  },
  {
    name: "monitor",
    operands: "<node> [command...]",
    summary: "give QEMU's monitor a command, or attach to it; Ctrl-] leaves",
    example: "labform monitor r1 info registers -a",
    flags: [],
    passesOn: true,
    note: "All that stands behind the node's name is the monitor's; labform's own options go before the node's name.",
    load: () => import("./commands/monitor.ts"),
  },
  powerCommand("start", "start nodes that are off, let suspended ones run on"),
  powerCommand("stop", "turn nodes off, as their on_stop says"),
  powerCommand("suspend", "freeze nodes as they are"),
  powerCommand("resume", "let suspended nodes run on"),
  powerCommand("reload", "reset nodes, as their reset button would"),
  {
    name: "capture",
    operands: "<start|stop> <link> [file]",
    summary: "write a link's frames to a pcap file from now on, or no longer",
    example: "labform capture start link.core core.pcap",
    flags: lockFlags,
    load: () => import("./commands/capture.ts"),
  },
  {
    name: "state",
    operands: "<list|show|mv|rm|pull|push> [word...]",
    summary: "show what is recorded, rename and forget parts of it, or put a copy in its place",
    example: "labform state mv node.r1 'node.router[\"r1\"]'",
    flags: [
      { flags: "--id <id>", description: "of list: only what has this id" },
      { flags: "--dry-run", description: "of mv and rm: only say what would be done" },
      { flags: "--force", description: "of push: also what is of another lineage, or older" },
      ...lockFlags,
    ],
    note: "list [ADDRESS...], show ADDRESS, mv SOURCE DESTINATION, rm ADDRESS..., pull, push FILE. An address is that of an instance (node.r1), of all instances of a block (node.router), or of a module (module.pod).",
    load: () => import("./commands/state.ts"),
  },
  markCommand("taint", "have the next apply make an instance anew"),
  markCommand("untaint", "take back that an instance is to be made anew"),
  {
    name: "force-unlock",
    operands: "<id>",
    summary: "clear away a lock that its holder left",
    example: "labform force-unlock 3f2a9c1d5b7e8a60",
    flags: [{ flags: "--force", description: "do not ask, as for Terraform; labform never asks here" }],
    note: "The kernel frees a lock when its holder ends, so commands go on without this. The lock of a command that runs is not taken from it; the refusal says who it is.",
    load: () => import("./commands/forceUnlock.ts"),
  },
  {
    name: "doctor",
    summary: "examine this host, and whether the lab can run on it; changes nothing",
    example: "labform doctor -json",
    flags: variableFlags,
    load: () => import("./commands/doctor.ts"),
  },
  {
    name: "graph",
    summary: "draw the nodes and links, as they are now or as a plan makes them",
    example: "labform graph -out=lab.svg",
    flags: [
      { flags: "--format <svg|dot|mermaid|json>", description: "default: by the ending of -out, else dot" },
      { flags: "--out <file>", description: "write it there instead of to standard output" },
      { flags: "--plan [file]", description: "what the lab files make of the lab, or a saved plan; no host is needed" },
      {
        flags: "--layout <dot|neato|fdp|sfdp|circo|twopi>",
        description: "how Graphviz places the nodes; default: what suits their shape",
      },
      ...variableFlags,
    ],
    note: "Where nothing is applied yet, the graph shows what the lab files declare.",
    load: () => import("./commands/graph.ts"),
  },
  {
    name: "completion",
    operands: "<bash|zsh|fish>",
    summary: "print a shell's script that completes labform's command lines",
    example: 'eval "$(labform completion bash)"',
    flags: [],
    note: "In ~/.bashrc or ~/.zshrc (there behind compinit) the example's line does; fish takes the script as ~/.config/fish/completions/labform.fish.",
    load: () => import("./commands/completion.ts"),
  },
  {
    name: "help",
    operands: "[command]",
    summary: "show the commands, or what one of them does and takes",
    example: "labform help plan",
    flags: [],
    load: async () => ({ run: (await import("./commands/help.ts")).help(commands) }),
  },
  {
    name: "version",
    summary: "show the version, and what belongs to it",
    example: "labform version -json",
    flags: [],
    load: () => import("./commands/version.ts"),
  },
];

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
    return await run(context, { ...common, directory, input }, options, operands);
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
