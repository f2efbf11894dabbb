import type { ResourceKind } from "./addresses.ts";
import type { Diagnostic } from "./diagnostics.ts";
import type { Action } from "./lifecycle.ts";
import type { ChangeClass } from "./schema.ts";
import type { ByHand, Instance, State } from "./state.ts";
import type { Attributes, Json, Path, PlannedAttributes } from "./values.ts";

export const PLAN_FORMAT = 3;

/** What is to be done and why; apply does what it says and needs nothing else. Made by src/planner. */
export interface Plan {
  readonly format: number;
  readonly labformVersion: string;
  /** The state it was made against: a saved plan is refused when either moved. */
  readonly lineage: string;
  readonly serial: number;
  /** `refresh-only`: no change, only what was found is written into the state. */
  readonly mode: "normal" | "destroy" | "refresh-only";
  readonly lab: State["lab"];
  readonly workspace: string;
  /** The lab's, absolute: what tells two labs apart as long as neither has a lineage. */
  readonly directory: string;
  /** ISO 8601 */
  readonly time: string;
  /** False with `-refresh=false`: the live host was not looked at. */
  readonly refreshed: boolean;
  /** Only what changes, in a stable order: services by name, nodes and links as they follow from each other, then what is removed. */
  readonly changes: readonly Change[];
  /** What is recorded under another address than before, in the order of the state; absent where nothing is. */
  readonly moves?: readonly Move[] | undefined;
  /** How many instances stay as they are. */
  readonly unchanged: number;
  readonly outputs: readonly OutputChange[];
  /** Instances whose record differs from the state's though nothing is to be done: settled, or refreshed computed attributes. */
  readonly refreshes: readonly Instance[];
  /** Addresses whose record is dropped since nothing is left of them; of a refresh-only plan alone. */
  readonly lost?: readonly string[] | undefined;
  /** What is not as the record says, or not as the last apply left it; in the order of the state. */
  readonly drift: readonly Drift[];
  readonly diagnostics: readonly Diagnostic[];
  /** What must still hold when more is known; absent where nothing is left to be decided. */
  readonly rules?: readonly DeferredRule[] | undefined;
  /** What is recorded and stays, as it then is: with it a saved plan tells by itself what there will be. */
  readonly kept?: readonly Instance[] | undefined;
  /** Of the root, by name; without a value where it is sensitive. */
  readonly variables?: { readonly [name: string]: PlannedVariable } | undefined;
  /** Of everything that has rules what they say. */
  readonly checks?: readonly CheckResult[] | undefined;
  /** Something was left out, by -target say. */
  readonly partial?: true | undefined;
}

export interface PlannedVariable {
  readonly sensitive: boolean;
  readonly value?: Json | undefined;
}

/** What the rules of one thing say together. */
export interface CheckResult {
  /** As of a `DeferredRule`. */
  readonly owner: string;
  readonly status: "pass" | "fail" | "unknown";
  /** What its broken rules say. */
  readonly problems: readonly string[];
}

/** An instance whose record gets another address, before anything else is done. */
export interface Move {
  readonly from: string;
  readonly to: string;
}

/** What is there of an instance; see `Live` in provider.ts. */
export type Condition = "present" | "down" | "broken" | "absent";

export interface Change {
  readonly address: string;
  readonly kind: ResourceKind;
  readonly provider: string;
  readonly schemaVersion: number;
  readonly id: string;
  readonly action: Action;
  /** It is not to run afterwards: `power = "off"`. */
  readonly rests: boolean;
  /** Asked for by a command such as `stop`: remembered until a plan of the lab files comes by. */
  readonly byHand?: ByHand | undefined;
  readonly causes: readonly Cause[];
  /** The record the change starts from, as settled and refreshed; null when there is none. */
  readonly prior: Instance | null;
  /** What refresh found of it; apply refuses the step as stale when it finds something else. Null when it was not looked at. */
  readonly found: Condition | null;
  /** Attributes afterwards, `UNKNOWN` where decided on the way; null for a delete. */
  readonly planned: PlannedAttributes | null;
  readonly sensitive: readonly Path[];
  /** What an attribute's change takes, where the provider judged otherwise than its schema; by `formatPath`. */
  readonly classes: { readonly [path: string]: ChangeClass };
  /** By `formatPath`: what is evaluated once its awaited instances are done. */
  readonly deferred: { readonly [path: string]: Deferred };
  /** Instance addresses. */
  readonly dependencies: readonly string[];
  /** Of a link or network: the instances at its ends. */
  readonly ends: readonly string[];
  /** Outputs of modules it comes from whose preconditions are still to be decided: before it is begun. */
  readonly guards?: readonly string[] | undefined;
  /** Of a machine whose state is saved when it is turned off; absent for all others. */
  readonly machineState?: MachineState | undefined;
  /** As its block says, to be recorded. */
  readonly preventDestroy?: true | undefined;
  /** Where the block stands, for messages at apply: `pair.lab.hcl:12:1`. */
  readonly at?: string | undefined;
  /** The provider's settings as resolved for this instance. */
  readonly settings: { readonly [name: string]: Json };
}

export type MachineState =
  /** what its guest does, or did when it was saved, it goes on with at the next start */
  | "kept"
  /** it becomes another machine, which no saved state fits, or what was saved is of no use any more: it boots */
  | "lost";

/** Why an instance is in the plan. `summary` is shown as it is, without a full stop. */
export interface Cause {
  readonly kind: "lab" | "host" | "hand" | "asked" | "unfinished" | "unready" | "removed" | "dependency";
  readonly summary: string;
  /** Which attribute it is about, where it is about one. */
  readonly path?: Path | undefined;
  readonly at?: string | undefined;
  /** For `host`: lines that show it, the end of qemu.log say. */
  readonly evidence?: readonly string[] | undefined;
}

/** What became of an instance since it was recorded, and why: nobody has to have asked for it in the lab files. */
export interface Drift {
  readonly address: string;
  readonly kind: ResourceKind;
  readonly provider: string;
  readonly condition: Condition;
  /** Empty where only values differ that explain themselves, a pid say. */
  readonly causes: readonly Cause[];
  /** As recorded. */
  readonly before: Attributes;
  /** As found; null where nothing is left of it. */
  readonly after: Attributes | null;
  readonly sensitive: readonly Path[];
}

export interface OutputChange {
  readonly name: string;
  readonly action: "create" | "update" | "delete" | "none";
  readonly sensitive: boolean;
  /** What is recorded of it is. */
  readonly wasSensitive?: true | undefined;
  /** Type and value as in `OutputState`; absent while unknown. */
  readonly before?: { readonly type: Json; readonly value: Json } | undefined;
  readonly after?: { readonly type: Json; readonly value: Json } | undefined;
  readonly deferred?: Deferred | undefined;
  /** As of a change. */
  readonly guards?: readonly string[] | undefined;
}

/**
 * An expression that could not be evaluated wholly at plan. `text` is evaluated again at apply, with `captured` for
 * what was known and the awaited instances' attributes for the rest; no lab file is opened.
 */
export interface Deferred {
  readonly text: string;
  /** `pair.lab.hcl:12:11`, for messages. */
  readonly at: string;
  /** Roots and members by name: `var.image`, `each.key`, `node.router`. */
  readonly captured: { readonly [name: string]: Captured };
  /** What its functions read of the world outside; absent where it calls none of these. */
  readonly readings?: Readings | undefined;
  /**
   * Of the outermost: the expressions captured in it at any depth, each once and after those it refers to, by the name
   * that `part` gives. Absent where there are none.
   */
  readonly parts?: { readonly [name: string]: CapturedExpression } | undefined;
}

/** What functions read at plan. Apply evaluates from it: what is applied is what was shown. */
export interface Readings {
  /** The lab's directory, absolute. */
  readonly directory: string;
  readonly home?: string | undefined;
  /** ISO 8601, the plan's. */
  readonly planTime: string;
  /** By question: `read /lab/motd.txt`, `sha256 /lab/disk.img`. */
  readonly answers: { readonly [question: string]: Answer };
}

/** A kind or a digest; the names in a directory; a file's content; Node's code of what was refused. */
export type Answer =
  | string
  | readonly string[]
  | { readonly text: string }
  | { readonly base64: string }
  | { readonly refused: string };

export type Captured =
  | { readonly kind: "value"; readonly type: Json; readonly value: Json; readonly sensitive?: readonly Path[] }
  | CapturedExpression
  /** One of the outermost expression's `parts`. */
  | { readonly kind: "part"; readonly name: string }
  /** A resource: one instance, a list by index or a map by key. */
  | { readonly kind: "resource"; readonly shape: Shape; readonly instances: readonly string[] }
  /** A module's outputs, those that are referred to, by instance; `key` is null where there is one without a key. */
  | {
      readonly kind: "module";
      readonly shape: Shape;
      readonly instances: readonly {
        readonly key: string | number | null;
        readonly outputs: { readonly [name: string]: Captured };
      }[];
    };

export type CapturedExpression =
  /** A local or an output of a module that is not known yet. */
  { readonly kind: "deferred"; readonly deferred: Deferred; readonly sensitive?: true } | CapturedVariable;

export type Shape = "single" | "list" | "map";

/** A variable of a module whose value is not known yet. */
export interface CapturedVariable {
  readonly kind: "variable";
  /** `module.pod["a"].var.x` */
  readonly address: string;
  readonly deferred: Deferred;
  /** Its type as its block writes it, with the defaults of attributes; absent where there is none. */
  readonly type?: string;
  readonly sensitive: boolean;
  readonly nullable: boolean;
  /** What null stands for where it is not nullable. */
  readonly default?: Captured;
}

export type RuleKind = "validation" | "precondition" | "postcondition" | "assertion";

/** A condition that could not be decided at plan. */
export interface DeferredRule {
  readonly kind: RuleKind;
  /** Whose it is: `module.pod["a"].var.x`, `node.r1`, `output.x`, `module.pod.check.health`. */
  readonly owner: string;
  /** Of a validation: the value it is about, and where that is given: `main.lab.hcl:3:1`. */
  readonly value?: { readonly sensitive: boolean; readonly given: string } | undefined;
  readonly condition: Deferred;
  readonly message: Deferred;
}
