import { join, relative, resolve } from "node:path";
import { isLabFile } from "../../config/files.ts";
import { listed } from "../../config/names.ts";
import { errorDiagnostic, Failure, fail } from "../../core/diagnostics.ts";
import type { Json } from "../../core/values.ts";
import type { Import } from "../../import/gns3/import.ts";
import { isLoss, lineText } from "../../import/gns3/report.ts";
import { recordedDocument } from "../../ui/documents.ts";
import { printable } from "../../ui/text.ts";
import type { CommonOptions, Context, ExitCode } from "../context.ts";
import { reasonOf } from "../files.ts";
import { findProject } from "../import/projectFiles.ts";

interface Options {
  readonly out?: string;
  readonly force?: true;
}

const FORMATS = ["gns3"];

/** `import gns3 FILE|DIRECTORY`: another program's project becomes a directory of lab files. */
export async function run(
  context: Context,
  common: CommonOptions,
  options: Options,
  [format = "", name = ""]: readonly string[],
): Promise<ExitCode> {
  if (!FORMATS.includes(format)) {
    fail(`labform imports nothing called ${format}`, { detail: "It is import gns3 FILE|DIRECTORY." });
  }
  const { importProject } = await import("../../import/gns3/import.ts");
  const imported = await importProject(await findProject(context, name), context.resourceSchemas);
  const directory =
    options.out === undefined ? join(common.directory, imported.name) : resolve(context.workingDirectory, options.out);
  await refuseToOverwrite(context, directory, imported, options.force === true);
  await write(context, directory, imported);
  if (common.json) context.stdout.write(`${JSON.stringify(importDocument(imported, directory))}\n`);
  else context.stdout.write(told(imported, relative(context.workingDirectory, directory) || "."));
  return 0;
}

/** Lab files of one directory are one lab: what is there already would be part of this one. */
async function refuseToOverwrite(context: Context, directory: string, { files }: Import, isForced: boolean) {
  const there = await context.ports.files.list(directory).catch(() => []);
  const foreign = there.filter((one) => isLabFile(one) && !files.has(one));
  if (foreign.length > 0) {
    fail("There is a lab in that directory already", {
      subject: `directory ${directory}`,
      detail: `It holds ${listed(foreign)}, and all lab files of a directory are one lab. Name another with -out=DIR.`,
    });
  }
  const own = there.filter((one) => files.has(one));
  if (own.length > 0 && !isForced) {
    fail("What would be written is there already", {
      subject: `directory ${directory}`,
      detail: `It holds ${listed(own)}. Name another with -out=DIR; -force writes over what is there.`,
    });
  }
}

async function write(context: Context, directory: string, { files }: Import): Promise<void> {
  try {
    await context.ports.files.makeDirectory(directory);
    for (const [name, text] of files) await context.ports.files.writeAtomic(join(directory, name), text, 0o644);
  } catch (error) {
    const failure = errorDiagnostic("The lab cannot be written", {
      subject: `directory ${directory}`,
      detail: `${reasonOf(error)}. Name another directory with -out=DIR.`,
    });
    throw new Failure(failure, { cause: error });
  }
}

function told({ project, files, counts, lines, hasGuests }: Import, directory: string): string {
  const made = [count(counts.nodes, "node"), count(counts.networks, "network"), count(counts.links, "link")].join(", ");
  const about: { readonly [name: string]: string } = {
    "main.lab.hcl": made,
    "images.auto.vars.hcl": "where the images are; the only file to be changed on another machine",
    "import-report.txt": `what became of each of the project's properties, in ${count(lines.length, "line")}`,
  };
  const losses = lines.filter(isLoss);
  return [
    `The GNS3 project ${printable(project.name)} (revision ${project.revision}) is a lab now, in ${directory}:`,
    ...[...files.keys()].map((name) => `  ${name.padEnd(21)} ${about[name] ?? ""}`),
    "",
    ...(losses.length === 0 ? ["All of it has a counterpart."] : ["What has no counterpart:"]),
    ...losses.map((line) => `  ${printable(line.owner)}: ${printable(lineText(line))}`),
    "",
    ...(hasGuests ? ["VPCS nodes are small guests, which labform guest build makes."] : []),
    `Next: labform -chdir=${directory} plan`,
    "",
  ].join("\n");
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}

const OUTCOMES = { taken: "taken", leftOut: "left_out", apart: "apart", lost: "lost", unknown: "unknown" } as const;

function importDocument({ name, project, files, counts, lines }: Import, directory: string): Json {
  return recordedDocument({
    project: { ...project },
    lab: name,
    directory,
    files: [...files.keys()],
    counts: { ...counts },
    properties: lines.map(({ outcome, as = null, why = null, ...line }) => ({
      ...line,
      outcome: OUTCOMES[outcome],
      as,
      why,
    })),
  });
}
