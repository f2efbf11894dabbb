import type { Options } from "../command.ts";
import type { CommonOptions, Context, ExitCode } from "../context.ts";
import type { Verbs } from "../verbs.ts";
import { loadVerb } from "../verbs.ts";

const verbs: Verbs["verbs"] = {
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
    flags: ["dryRun", "lockTimeout", "lock"],
    load: async () => (await import("../state/mv.ts")).mv,
  },
  rm: {
    operands: "[-dry-run] ADDRESS…",
    least: 1,
    most: Infinity,
    flags: ["dryRun", "lockTimeout", "lock"],
    load: async () => (await import("../state/rm.ts")).rm,
  },
  pull: { operands: "", least: 0, most: 0, flags: [], load: async () => (await import("../state/pull.ts")).pull },
  push: {
    operands: "[-force] FILE",
    least: 1,
    most: 1,
    flags: ["force", "lockTimeout", "lock"],
    load: async () => (await import("../state/push.ts")).push,
  },
};

const flagNames = {
  id: "-id",
  dryRun: "-dry-run",
  force: "-force",
  lockTimeout: "-lock-timeout",
  lock: "-lock",
};

/** `state list`, `state show` and so on: what is recorded, read and rewritten; what runs is not touched. */
export async function run(
  context: Context,
  common: CommonOptions,
  options: Options,
  operands: readonly string[],
): Promise<ExitCode> {
  const verb = await loadVerb({ command: "state", verbs, flagNames }, options, operands);
  return verb(context, common, options, operands.slice(1));
}
