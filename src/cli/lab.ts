import { resolve } from "node:path";
import { checkValidations } from "../config/checkValidations.ts";
import { isLabFile, isVariableFile } from "../config/files.ts";
import { loadLab } from "../config/load.ts";
import { checkOpenLab, splitOpenLab } from "../config/openLab.ts";
import { order } from "../config/order.ts";
import type { GivenVariable, LoadedVariables, VariableSources } from "../config/variables.ts";
import { loadVariables, missingValue } from "../config/variables.ts";
import type { Diagnostic } from "../core/diagnostics.ts";
import { errorDiagnostic, Failure, hasErrors } from "../core/diagnostics.ts";
import type { Lab, Vertex } from "../core/lab.ts";
import type { Range, SourceFile } from "../core/source.ts";
import { isWithin } from "../core/source.ts";
import { emptyState } from "../core/state.ts";
import type { Value } from "../core/values.ts";
import type { Surroundings } from "../evaluation/surroundings.ts";
import { askReferee } from "../language/referee.ts";
import { makePlan } from "../planner/plan.ts";
import { askForVariables, canAsk } from "./ask.ts";
import type { CommonOptions, Context } from "./context.ts";
import { readUserFile, reasonOf } from "./files.ts";
import { ModuleReader } from "./moduleFiles.ts";
import { surroundingsOf } from "./surroundings.ts";

export interface LoadedLab {
  readonly lab: Lab;
  readonly order: readonly Vertex[];
  readonly variables: ReadonlyMap<string, Value>;
  readonly surroundings: Surroundings;
  readonly warnings: readonly Diagnostic[];
}

/** `-var` and `-var-file` in the order given: the parser collects both into one list. */
export interface VariableArguments {
  readonly var?: readonly VariableArgument[];
  readonly varFile?: readonly VariableArgument[];
}

export interface VariableArgument {
  readonly flag: "var" | "var-file";
  readonly text: string;
}

/**
 * The lab of a directory, with its variables' values; rejects with every error there is. With `asking` a user at a
 * terminal is asked for the values that are missing, where nothing else is wrong.
 */
export async function readLab(
  context: Context,
  directory: string,
  args: VariableArguments,
  asking?: CommonOptions,
): Promise<LoadedLab> {
  const { lab, sources, diagnostics } = await readSources(context, directory, args);
  let loaded = loadVariables(sources);
  const canBeAsked = asking !== undefined && canAsk(context, asking);
  if (canBeAsked && loaded.missing.length > 0 && !hasErrors([...diagnostics, ...loaded.diagnostics])) {
    const withAnswers = (answers: readonly GivenVariable[]) =>
      loadVariables({ ...sources, given: [...sources.given, ...answers] });
    const check = (answers: readonly GivenVariable[]) => withAnswers(answers).diagnostics;
    loaded = withAnswers(await askForVariables(context, loaded.missing, check, asking));
  }
  const missing = canBeAsked ? [] : loaded.missing.map((one) => missingValue(one));
  const wrong = [...diagnostics, ...loaded.diagnostics, ...missing];
  const surroundings = surroundingsOf(context, lab.directory);
  const warnings = [...wrong, ...checkValidations(lab, loaded, hasErrors(wrong), surroundings)];
  const read = { lab, order: order(lab), variables: loaded.values, surroundings, warnings };
  if (!hasErrors(warnings)) return read;
  if (hasErrors(loaded.diagnostics)) throw new Failure(warnings);
  const { rest } = splitOpenLab(lab, withoutValue(lab, loaded));
  throw new Failure([...warnings, ...(await wrongValues(context, { ...read, lab: rest, order: order(rest) }))]);
}

/** The names of variables that no value was given, or none that fits: nothing that comes from them can be evaluated. */
function withoutValue(lab: Lab, { values }: LoadedVariables): ReadonlySet<string> {
  return new Set([...lab.variables.keys()].filter((name) => !values.has(name)));
}

/** A lab to be checked, not done: variables may be without a value. */
export interface OpenLoadedLab {
  /** What can be planned: all that none of the `unset` variables decides. */
  readonly rest: LoadedLab;
  readonly unset: readonly string[];
}

/** The lab of a directory, whatever values its variables will be given; rejects with every error there is. */
export async function readOpenLab(
  context: Context,
  directory: string,
  args: VariableArguments,
): Promise<OpenLoadedLab> {
  const { lab, sources, diagnostics } = await readSources(context, directory, args);
  const loaded = loadVariables(sources);
  const unset = withoutValue(lab, loaded);
  const wrong = [...diagnostics, ...loaded.diagnostics];
  const isOpen = unset.size > 0 || hasErrors(wrong);
  const surroundings = surroundingsOf(context, lab.directory);
  const told = [...wrong, ...checkValidations(lab, loaded, isOpen, surroundings)];
  if (hasErrors(loaded.diagnostics)) throw new Failure(told);
  const split = splitOpenLab(lab, unset);
  const warnings = [...told, ...checkOpenLab(lab, split.open, loaded.values, context, surroundings)];
  const rest = { lab: split.rest, order: order(split.rest), variables: loaded.values, surroundings, warnings };
  if (hasErrors(warnings)) throw new Failure([...warnings, ...(await wrongValues(context, rest))]);
  return { rest, unset: [...unset] };
}

interface LabSources {
  readonly lab: Lab;
  /** Of its values. */
  readonly sources: VariableSources;
  readonly diagnostics: readonly Diagnostic[];
}

/** Rejects when the files are no lab at all; else what is wrong with it stands in `diagnostics`. */
async function readSources(context: Context, directory: string, args: VariableArguments): Promise<LabSources> {
  const { files } = context.ports;
  let names: readonly string[];
  try {
    names = (await files.list(directory)).toSorted();
  } catch (error) {
    throw new Failure(
      errorDiagnostic("The lab's directory cannot be read", {
        subject: `directory ${directory}`,
        detail: `${reasonOf(error)}.`,
      }),
      { cause: error },
    );
  }
  const texts = async (wanted: (name: string) => boolean) =>
    Promise.all(names.filter(wanted).map((name) => readNamed(context, `${directory}/${name}`, name)));
  const labFiles = await texts(isLabFile);
  if (labFiles.length === 0) {
    throw new Failure(
      errorDiagnostic("No lab files here", {
        subject: `directory ${directory}`,
        detail:
          "A lab is one or more files whose names end in .lab.hcl or .lab.json. Give the lab's directory with -chdir=DIR.",
      }),
    );
  }
  const modules = new ModuleReader(context.ports.reader);
  const loaded = loadLab({
    directory,
    workspace: context.workspace,
    files: labFiles,
    readModule: modules.read,
    schemas: context.schemas,
    resourceSchemas: context.resourceSchemas,
    labformVersion: context.version,
  });
  if (!loaded.value) throw new Failure(await judged(loaded.diagnostics, [...labFiles, ...modules.files], context));
  const sources = {
    variables: loaded.value.variables,
    environment: context.environment,
    files: await texts(isVariableFile),
    given: await Promise.all((args.var ?? args.varFile ?? []).map((one) => given(context, one))),
  };
  return { lab: loaded.value, sources, diagnostics: loaded.diagnostics };
}

/** What evaluating a lab that is wrong already finds beside it: all errors of a run are shown, each once. */
async function wrongValues(context: Context, read: LoadedLab): Promise<readonly Diagnostic[]> {
  const told = read.warnings.flatMap((one) => (one.severity === "error" && one.range ? [one.range] : []));
  const directories = { lab: read.lab.directory, nodes: "", run: "", programs: context.programs };
  const { diagnostics } = await makePlan({
    ...read,
    state: emptyState(context.version),
    providers: context.providers(directories),
    labformVersion: context.version,
    time: new Date(context.ports.clock.now()).toISOString(),
    refresh: false,
    targets: [],
    excludes: [],
    replace: [],
  });
  // What is wrong inside of a place that has its error is that error again: of `node.r1.rma` the `rma`.
  const isTold = (range: Range) => told.some((one) => isWithin(range, one));
  return diagnostics.filter((one) => one.severity === "error" && one.range && !isTold(one.range));
}

async function given(context: Context, one: VariableArgument): Promise<GivenVariable> {
  if (one.flag === "var") return { from: "argument", text: one.text };
  return { from: "file", file: await readNamed(context, resolve(context.workingDirectory, one.text), one.text) };
}

async function readNamed(context: Context, path: string, name: string): Promise<SourceFile> {
  return { name, text: await readUserFile(context, path, { name, role: "file" }) };
}

/**
 * HashiCorp's own grammar is asked about each file that labform's rejects: where it accepts, the fault is labform's,
 * and the message says so. Only syntax errors can be judged so.
 */
export async function judged(
  diagnostics: readonly Diagnostic[],
  sources: readonly SourceFile[],
  context: Context,
): Promise<readonly Diagnostic[]> {
  const added: Diagnostic[] = [];
  for (const file of sources) {
    const wrong = diagnostics.filter(
      (one) => one.severity === "error" && one.range?.file.name === file.name && one.syntax === true,
    );
    if (wrong.length === 0 || (await askReferee(file.text, context.programs)) !== "accepts") continue;
    added.push(
      errorDiagnostic(`${file.name} is valid HCL: that it was rejected is a fault of labform`, {
        detail:
          "HashiCorp's own parser accepts it. Please report it with the file; another way to write the line marked above will get you further.",
        range: wrong[0]?.range,
      }),
    );
  }
  return [...diagnostics, ...added];
}
