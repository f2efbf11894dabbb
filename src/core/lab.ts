import type { ResourceKind } from "./addresses.ts";
import type { Diagnostic } from "./diagnostics.ts";
import type { Range, SourceFile } from "./source.ts";
import type { Body, Expression } from "./syntax.ts";
import type { Type } from "./values.ts";

/**
 * A lab as configured: its blocks checked for shape (known block types, names, labels, duplicates, constant-only
 * places), its expressions not yet evaluated. Made by src/config, walked by src/planner.
 */
export interface Lab {
  readonly name: string;
  readonly nameRange: Range;
  readonly identity?: Expression | undefined;
  readonly requiredVersion?: { readonly text: string; readonly range: Range } | undefined;
  readonly allowUnsafeOptions?: Expression | undefined;
  /** Absolute. */
  readonly directory: string;
  readonly files: readonly SourceFile[];
  readonly providers: ReadonlyMap<string, ProviderBlock>;
  readonly variables: ReadonlyMap<string, Variable>;
  readonly locals: ReadonlyMap<string, Local>;
  /** By resource address: `node.r1`, `link.core`. In the order of the files. */
  readonly resources: ReadonlyMap<string, Resource>;
  readonly outputs: ReadonlyMap<string, Output>;
}

export interface ProviderBlock {
  readonly name: string;
  readonly body: Body;
  readonly range: Range;
}

export interface Variable {
  readonly name: string;
  readonly type: Type;
  /** Absent when no type is given: then text from the command line is text, not an expression. */
  readonly typeRange?: Range | undefined;
  readonly default?: Expression | undefined;
  readonly description?: string | undefined;
  readonly sensitive: boolean;
  readonly nullable: boolean;
  readonly validations: readonly Validation[];
  readonly range: Range;
}

/** A rule for the values of a variable; its expressions refer to nothing that waits for nodes or links. */
export interface Validation {
  readonly condition: Expression;
  readonly errorMessage: Expression;
}

export interface Local {
  readonly name: string;
  readonly expression: Expression;
  readonly range: Range;
}

export interface Resource {
  readonly kind: ResourceKind;
  readonly name: string;
  /** `node.r1` */
  readonly address: string;
  readonly count?: Expression | undefined;
  readonly forEach?: Expression | undefined;
  readonly dependsOn: readonly { readonly address: string; readonly range: Range }[];
  /** Without the meta-arguments. */
  readonly body: Body;
  /** `node "r1"`: what a message about the resource as a whole marks. */
  readonly range: Range;
}

export interface Output {
  readonly name: string;
  readonly expression: Expression;
  readonly description?: string | undefined;
  readonly sensitive: boolean;
  readonly dependsOn: readonly { readonly address: string; readonly range: Range }[];
  readonly range: Range;
}

/** A result that may be unusable: `value` is absent only when `diagnostics` has errors. */
export interface Checked<T> {
  readonly value?: T | undefined;
  readonly diagnostics: readonly Diagnostic[];
}
