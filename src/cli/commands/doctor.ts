import { isLabFile } from "../../config/files.ts";
import type { Diagnostic } from "../../core/diagnostics.ts";
import { errorDiagnostic, Failure } from "../../core/diagnostics.ts";
import type { Finding } from "../../core/doctor.ts";
import type { Settings } from "../../core/provider.ts";
import type { ProviderSchema } from "../../core/schema.ts";
import { formatRange } from "../../core/source.ts";
import { doctorDocument, renderFindings } from "../../ui/doctor.ts";
import type { CommonOptions, Context, ExitCode } from "../context.ts";
import { examineHost } from "../doctor/host.ts";
import type { ExaminedLab } from "../doctor/lab.ts";
import { examineLab } from "../doctor/lab.ts";
import type { VariableArguments } from "../lab.ts";
import { watchSignals } from "../signals.ts";

/** The host, and whether the lab of the directory can run on it; without a lab, whether any could. Changes nothing. */
export async function run(context: Context, common: CommonOptions, options: VariableArguments): Promise<ExitCode> {
  const { stopping, release } = watchSignals(() => {});
  try {
    const lab = (await hasLab(context, common.directory)) ? await examineLab(context, common, options) : undefined;
    const findings = await examine(context, common, lab, stopping);
    const document = doctorDocument(findings);
    context.stdout.write(
      common.json
        ? `${JSON.stringify(document)}\n`
        : renderFindings(findings, {
            lab: lab === undefined ? undefined : { name: lab.name },
            colour: common.colour,
            width: context.stdout.columns,
          }),
    );
    return document.ok ? 0 : 1;
  } catch (error) {
    if (!stopping.aborted) throw error;
    throw new Failure(errorDiagnostic("Interrupted"), { cause: error });
  } finally {
    release();
  }
}

/** A directory that cannot be read is told by the attempt to read its lab. */
async function hasLab(context: Context, directory: string): Promise<boolean> {
  try {
    return (await context.ports.files.list(directory)).some(isLabFile);
  } catch {
    return true;
  }
}

async function examine(
  context: Context,
  common: CommonOptions,
  lab: ExaminedLab | undefined,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const directories = lab?.directories ?? { lab: common.directory, nodes: "", run: "", programs: context.programs };
  const providers = context.providers(directories);
  const objects = lab?.objects ?? null;
  const [states, host, ...made] = await Promise.all([
    context.states(common.directory).then((access) => access.examine(lab !== undefined)),
    examineHost(context.ports, { nodes: objects?.nodes.length ?? 0, links: objects?.links.length ?? 0 }),
    ...context.schemas.map(async (schema) => {
      const provider = await providers.load(schema.name);
      const settings = lab?.settings.get(schema.name) ?? defaultSettings(schema);
      return (await provider.examine?.({ settings, lab: objects, signal })) ?? [];
    }),
  ]);
  const diagnostics = lab?.diagnostics ?? [];
  // What the plan says of a place in the lab files need not be said again of the host.
  const told = new Set(diagnostics.map((one) => one.summary));
  return [
    ...host,
    ...states,
    ...made.flat().filter((one) => !told.has(one.text)),
    ...(lab?.unset ?? []).map(unsetFinding),
    ...labFindings(diagnostics),
  ];
}

/** Those of a `provider` block that says nothing. */
function defaultSettings({ settings }: ProviderSchema): Settings {
  return Object.fromEntries(
    Object.entries(settings.attributes).map(([name, attribute]) => [name, attribute.default ?? null]),
  );
}

function unsetFinding(name: string): Finding {
  return {
    subject: "variables",
    level: "note",
    text: `var.${name} has no value, so what it decides was not examined`,
    fix: `Give it as for plan, for instance with -var '${name}=…'.`,
  };
}

/** What was found of several nodes in the same words is one finding. */
function labFindings(diagnostics: readonly Diagnostic[]): readonly Finding[] {
  const groups = new Map<string, Diagnostic[]>();
  for (const one of diagnostics) {
    const key = JSON.stringify([one.severity, one.summary, one.detail]);
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups.values()].map((group): Finding => {
    const [{ severity, summary, detail, range }] = group as [Diagnostic, ...Diagnostic[]];
    const addresses = group.flatMap((one) => one.address ?? []);
    const others = addresses.length > 1 ? ` and ${addresses.length - 1} more` : "";
    return {
      subject: "lab",
      level: severity,
      text: addresses.length === 0 ? summary : `${addresses[0]}${others}: ${summary}`,
      fix: detail,
      at: range && formatRange(range),
    };
  });
}
