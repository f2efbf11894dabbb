import { findOperand } from "../arguments.ts";
import type { CommandDescription, Flag } from "../command.ts";
import { commonFlags, flagParts, globalFlags, shownFlag, valuedFlags } from "../command.ts";

/** One thing the word being typed may become. */
export interface Candidate {
  readonly value: string;
  readonly description: string;
}

export type Answer =
  | { readonly kind: "words"; readonly candidates: readonly Candidate[] }
  /** The shell knows these better: `~`, quotes, links. */
  | { readonly kind: "files" | "directories" };

/** What a lab has names for. Each is asked for only where it is wanted; none of them fails. */
export interface Names {
  nodes(): Promise<readonly Candidate[]>;
  links(): Promise<readonly Candidate[]>;
  /** Of nodes, links and modules. */
  addresses(): Promise<readonly Candidate[]>;
  outputs(): Promise<readonly Candidate[]>;
  variables(): Promise<readonly Candidate[]>;
  plans(): Promise<readonly Candidate[]>;
  workspaces(): Promise<readonly Candidate[]>;
  /** Those of this host. */
  labs(): Promise<readonly Candidate[]>;
}

/** What stands before the command's name as far as it says which lab is meant. */
export interface Meant {
  readonly directory: string | undefined;
  readonly workspace: string | undefined;
}

const NOTHING: Answer = { kind: "words", candidates: [] };

/**
 * What the last of `words` may become: the words behind `labform`, without the shell's quotes, the last one as far as it
 * is typed. Behind `-flag=` the answer is about what follows it. `namesIn` has the names of the lab that -chdir and -workspace name.
 */
export async function answer(
  words: readonly string[],
  commands: readonly CommandDescription[],
  namesIn: (meant: Meant) => Names,
): Promise<Answer> {
  const typed = words.at(-1) ?? "";
  const before = words.slice(0, -1);
  const at = findOperand(before, 0, valuedFlags(globalFlags));
  const command = at === -1 ? undefined : commands.find(({ name }) => name === before[at]);
  if (at !== -1 && !command) return NOTHING;
  const flags = [...globalFlags, ...(command ? [...commonFlags, ...command.flags] : [])];
  const names = namesIn({ directory: valueIn(before, "chdir"), workspace: valueIn(before, "workspace") });
  const operands = command ? operandsIn(before.slice(at + 1), flags) : [];
  if (command?.passesOn && operands.length > 0) return NOTHING;
  const waiting = before.includes("--") ? undefined : flagNamed(flags, before.at(-1) ?? "");
  if (waiting && isValued(waiting)) return startingWith(typed, await valuesOf(waiting, names));
  if (typed.startsWith("-") && !before.includes("--")) {
    const equals = typed.indexOf("=");
    if (equals === -1) return startingWith(typed.replace(/^--/, "-"), flagCandidates(flags));
    const flag = flagNamed(flags, typed.slice(0, equals));
    return flag ? startingWith(typed.slice(equals + 1), await valuesOf(flag, names)) : NOTHING;
  }
  const all = command
    ? await operandCandidates(command, operands, commands, names)
    : wordsOf(commands.map(({ name, summary }) => ({ value: name, description: summary })));
  return startingWith(typed, all);
}

function startingWith(typed: string, found: Answer): Answer {
  if (found.kind !== "words") return found;
  return wordsOf(found.candidates.filter(({ value }) => value.startsWith(typed)));
}

function wordsOf(candidates: readonly Candidate[]): Answer {
  return { kind: "words", candidates };
}

/** That of the last flag of a name there is, as the commands themselves take it. */
function valueIn(words: readonly string[], flag: string): string | undefined {
  let value: string | undefined;
  for (const [at, word] of words.entries()) {
    const [name = ""] = word.split("=", 1);
    if (name !== `-${flag}` && name !== `--${flag}`) continue;
    value = name === word ? words[at + 1] : word.slice(name.length + 1);
  }
  return value;
}

function operandsIn(words: readonly string[], flags: readonly Flag[]): readonly string[] {
  const valued = valuedFlags(flags);
  const found: string[] = [];
  for (let at = findOperand(words, 0, valued); at !== -1; at = findOperand(words, at + 1, valued)) {
    found.push(words[at] as string);
  }
  const end = words.indexOf("--");
  return end === -1 ? found : [...found, ...words.slice(end + 1)];
}

function flagNamed(flags: readonly Flag[], word: string): Flag | undefined {
  if (!/^--?[A-Za-z]/.test(word)) return undefined;
  const name = word.replace(/^--?/, "");
  return flags.find((flag) => flagParts(flag).names.includes(name));
}

function isValued(flag: Flag): boolean {
  const { value, optional } = flagParts(flag);
  return value !== undefined && !optional;
}

function flagCandidates(flags: readonly Flag[]): Answer {
  const help: Flag = { flags: "--help", description: "show the help" };
  return wordsOf(
    [...flags, help].map((flag) => {
      const { names } = flagParts(flag);
      const written = `-${names.at(-1) ?? ""}`;
      return {
        value: isValued(flag) ? `${written}=` : written,
        description: `${shownFlag(flag)}: ${flag.description}`,
      };
    }),
  );
}

async function valuesOf(flag: Flag, names: Names): Promise<Answer> {
  const { value = "", names: called } = flagParts(flag);
  if (called.includes("plan")) return plansOrFiles(names);
  if (value === "boolean") return listed(["true", "false"]);
  if (value === "directory") return { kind: "directories" };
  if (value === "file") return { kind: "files" };
  if (value === "address") return wordsOf(await names.addresses());
  if (value === "workspace") return wordsOf(await names.workspaces());
  if (value === "lab") return wordsOf(await names.labs());
  if (value === "name=value") {
    const variables = await names.variables();
    return wordsOf(variables.map((one) => ({ ...one, value: `${one.value}=` })));
  }
  return value.includes("|") ? listed(value.split("|")) : NOTHING;
}

async function operandCandidates(
  command: CommandDescription,
  given: readonly string[],
  commands: readonly CommandDescription[],
  names: Names,
): Promise<Answer> {
  const parts = [...(command.operands ?? "").matchAll(/[<[]([^>\]]*)[>\]]/g)].map((match) => match[1] as string);
  const last = parts.at(-1);
  const part = parts[given.length] ?? (last?.endsWith("...") ? last : undefined);
  const alternatives = part?.replace(/\.\.\.$/, "").split("|") ?? [];
  const [only = ""] = alternatives;
  if (alternatives.includes("file")) return { kind: "files" };
  if (alternatives.length > 1) return listed(alternatives);
  if (only === "node") return wordsOf(await names.nodes());
  if (only === "link") return wordsOf(await names.links());
  // The words behind those of `state` are addresses, where they are anything there is a name for.
  if (only === "address" || only === "word") return wordsOf(await names.addresses());
  if (only === "planfile") return plansOrFiles(names);
  if (only === "name") return wordsOf(await names.outputs());
  // A new one has a name of its own.
  if (only === "workspace" && /^(?:select|delete)$/.test(given[0] ?? "")) return wordsOf(await names.workspaces());
  if (only === "command" && command.name === "help") {
    return wordsOf(commands.map(({ name, summary }) => ({ value: name, description: summary })));
  }
  return NOTHING;
}

/** Where no saved plan lies here, it may lie elsewhere. */
async function plansOrFiles(names: Names): Promise<Answer> {
  const plans = await names.plans();
  return plans.length > 0 ? wordsOf(plans) : { kind: "files" };
}

function listed(values: readonly string[]): Answer {
  return wordsOf(values.map((value) => ({ value, description: "" })));
}
