import type { Diagnostic } from "../../core/diagnostics.ts";
import { Failure, hasErrors } from "../../core/diagnostics.ts";
import { emptyState } from "../../core/state.ts";
import { validationDocument } from "../../ui/documents.ts";
import type { CommonOptions, Context, ExitCode } from "../context.ts";
import type { VariableArguments } from "../lab.ts";
import { readLab } from "../lab.ts";
import { planLab } from "../planning.ts";
import { reporter } from "../report.ts";

/** The lab files alone: nothing of the host is looked at, no state is read. */
export async function run(context: Context, common: CommonOptions, options: VariableArguments): Promise<ExitCode> {
  const found = await check(context, common, options);
  const valid = !hasErrors(found);
  if (common.json) context.stdout.write(`${JSON.stringify(validationDocument(found))}\n`);
  else {
    reporter(context, common)(found);
    if (valid) context.stdout.write("The lab files are valid.\n");
  }
  return valid ? 0 : 1;
}

async function check(
  context: Context,
  common: CommonOptions,
  options: VariableArguments,
): Promise<readonly Diagnostic[]> {
  try {
    const loaded = await readLab(context, common.directory, options);
    const directories = { lab: common.directory, nodes: "", run: "", programs: context.programs };
    const against = { state: emptyState(context.version), directories };
    return (await planLab(context, loaded, against, { refresh: "false" })).warnings;
  } catch (error) {
    if (error instanceof Failure) return error.diagnostics;
    throw error;
  }
}
