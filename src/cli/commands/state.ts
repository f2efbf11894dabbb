import { didYouMean, listed } from "../../config/names.ts";
import { fail } from "../../core/diagnostics.ts";
import type { Options, Run } from "../command.ts";
import type { CommonOptions, Context, ExitCode } from "../context.ts";

interface Verb {
  /** As help writes them. */
  readonly operands: string;
  readonly least: number;
  readonly most: number;
  /** Which of the command's own flags it takes, by the names of their options. */
  readonly flags: readonly string[];
  readonly load: () => Promise<Run>;
}

const verbs: { readonly [name: string]: Verb } = {
  list: {
    operands: "[-id=ID] [ADDRESS…]",
    least: 0,
    most: Infinity,
    flags: ["id"],
    load: async () => (await import("../state/list.ts")).list,
  },
  show: {
    operands: "ADDRESS",
    least: 1,
    most: 1,
    flags: [],
    load: async () => (await import("../state/show.ts")).show,
  },
  mv: {
    operands: "[-dry-run] SOURCE DESTINATION",
    least: 2,
    most: 2,
    flags: ["dryRun", "lockTimeout"],
    load: async () => (await import("../state/mv.ts")).mv,
  },
  rm: {
    operands: "[-dry-run] ADDRESS…",
    least: 1,
    most: Infinity,
    flags: ["dryRun", "lockTimeout"],
    load: async () => (await import("../state/rm.ts")).rm,
  },
  pull: { operands: "", least: 0, most: 0, flags: [], load: async () => (await import("../state/pull.ts")).pull },
  push: {
    operands: "[-force] FILE",
    least: 1,
    most: 1,
    flags: ["force", "lockTimeout"],
    load: async () => (await import("../state/push.ts")).push,
  },
};

const flagNames: { readonly [option: string]: string } = {
  id: "-id",
  dryRun: "-dry-run",
  force: "-force",
  lockTimeout: "-lock-timeout",
};

/** `state list`, `state show` and so on: what is recorded, read and rewritten; what runs is not touched. */
export async function run(
  context: Context,
  common: CommonOptions,
  options: Options,
  [name = "", ...words]: readonly string[],
): Promise<ExitCode> {
  const verb = Object.hasOwn(verbs, name) ? verbs[name] : undefined;
  if (!verb) {
    const names = Object.keys(verbs);
    return fail(`state has no "${name}"`, { detail: `It is state ${listed(names, "or")}.${didYouMean(name, names)}` });
  }
  const usage = `labform state ${name}${verb.operands === "" ? "" : ` ${verb.operands}`}`;
  const foreign = Object.keys(flagNames).find((one) => options[one] !== undefined && !verb.flags.includes(one));
  if (foreign !== undefined) {
    const takers = Object.keys(verbs).filter((one) => verbs[one]?.flags.includes(foreign));
    return fail(`state ${name} has no ${flagNames[foreign]}`, {
      detail: `That is for state ${listed(takers, "and")}. It is ${usage}.`,
    });
  }
  if (words.length < verb.least) return fail(`state ${name} needs more words`, { detail: `It is ${usage}.` });
  if (words.length > verb.most) return fail(`state ${name} was given too many words`, { detail: `It is ${usage}.` });
  return (await verb.load())(context, common, options, words);
}
