import { extname, resolve } from "node:path";
import type { Diagnostic } from "../../core/diagnostics.ts";
import { errorDiagnostic, Failure, fail, warningDiagnostic } from "../../core/diagnostics.ts";
import { suggestionText } from "../../core/suggestion.ts";
import { planFromText } from "../../planner/document.ts";
import { graphDocument } from "../../ui/graph/document.ts";
import { dotText } from "../../ui/graph/dot.ts";
import type { Engine } from "../../ui/graph/layout.ts";
import { chooseLayout, engines } from "../../ui/graph/layout.ts";
import { mermaidText } from "../../ui/graph/mermaid.ts";
import type { Picture } from "../../ui/graph/picture.ts";
import { drawSvg } from "../../ui/graph/svg.ts";
import { looker } from "../console/look.ts";
import { withShortNames } from "../console/statusRows.ts";
import type { CommonOptions, Context, ExitCode } from "../context.ts";
import { readSavedPlan, reasonOf } from "../files.ts";
import { pictureOfPlan, pictureOfState } from "../graph/pictures.ts";
import type { VariableArguments } from "../lab.ts";
import { readLab } from "../lab.ts";
import { describeLeftovers, planLab } from "../planning.ts";
import { reporter } from "../report.ts";

interface Options extends VariableArguments {
  readonly format?: string;
  readonly out?: string;
  /** `true` without a file. */
  readonly plan?: string | true;
  readonly layout?: string;
}

const formats = ["svg", "dot", "mermaid", "json"] as const;
type Format = (typeof formats)[number];

const endings: { readonly [ending: string]: Format } = {
  ".svg": "svg",
  ".dot": "dot",
  ".gv": "dot",
  ".mmd": "mermaid",
  ".mermaid": "mermaid",
  ".json": "json",
};

/** The lab as a graph: as it is found now; as its files say where nothing is recorded yet, or with -plan. */
export async function run(context: Context, common: CommonOptions, options: Options): Promise<ExitCode> {
  const format = formatOf(options, common);
  const engine = options.layout === undefined ? undefined : oneOf(engines, options.layout, "-layout");
  const picture = await see(context, common, options);
  const text = await write(picture, common.directory, format, engine);
  if (options.out === undefined) context.stdout.write(text);
  else await save(context, options.out, text);
  return 0;
}

async function see(context: Context, common: CommonOptions, options: Options): Promise<Picture> {
  // On standard error also with -json: what is on standard output stays one document.
  const report = reporter(context, { ...common, json: false });
  const states = await context.states(common.directory);
  const schemas = context.resourceSchemas;
  if (options.plan === undefined) {
    const sight = await looker(context, states)();
    report(await describeLeftovers(states, sight.lineage, "warning"));
    if (sight.rows.length > 0) return pictureOfState(sight, schemas);
  }
  const against = await states.load();
  if (typeof options.plan === "string") {
    const plan = planFromText(await readSavedPlan(context, options.plan), options.plan, context.version);
    if (plan.lineage !== against.state.lineage || plan.serial !== against.state.serial) report([stale(options.plan)]);
    return pictureOfPlan(plan, against.state, schemas);
  }
  const loaded = await readLab(context, common.directory, options, common);
  const { plan } = await planLab(context, loaded, against, { refresh: "false" });
  return pictureOfPlan(plan, against.state, schemas);
}

function stale(file: string): Diagnostic {
  return warningDiagnostic("The plan was made against another state than the lab has now", {
    subject: `plan file ${file}`,
    detail: "What the plan changes is drawn as it says, all else as it is recorded now.",
  });
}

async function write(whole: Picture, directory: string, format: Format, asked: Engine | undefined): Promise<string> {
  if (format === "json") return `${JSON.stringify(graphDocument(whole))}\n`;
  const picture = { ...whole, links: withShortNames(whole.links, directory) };
  if (format === "mermaid") return mermaidText(picture);
  const layout = chooseLayout(picture, asked);
  const dot = dotText(picture, layout);
  return format === "dot" ? dot : drawSvg(dot, layout.engine);
}

function formatOf({ format, out }: Options, { json }: CommonOptions): Format {
  if (format !== undefined) return oneOf(formats, format, "-format");
  if (json) return "json";
  if (out === undefined) return "dot";
  const ending = extname(out).toLowerCase();
  return (
    endings[ending] ??
    fail(`The ending of ${out} names no format`, {
      detail: `Endings are ${Object.keys(endings).join(", ")}; with another name say which is meant: -format=${formats.join("|")}.`,
    })
  );
}

function oneOf<Word extends string>(words: readonly Word[], given: string, flag: string): Word {
  const found = words.find((one) => one === given);
  if (found !== undefined) return found;
  return fail(`There is no ${flag}=${given}`, { detail: suggestionText(given, words) });
}

async function save(context: Context, name: string, text: string): Promise<void> {
  const path = resolve(context.workingDirectory, name);
  try {
    await context.ports.files.writeAtomic(path, text, 0o644);
  } catch (error) {
    const detail = `${reasonOf(error)}. Name another file with -out=FILE, or leave it out for standard output.`;
    const told = errorDiagnostic(`The graph cannot be written to ${name}`, { subject: `file ${path}`, detail });
    throw new Failure(told, { cause: error });
  }
}
