import type { ResourceKind } from "./addresses.ts";
import type { Operation } from "./lifecycle.ts";
import type { Deferred, Move } from "./plan.ts";
import type { Attributes, Json, Path } from "./values.ts";

export const STATE_FORMAT = 1;

/**
 * What labform knows of a lab's objects. One JSON document, its checkpoint, and the journal's later records make it.
 *
 * Invariants, checked at every read and write (state/invariants.ts):
 *  1. every instance stands under its own address, and addresses are canonical;
 *  2. ids are unique among instances of one kind;
 *  3. a dependency names an instance of this state, or one that is gone for good (never itself);
 *  4. an instance with `pending` has a status other than `ok`, unless the pending operation leaves it whole: a live update, staging, forgetting;
 *  5. a process in `private` has a token, and no two instances share one;
 *  6. sensitive paths exist in the attributes;
 *  7. lineage is set as soon as there is an instance.
 */
export interface State {
  readonly format: number;
  /** Version of labform that wrote it. */
  readonly labformVersion: string;
  /** Of this lab's life, a random UUID made at the first write; "" before it. */
  readonly lineage: string;
  /** Rises by one with each command that changes something. */
  readonly serial: number;
  /** Absolute path of this lab's registry entry, recorded once, never computed again; "" before the first write. */
  readonly registry: string;
  /** The lab's name and identity as last applied. */
  readonly lab: { readonly name: string; readonly identity: string } | null;
  /** Where the instances are; absent before the first write, and from records older than this fact. */
  readonly host?: HostBinding | undefined;
  readonly outputs: { readonly [name: string]: OutputState };
  /** By instance address. */
  readonly instances: ReadonlyMap<string, Instance>;
}

/** What a host is known by to be this one or another. */
export interface HostFacts {
  readonly name: string;
  /** A digest of the machine's id; "" where it has none. */
  readonly machine: string;
  /** Of the boot in which a command last changed something. */
  readonly bootId: string;
  readonly pidNamespace: string;
}

/** The host that the instances of a state are on. */
export interface HostBinding extends HostFacts {
  /** ISO 8601: when the lab was first there. */
  readonly since: string;
}

export interface OutputState {
  readonly sensitive: boolean;
  /** Terraform's JSON form of a type: `"string"`, `["list","number"]`. */
  readonly type: Json;
  readonly value: Json;
  readonly deferred?: Deferred;
}

export type InstanceStatus =
  /** as planned */
  | "ok"
  /** made in part */
  | "creating"
  /** running, but its ready conditions were not met in time; the next apply waits again */
  | "unready"
  /** to be replaced by the next apply */
  | "tainted"
  /** removed in part */
  | "deleting";

export interface Instance {
  readonly address: string;
  readonly kind: ResourceKind;
  readonly provider: string;
  readonly schemaVersion: number;
  /** Names the object on the host (directory, sockets, bridge); fixed at create, kept through moves. */
  readonly id: string;
  readonly status: InstanceStatus;
  readonly attributes: Attributes;
  readonly sensitive: readonly Path[];
  /** Instance addresses whose objects this one needs; the reverse order is that of destroy. */
  readonly dependencies: readonly string[];
  /** As its block said when it was applied last: what holds where there is no block any more. */
  readonly preventDestroy?: true | undefined;
  /** The provider's own notes: process identity, socket names. Never shown. */
  readonly private: { readonly [key: string]: Json };
  /** What a command did to it, or a refresh found, since the lab files were applied last: why it may differ from them. */
  readonly byHand?: ByHand | undefined;
  /** The operation whose intent was written and whose outcome was not. */
  readonly pending?: Pending | undefined;
}

export interface ByHand {
  /** As in "stopped by hand": `stopped`, `suspended`, `capture started`. */
  readonly what: string;
  /** Which it therefore has otherwise than the lab files say: `power`, `capture`. */
  readonly attribute: string;
  /** The account; "" where nobody asked: `what` is then what a refresh found, as its cause said it. */
  readonly by: string;
  /** ISO 8601 */
  readonly at: string;
}

export interface Pending {
  readonly operation: Operation;
  /** Given to the process that the operation may create (LABFORM_TOKEN). */
  readonly token: string;
  /** ISO 8601 */
  readonly since: string;
}

/**
 * The journal's records, one a line, each with its checksum. An intent is on disk before the act, an outcome before
 * dependents start. Both carry the whole instance as it then is, so reading is replacing.
 */
export type JournalRecord =
  | {
      readonly record: "begin";
      readonly lineage: string;
      readonly serial: number;
      readonly registry: string;
      readonly command: string;
      readonly lab: State["lab"];
      /** The store fills it in. */
      readonly host?: HostBinding | undefined;
      readonly time: string;
    }
  | { readonly record: "intent"; readonly instance: Instance }
  | { readonly record: "outcome"; readonly operation: Operation | "settle" | "progress"; readonly instance: Instance }
  | { readonly record: "gone"; readonly address: string }
  /** All at once. The ids tell those that are moved already from what was made since under their former addresses. */
  | { readonly record: "moved"; readonly moves: readonly (Move & { readonly id: string })[] }
  | { readonly record: "outputs"; readonly outputs: State["outputs"] }
  | { readonly record: "end"; readonly time: string };

/** What a lab has before its first write. */
export function emptyState(labformVersion: string): State {
  return {
    format: STATE_FORMAT,
    labformVersion,
    lineage: "",
    serial: 0,
    registry: "",
    lab: null,
    outputs: {},
    instances: new Map(),
  };
}

/** The services an instance depends on, as recorded now, by address. */
export function servicesOf(instance: Instance, state: State): ReadonlyMap<string, Instance> {
  const services = new Map<string, Instance>();
  for (const address of instance.dependencies) {
    const service = address.startsWith("service.") ? state.instances.get(address) : undefined;
    if (service) services.set(address, service);
  }
  return services;
}
