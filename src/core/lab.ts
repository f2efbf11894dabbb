import type { ResourceKind, Target } from "./addresses.ts";
import type { DeclaredBackend } from "./backend.ts";
import type { Diagnostic } from "./diagnostics.ts";
import type { Range, SourceFile } from "./source.ts";
import type { Body, Expression } from "./syntax.ts";
import type { Path, Type } from "./values.ts";

/**
 * A lab as configured: its blocks checked for shape (known block types, names, labels, duplicates, constant-only
 * places), its expressions not yet evaluated. It is its own root module. Made by src/config, walked by src/planner.
 */
export interface Lab extends Module {
  readonly name: string;
  readonly nameRange: Range;
  /** The one it is read for: what `lab.workspace` says. */
  readonly workspace: string;
  readonly identity?: Expression | undefined;
  readonly requiredVersion?: { readonly text: string; readonly range: Range } | undefined;
  readonly allowUnsafeOptions?: Expression | undefined;
  /** Where its state is kept; on this disk where nothing is said. */
  readonly backend?: DeclaredBackend | undefined;
  readonly providers: ReadonlyMap<string, ProviderBlock>;
}

/** What the lab files of one directory declare. The same object for all calls that name the directory alike. */
export interface Module {
  /** Absolute. */
  readonly directory: string;
  /** As `path.module` says it: relative to the lab's directory, which is "."; absolute where a source is. */
  readonly path: string;
  readonly files: readonly SourceFile[];
  readonly variables: ReadonlyMap<string, Variable>;
  readonly locals: ReadonlyMap<string, Local>;
  readonly templates: ReadonlyMap<string, Template>;
  /** By resource address without modules: `node.r1`, `link.core`. In the order of the files. */
  readonly resources: ReadonlyMap<string, Resource>;
  readonly outputs: ReadonlyMap<string, Output>;
  readonly checks: ReadonlyMap<string, Check>;
  readonly calls: ReadonlyMap<string, ModuleCall>;
  readonly moved: readonly MovedBlock[];
  readonly removed: readonly RemovedBlock[];
  /** False where its files could not all be read: nothing is said to be absent in it. */
  readonly complete: boolean;
}

/** What has instances: a resource or a module call. */
export interface Repeated {
  readonly address: string;
  readonly count?: Expression | undefined;
  readonly forEach?: Expression | undefined;
  /** `lifecycle { enabled }`: whether there is the one instance; never beside the other two. */
  readonly enabled?: Expression | undefined;
}

/** A `module` block; its address is `module.pod`. */
export interface ModuleCall extends Repeated {
  readonly name: string;
  readonly dependsOn: readonly { readonly address: string; readonly range: Range }[];
  /** The values of the module's variables; each is one that the module declares. */
  readonly arguments: ReadonlyMap<string, Expression>;
  readonly module: Module;
  readonly range: Range;
}

/** A module where a chain of calls puts it, whatever their counts: what has one vertex each in the static graph. */
export interface ModulePlace {
  /** `module.pod.module.inner`, without keys; "" of the root. */
  readonly address: string;
  readonly module: Module;
  /** Both are absent of the root. */
  readonly call?: ModuleCall | undefined;
  readonly outer?: ModulePlace | undefined;
  /** By the calls' names. */
  readonly inner: ReadonlyMap<string, ModulePlace>;
}

/** The place that a place is in, through all others. */
export function rootOf(place: ModulePlace): ModulePlace {
  let at = place;
  while (at.outer) at = at.outer;
  return at;
}

/** A thing of a lab that is evaluated or planned by itself, once for each instance of its module. */
export type Vertex = {
  /** Its place and its own name: `module.pod.var.x`, `module.pod` for a call. */
  readonly name: string;
  /** Where it is declared; of a variable too, though its value comes from outside. */
  readonly place: ModulePlace;
} & (
  | { readonly kind: "variable"; readonly block: Variable }
  /** The rules of a module's variable, which may refer to more than it. */
  | { readonly kind: "rules"; readonly block: Variable }
  | { readonly kind: "provider"; readonly block: ProviderBlock }
  | { readonly kind: "local"; readonly block: Local }
  | { readonly kind: "resource"; readonly block: Resource }
  | { readonly kind: "output"; readonly block: Output }
  | { readonly kind: "check"; readonly block: Check }
  /** Its count or for_each; its module's own vertices come after it. */
  | { readonly kind: "call"; readonly block: ModuleCall }
);

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
  /** They refer to nothing that waits for nodes or links. */
  readonly validations: readonly Rule[];
  readonly range: Range;
}

/** A condition that is to hold, and what to say where it does not. */
export interface Rule {
  readonly condition: Expression;
  readonly errorMessage: Expression;
}

/** What must hold before a node or link is made, and once it is; `self` of a postcondition is the instance. */
export interface Conditions {
  readonly preconditions: readonly Rule[];
  readonly postconditions: readonly Rule[];
}

/** What a `lifecycle` block says beside `enabled` and its conditions. */
export interface Lifecycle {
  readonly preventDestroy?: Expression | undefined;
  /** Where what is recorded counts and not what the lab files say, once there is a record. */
  readonly ignoreChanges?: "all" | readonly Path[] | undefined;
  /** Each at most one node, link or attribute of one, whose change has the instance made anew. */
  readonly triggers: readonly Trigger[];
}

/** `node.y["a"].power`, `node.y[each.key]`, `link.z` */
export interface Trigger {
  /** `node.y` */
  readonly address: string;
  /** Of the instance; all of them where there is none. A constant, `each.key` or `count.index`. */
  readonly key?: Expression | undefined;
  /** Of the attribute; empty for the whole instance. */
  readonly path: Path;
  readonly expression: Expression;
}

/** A `moved` block: what was declared as `from` is now `to`. Both are of one kind, and as seen from its module. */
export interface MovedBlock {
  readonly from: Target;
  readonly to: Target;
  readonly fromRange: Range;
  readonly range: Range;
}

/** A `removed` block: what was declared as `from` is no longer. */
export interface RemovedBlock {
  /** A resource or module call, as seen from its module; without keys. */
  readonly from: Target;
  readonly fromRange: Range;
  /** False: what there is of it is forgotten and stays. */
  readonly destroy: boolean;
  readonly range: Range;
}

/** A `check` block: what is told as a warning where it does not hold. */
export interface Check {
  readonly name: string;
  readonly assertions: readonly Rule[];
  /** `check "health"` */
  readonly range: Range;
}

export interface Local {
  readonly name: string;
  readonly expression: Expression;
  readonly range: Range;
}

/** What nodes can be made of; its body is already in theirs. */
export interface Template {
  readonly name: string;
  /** `template "router"` */
  readonly range: Range;
  /** The whole block. */
  readonly block: Range;
  /** Without the argument `template`. */
  readonly body: Body;
}

/** Its address is `node.r1`, also in a module. */
export interface Resource extends Repeated {
  readonly kind: ResourceKind;
  readonly name: string;
  readonly dependsOn: readonly { readonly address: string; readonly range: Range }[];
  /** Without the meta-arguments. */
  readonly body: Body;
  readonly conditions?: Conditions | undefined;
  readonly lifecycle?: Lifecycle | undefined;
  /** Whose bodies it has under its own, nearest first: parts of it stand in their blocks. */
  readonly templates?: readonly Template[] | undefined;
  /** `node "r1"`: what a message about the resource as a whole marks. */
  readonly range: Range;
}

export interface Output {
  readonly name: string;
  readonly expression: Expression;
  readonly description?: string | undefined;
  readonly sensitive: boolean;
  readonly dependsOn: readonly { readonly address: string; readonly range: Range }[];
  /** What must hold before it is recorded, and before what refers to it is made. */
  readonly preconditions: readonly Rule[];
  readonly range: Range;
}

/** A result that may be unusable: `value` is absent only when `diagnostics` has errors. */
export interface Checked<T> {
  readonly value?: T | undefined;
  readonly diagnostics: readonly Diagnostic[];
}
