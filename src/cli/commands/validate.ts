import { hasErrors } from "../../core/diagnostics.ts";
import { emptyState } from "../../core/state.ts";
import type { CommonOptions, Context, ExitCode } from "../context.ts";
import type { VariableArguments } from "../lab.ts";
import { readLab } from "../lab.ts";
import { planLab } from "../planning.ts";
import { reporter } from "../report.ts";

/** The lab files alone: nothing of the host is looked at, no state is read. */
export async function run(context: Context, common: CommonOptions, options: VariableArguments): Promise<ExitCode> {
  const loaded = await readLab(context, common.directory, options);
  const directories = { lab: common.directory, nodes: "", run: "", programs: context.programs };
  const { warnings } = await planLab(
    context,
    loaded,
    { state: emptyState(context.version), directories },
    { refresh: "false" },
  );
  reporter(context, common)(warnings);
  if (common.json)
    context.stdout.write(
      `${JSON.stringify({ format_version: "1.0", valid: !hasErrors(warnings), error_count: 0, warning_count: warnings.length })}\n`,
    );
  else context.stdout.write("The lab files are valid.\n");
  return 0;
}
