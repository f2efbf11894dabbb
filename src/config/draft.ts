import type { Diagnostic } from "../core/diagnostics.ts";
import type { Local, Output, ProviderBlock, Resource, Variable } from "../core/lab.ts";
import type { Block } from "../core/syntax.ts";

/** Where mistakes are told. */
export interface Report {
  readonly diagnostics: Diagnostic[];
  /** False once text could not be parsed: items with a mistake in them are missing, so nothing is said to be absent. */
  complete: boolean;
}

/** A lab while its blocks are read, in the order of the files. */
export interface Draft extends Report {
  readonly labs: Block[];
  readonly providers: Map<string, ProviderBlock>;
  readonly variables: Map<string, Variable>;
  readonly locals: Map<string, Local>;
  readonly resources: Map<string, Resource>;
  readonly outputs: Map<string, Output>;
}

export function emptyDraft(): Draft {
  return {
    diagnostics: [],
    complete: true,
    labs: [],
    providers: new Map(),
    variables: new Map(),
    locals: new Map(),
    resources: new Map(),
    outputs: new Map(),
  };
}
