import { posix } from "node:path";
import type { Diagnostic } from "../core/diagnostics.ts";
import { errorDiagnostic } from "../core/diagnostics.ts";
import type { Module, ModuleCall, Variable } from "../core/lab.ts";
import type { Range, SourceFile } from "../core/source.ts";
import type { Attribute, Expression } from "../core/syntax.ts";
import { parseLabFiles, readBlocks } from "./directory.ts";
import type { Draft, DraftCall } from "./draft.ts";
import { emptyDraft } from "./draft.ts";
import { didYouMean } from "./names.ts";
import type { Schemas } from "./schemas.ts";

/**
 * Gives the lab files of a directory, whose name is absolute; those of its own level only. `shown` is how it is named
 * from the lab's directory, and how the names of its files begin: `pod/main.lab.hcl`. A text says why the directory
 * cannot be read, as a clause without full stop.
 */
export type ReadModule = (directory: string, shown: string) => readonly SourceFile[] | string;

/** What of a draft stays the same in a module. */
export function moduleParts({
  variables,
  locals,
  templates,
  resources,
  outputs,
  checks,
  moved,
  removed,
}: Draft): Omit<Module, "directory" | "path" | "files" | "calls" | "complete"> {
  const ownTemplates = new Map([...templates].map(([name, { own }]) => [name, own]));
  return { variables, locals, templates: ownTemplates, resources, outputs, checks, moved, removed };
}

/** A directory being read: the lab's, or a module's because it is called in the one before. */
interface Home {
  readonly path: string;
  /** Absolute. */
  readonly directory: string;
  /** Undefined of the root. */
  readonly calledAt: Range | undefined;
}

/** Reads the modules that a lab calls, each directory once, and what these call themselves. */
export class ModuleLoader {
  readonly diagnostics: Diagnostic[] = [];
  readonly #root: string;
  readonly #read: ReadModule;
  readonly #schemas: Schemas;
  readonly #modules = new Map<string, Module | undefined>();

  /** `root` is the lab's directory, absolute. */
  constructor(root: string, read: ReadModule, schemas: Schemas) {
    this.#root = root;
    this.#read = read;
    this.#schemas = schemas;
  }

  /** The root's calls; where one cannot be read, a module that is not complete stands in its place. */
  load(draft: Draft): ReadonlyMap<string, ModuleCall> {
    return this.#calls(draft, [{ path: ".", directory: this.#root, calledAt: undefined }]);
  }

  #calls(draft: Draft, chain: readonly Home[]): ReadonlyMap<string, ModuleCall> {
    const calls = new Map<string, ModuleCall>();
    for (const { source, arguments: given, ...call } of draft.calls.values()) {
      const module = (source && this.#module(source, chain)) ?? this.#unreadable(source?.text ?? "");
      const values = this.#checkArguments({ ...call, source, arguments: given }, module);
      calls.set(call.name, { ...call, arguments: values, module });
    }
    return calls;
  }

  #module({ text, range }: Exclude<DraftCall["source"], undefined>, chain: readonly Home[]): Module | undefined {
    const path = pathOf(text, (chain.at(-1) as Home).path);
    if (this.#modules.has(path)) return this.#modules.get(path);
    const home = { path, directory: posix.resolve(this.#root, path), calledAt: range };
    const first = chain.findIndex(({ directory }) => directory === home.directory);
    if (first !== -1) {
      this.#refuseRing([...chain.slice(first), home]);
      return undefined;
    }
    const files = this.#read(home.directory, path);
    if (typeof files === "string" || files.length === 0) {
      const why =
        typeof files === "string" ? files : "it has no lab files, none whose name ends in .lab.hcl or .lab.json";
      const detail = `${path}: ${why}.`;
      this.diagnostics.push(errorDiagnostic("The module's directory cannot be read", { detail, range }));
      return undefined;
    }
    const module = this.#readModule(home, files, chain);
    this.#modules.set(path, module);
    return module;
  }

  #readModule(home: Home, files: readonly SourceFile[], chain: readonly Home[]): Module {
    const draft = emptyDraft();
    readBlocks(parseLabFiles(files, draft, this.#schemas), false, draft, this.#schemas);
    this.diagnostics.push(...draft.diagnostics);
    const calls = this.#calls(draft, [...chain, home]);
    return {
      ...moduleParts(draft),
      complete: draft.complete,
      directory: home.directory,
      path: home.path,
      files,
      calls,
    };
  }

  #unreadable(source: string): Module {
    const parts = moduleParts(emptyDraft());
    return { ...parts, complete: false, directory: this.#root, path: source, files: [], calls: new Map() };
  }

  #refuseRing(ring: readonly Home[]): void {
    const [first, ...others] = ring as [Home, ...Home[]];
    const last = others.at(-1) as Home;
    const names = [...ring.slice(0, -1), first].map(({ path }) => (path === "." ? "the lab's directory" : path));
    const related = others.slice(0, -1).map(({ path, calledAt }) => ({
      message: `${path} is called here`,
      range: calledAt as Range,
    }));
    const detail = `${names.join(" → ")}: each calls the next as a module, so there would be no end of them. Take one of the calls away.`;
    this.diagnostics.push(
      errorDiagnostic("Modules call one another", { detail, range: last.calledAt as Range, related }),
    );
  }

  /** The values of the module's variables. */
  #checkArguments(call: DraftCall, module: Module): ReadonlyMap<string, Expression> {
    const values = new Map<string, Expression>();
    for (const attribute of call.arguments) {
      if (module.variables.has(attribute.name)) values.set(attribute.name, attribute.expression);
      else if (module.complete) this.diagnostics.push(unknownArgument(attribute, call, module));
    }
    for (const variable of module.variables.values()) {
      if (values.has(variable.name) || variable.default) continue;
      this.diagnostics.push(missingArgument(variable, call));
    }
    return values;
  }
}

function unknownArgument({ name, nameRange: range }: Attribute, call: DraftCall, module: Module): Diagnostic {
  const names = [...module.variables.keys()];
  const meant = didYouMean(name, names);
  const variable = names.find((one) => meant.includes(`"${one}"`));
  const declared = variable === undefined ? undefined : module.variables.get(variable);
  const all = names.length === 0 ? " It declares none at all." : "";
  const detail = `${call.source?.text} declares no variable of this name.${meant || all}`;
  const related = declared ? [{ message: `var.${declared.name} is declared here`, range: declared.range }] : [];
  return errorDiagnostic(`Unknown argument "${name}" of module "${call.name}"`, { detail, range, related });
}

function missingArgument({ name, description, range }: Variable, call: DraftCall): Diagnostic {
  const what = description ? ` ${description.replace(/[.\s]*$/, "")}.` : "";
  return errorDiagnostic(`Missing argument "${name}"`, {
    detail: `Module "${call.name}" needs a value for its variable "${name}", which has no default.${what}`,
    range: call.range,
    related: [{ message: "the variable is declared here", range }],
  });
}

/** Where a source in a module at `from` leads, as it is named from the lab's directory. */
function pathOf(source: string, from: string): string {
  const path = source.startsWith("/") ? posix.normalize(source) : posix.join(from, source);
  return path.length > 1 ? path.replace(/\/$/, "") : path;
}
