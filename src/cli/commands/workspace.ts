import type { Options } from "../command.ts";
import type { CommonOptions, Context, ExitCode } from "../context.ts";
import type { Verbs } from "../verbs.ts";
import { loadVerb } from "../verbs.ts";

const NONE = { operands: "", least: 0, most: 0, flags: [] };
const ONE = { least: 1, most: 1 };

const verbs: Verbs["verbs"] = {
  list: { ...NONE, load: async () => (await import("../workspace/list.ts")).list },
  show: { ...NONE, load: async () => (await import("../workspace/show.ts")).show },
  new: { ...ONE, operands: "NAME", flags: [], load: async () => (await import("../workspace/select.ts")).make },
  select: {
    ...ONE,
    operands: "[-or-create] NAME",
    flags: ["orCreate"],
    load: async () => (await import("../workspace/select.ts")).select,
  },
  delete: {
    ...ONE,
    operands: "[-force] NAME",
    flags: ["force", "lock", "lockTimeout"],
    load: async () => (await import("../workspace/delete.ts")).remove,
  },
};

const flagNames = { orCreate: "-or-create", force: "-force", lock: "-lock", lockTimeout: "-lock-timeout" };

/** `workspace list`, `workspace new` and so on, as Terraform has them. */
export async function run(
  context: Context,
  common: CommonOptions,
  options: Options,
  operands: readonly string[],
): Promise<ExitCode> {
  const verb = await loadVerb({ command: "workspace", verbs, flagNames }, options, operands);
  return verb(context, common, options, operands.slice(1));
}
