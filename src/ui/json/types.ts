import type { Action } from "../../core/lifecycle.ts";
import type { Condition, Plan } from "../../core/plan.ts";
import type { InstanceStatus } from "../../core/state.ts";
import type { Json } from "../../core/values.ts";

/** Of all documents; the second number rises with additions, the first with anything a reader must know of. */
export const FORMAT_VERSION = "1.0";

export type JsonObject = { readonly [name: string]: Json };

/** `show -json PLANFILE`. */
export interface PlanDocument {
  readonly format_version: string;
  /** The labform that made the plan. */
  readonly labform_version: string;
  /** When; ISO 8601. */
  readonly timestamp: string;
  /** `normal`, `destroy` or `refresh-only` */
  readonly mode: Plan["mode"];
  readonly lab: LabName | null;
  /** Of the state it was made against. */
  readonly lineage: string;
  readonly serial: number;
  /** There is something to apply. */
  readonly applyable: boolean;
  /** Nothing was left out: the lab is as its files say once it is applied. */
  readonly complete: boolean;
  /** Always false: of a plan that met an error nothing is saved. */
  readonly errored: boolean;
  readonly variables: { readonly [name: string]: VariableDocument };
  /** What there will be, as far as it is known. */
  readonly planned_values: ValuesDocument;
  /** What was found otherwise than it is recorded. */
  readonly resource_drift: readonly DriftDocument[];
  /** Each instance there is or will be, also those that stay (`no-op`). */
  readonly resource_changes: readonly ResourceChangeDocument[];
  readonly output_changes: { readonly [name: string]: OutputChangeDocument };
  /** What there is, as it was found. */
  readonly prior_state: PriorStateDocument;
  readonly checks: readonly CheckDocument[];
}

export interface LabName {
  readonly name: string;
  readonly identity: string;
}

/** `value` is null where the variable is sensitive. */
export interface VariableDocument {
  readonly value: Json;
  readonly sensitive?: true;
}

export interface PriorStateDocument {
  readonly format_version: string;
  readonly labform_version: string;
  readonly values: ValuesDocument;
}

export interface ResourceChangeDocument extends InstanceNames {
  /** Where it was recorded before a `moved` block named it anew. */
  readonly previous_address?: string;
  /** `module.pod["a"]`; absent in the root. */
  readonly module_address?: string;
  readonly change: ChangeDocument;
  /** Why it is replaced or deleted, in OpenTofu's words: `replace_because_tainted`, `delete_because_each_key`. */
  readonly action_reason?: string;
}

export interface ChangeDocument {
  /** `["no-op"]`, `["create"]`, `["update"]`, `["delete", "create"]`, `["delete"]` or `["forget"]`. */
  readonly actions: readonly string[];
  /** labform's own, which is more exact: an update may be a `restart`, a `start`, a `stop`. */
  readonly labform_action: Action;
  /** Null where there is none; what is sensitive is null in it. */
  readonly before: JsonObject | null;
  /** As `before`; what is not known yet is left out, in a list null. */
  readonly after: JsonObject | null;
  /** True in the place of each part that is not known yet. */
  readonly after_unknown: Json;
  /** True in the place of each part that is sensitive; false where there is nothing. */
  readonly before_sensitive: Json;
  readonly after_sensitive: Json;
  /** Of a replace: the arguments whose change makes it necessary. */
  readonly replace_paths?: readonly (readonly (string | number)[])[];
  /** Why; of what stays none. */
  readonly causes: readonly CauseDocument[];
}

export interface DriftDocument extends InstanceNames {
  readonly module_address?: string;
  /** What is there of it: `present`, `down`, `broken` or `absent`. */
  readonly condition: Condition;
  /** From what is recorded to what was found; null where nothing is left of it. */
  readonly change: Omit<ChangeDocument, "labform_action">;
}

export interface CauseDocument {
  /** `lab`: the lab files; `host`: what was found there; `hand`: a command; `asked`: a flag; and others. */
  readonly kind: string;
  /** As the plan has it. */
  readonly summary: string;
  /** The argument it is about. */
  readonly path?: string;
  /** `pair.lab.hcl:12:3` */
  readonly at?: string;
  /** Lines that show it, of a log say. */
  readonly evidence?: readonly string[];
}

export interface OutputChangeDocument {
  readonly actions: readonly string[];
  readonly before: Json;
  readonly after: Json;
  readonly after_unknown: boolean;
  readonly before_sensitive: boolean;
  readonly after_sensitive: boolean;
}

/** A rule's object and what its rules say. */
export interface CheckDocument {
  readonly address: CheckedAddress & {
    readonly kind: "resource" | "output_value" | "check" | "var";
    readonly mode?: "managed";
    readonly type?: string;
    readonly name: string;
  };
  readonly status: CheckStatus;
  readonly instances: readonly {
    readonly address: CheckedAddress & { readonly instance_key?: string | number };
    readonly status: CheckStatus;
    readonly problems?: readonly { readonly message: string }[];
  }[];
}

/** `unknown`: apply decides it. */
export type CheckStatus = "pass" | "fail" | "unknown";

export interface CheckedAddress {
  /** As it is shown: `module.pod["a"].node.r1`. */
  readonly to_display: string;
  readonly module?: string;
}

/** `show -json`. */
export interface StateDocument {
  readonly format_version: string;
  /** The labform that wrote it. */
  readonly labform_version: string;
  /** Both are as in the state file; before the first apply "" and 0. */
  readonly lineage: string;
  readonly serial: number;
  readonly lab: LabName | null;
  readonly values: ValuesDocument;
}

export interface ValuesDocument {
  readonly outputs: { readonly [name: string]: OutputDocument };
  readonly root_module: ModuleDocument;
}

/** `value` is null where the output is sensitive; it and `type` are absent while it is not known. */
export interface OutputDocument {
  readonly sensitive: boolean;
  /** `"string"`, `["list", "number"]` */
  readonly type?: Json;
  readonly value?: Json;
}

export interface ModuleDocument {
  /** `module.pod["a"]`; absent of the root. */
  readonly address?: string;
  readonly resources: readonly ResourceDocument[];
  readonly child_modules: readonly ModuleDocument[];
}

export interface InstanceNames {
  readonly address: string;
  /** Always `managed`: labform has no data sources. */
  readonly mode: "managed";
  /** `node`, `link` or `service`. */
  readonly type: string;
  readonly name: string;
  /** Of count or for_each. */
  readonly index?: string | number;
  readonly provider_name: string;
}

export interface ResourceDocument extends InstanceNames {
  readonly schema_version: number;
  /** Names it on the host. */
  readonly id: string;
  /** Null where it is sensitive. */
  readonly values: JsonObject;
  /** True in the place of each sensitive part of `values`. */
  readonly sensitive_values: Json;
  /** Addresses of instances it needs. */
  readonly depends_on: readonly string[];
  /** Of what is recorded. */
  readonly status?: InstanceStatus;
  /** The next apply replaces it. */
  readonly tainted?: true;
}

/** `validate -json`. */
export interface ValidationDocument {
  readonly format_version: string;
  readonly valid: boolean;
  readonly error_count: number;
  readonly warning_count: number;
  readonly diagnostics: readonly DiagnosticDocument[];
}

export interface DiagnosticDocument {
  readonly severity: "error" | "warning";
  readonly summary: string;
  /** "" where there is nothing to add. */
  readonly detail: string;
  /** The instance it is about. */
  readonly address?: string;
  /** The file, socket or program on the host it is about. */
  readonly subject?: string;
  readonly range?: RangeDocument;
  readonly snippet?: SnippetDocument;
  /** Other places that have to do with it. */
  readonly related?: readonly { readonly message: string; readonly range: RangeDocument }[];
}

/** `end` is behind the last character. */
export interface RangeDocument {
  /** From the lab's directory. */
  readonly filename: string;
  readonly start: PositionDocument;
  readonly end: PositionDocument;
}

export interface PositionDocument {
  /** From 1. */
  readonly line: number;
  /** From 1, in characters as readers count them (grapheme clusters), as HCL does. */
  readonly column: number;
  /** From 0, in the file's UTF-8. */
  readonly byte: number;
}

/** The lines that the range is in. */
export interface SnippetDocument {
  /** The head of the block it stands in: `node "r1"`. */
  readonly context: string | null;
  readonly code: string;
  readonly start_line: number;
  /** From 0, in the UTF-8 of `code`. */
  readonly highlight_start_offset: number;
  readonly highlight_end_offset: number;
  /** What the references in it are: `var.ram`, `is 64`. */
  readonly values: readonly { readonly traversal: string; readonly statement: string }[];
}
