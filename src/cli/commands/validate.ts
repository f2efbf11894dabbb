import type { Diagnostic } from "../../core/diagnostics.ts";
import { Failure, hasErrors } from "../../core/diagnostics.ts";
import { emptyState } from "../../core/state.ts";
import { validationDocument } from "../../ui/documents.ts";
import type { CommonOptions, Context, ExitCode } from "../context.ts";
import type { VariableArguments } from "../lab.ts";
import { readOpenLab } from "../lab.ts";
import { planLab } from "../planning.ts";
import { reporter } from "../report.ts";

/** The lab files alone: nothing of the host is looked at, no state is read. */
export async function run(context: Context, common: CommonOptions, options: VariableArguments): Promise<ExitCode> {
  const { found, unset } = await check(context, common, options);
  const valid = !hasErrors(found);
  if (common.json) context.stdout.write(`${JSON.stringify(validationDocument(found))}\n`);
  else {
    reporter(context, common)(found);
    if (valid) context.stdout.write(`The lab files are valid.\n${unset.length > 0 ? openWords(unset) : ""}`);
  }
  return valid ? 0 : 1;
}

function openWords(unset: readonly string[]): string {
  const names = unset.map((name) => `var.${name}`).join(", ");
  return `Without a value: ${names}. What depends on it was checked as far as its type tells.\n`;
}

interface Checked {
  readonly found: readonly Diagnostic[];
  /** Variables without a value. */
  readonly unset: readonly string[];
}

async function check(context: Context, common: CommonOptions, options: VariableArguments): Promise<Checked> {
  try {
    const { rest, unset } = await readOpenLab(context, common.directory, options);
    const directories = { lab: common.directory, nodes: "", run: "", programs: context.programs };
    const against = { state: emptyState(context.version), directories };
    return { found: (await planLab(context, rest, against, { refresh: "false" })).warnings, unset };
  } catch (error) {
    if (error instanceof Failure) return { found: error.diagnostics, unset: [] };
    throw error;
  }
}
