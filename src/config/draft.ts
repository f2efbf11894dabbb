import type { Diagnostic } from "../core/diagnostics.ts";
import type {
  Check,
  Local,
  ModuleCall,
  MovedBlock,
  Output,
  ProviderBlock,
  RemovedBlock,
  Resource,
  Template,
  Variable,
} from "../core/lab.ts";
import type { Range } from "../core/source.ts";
import type { Attribute, Block, Body } from "../core/syntax.ts";

/** Where mistakes are told. */
export interface Report {
  readonly diagnostics: Diagnostic[];
  /** False once text could not be parsed: items with a mistake in them are missing, so nothing is said to be absent. */
  complete: boolean;
}

/** A template with those it names itself. */
export interface ResolvedTemplate {
  readonly own: Template;
  readonly body: Body;
  /** This one first, then what it names. */
  readonly templates: readonly Template[];
  /** False where one of them is not there, or is in a ring. */
  readonly complete: boolean;
}

/** A call of a module whose directory has not been read. */
export interface DraftCall extends Omit<ModuleCall, "arguments" | "module"> {
  /** Undefined where there is none to be read, which is reported. */
  readonly source: { readonly text: string; readonly range: Range } | undefined;
  readonly arguments: readonly Attribute[];
}

/** A lab or module while its blocks are read, in the order of the files. */
export interface Draft extends Report {
  readonly labs: Block[];
  readonly providers: Map<string, ProviderBlock>;
  readonly variables: Map<string, Variable>;
  readonly locals: Map<string, Local>;
  readonly templates: Map<string, ResolvedTemplate>;
  readonly resources: Map<string, Resource>;
  readonly outputs: Map<string, Output>;
  readonly checks: Map<string, Check>;
  readonly calls: Map<string, DraftCall>;
  readonly moved: MovedBlock[];
  readonly removed: RemovedBlock[];
}

export function emptyDraft(): Draft {
  return {
    diagnostics: [],
    complete: true,
    labs: [],
    providers: new Map(),
    variables: new Map(),
    locals: new Map(),
    templates: new Map(),
    resources: new Map(),
    outputs: new Map(),
    checks: new Map(),
    calls: new Map(),
    moved: [],
    removed: [],
  };
}
