import type { ResourceKind } from "./addresses.ts";
import type { Diagnostic } from "./diagnostics.ts";
import { Failure } from "./diagnostics.ts";
import type { Finding } from "./doctor.ts";
import type { BuiltGuest, GuestRequest } from "./guest.ts";
import type { Operation } from "./lifecycle.ts";
import type { Cause, MachineState } from "./plan.ts";
import type { Ports } from "./ports.ts";
import type { ChangeClass, ProviderSchema, ResourceSchema } from "./schema.ts";
import type { Instance } from "./state.ts";
import type { Attributes, Json, Path, PlannedAttributes } from "./values.ts";

/**
 * The contract between the engine and what makes things. The engine knows kinds and operations, no hypervisor; a
 * provider knows neither plans nor screens. All calls of one provider may run at the same time, for different
 * instances.
 */
export interface ProviderFactory {
  readonly schema: ProviderSchema;
  /**
   * Brings what an older version of a resource's schema recorded to the shape of this one. Pure, and needs nothing that is
   * loaded: records are read by commands that ask no provider. It is there as soon as a version is above 1, and takes
   * every one from 1 on.
   */
  upgrade?(record: OlderRecord): UpgradedRecord;
  /** Loads what `schema` alone does not need. */
  load(ports: Ports, host: HostDirectories): Promise<Provider>;
}

export interface OlderRecord extends UpgradedRecord {
  /** As `schema.resources` names it: `node`, `service.bridge`. */
  readonly type: string;
  /** Of the schema it was recorded by. */
  readonly version: number;
}

export type UpgradedRecord = Pick<Instance, "attributes" | "sensitive" | "private">;

/** Where a lab's files live; all absolute. */
export interface HostDirectories {
  /** The lab files' directory: relative image paths start here. */
  readonly lab: string;
  /** `.labform/<workspace>/nodes` */
  readonly nodes: string;
  /** All sockets; private (0700). From the registry. */
  readonly run: string;
  /** The programs labform itself brings: `keeper.js`, `bridge.js`. */
  readonly programs: string;
}

export type Settings = { readonly [name: string]: Json };

/** The kind of socket a node's adapters offer and a bridge takes. */
export type TunnelKind = "stream" | "dgram";

export interface Provider {
  readonly name: string;

  /** Resolves `auto` and the like against the host. With `offline` the host is not looked at and `auto` stays. */
  settings(
    configured: Settings,
    offline: boolean,
  ): Promise<{ readonly settings: Settings; readonly diagnostics: readonly Diagnostic[] }>;

  /** Of a link provider: the tunnel its engine takes. */
  tunnel?(settings: Settings): TunnelKind;

  /** What is really there, for many instances in one pass, in their order. Changes nothing. Includes those with `pending`. */
  read(instances: readonly Instance[]): Promise<readonly Live[]>;

  /** Checks the wanted attributes and completes those computed at plan. Changes nothing. */
  plan(request: PlanRequest): Promise<PlanAnswer> | PlanAnswer;

  /** Does one operation. Rejects with `Failure` (evidence for the user) or a bug. */
  perform(operation: Operation, context: OperationContext): Promise<Instance | null>;

  /** Of a node provider: the host's side of an adapter. Pure; needs no living node. */
  attachment?(node: Instance, adapter: number): Attachment;

  /** Of a node provider: the absolute names of the files that hold what a node said; they need not be there. Pure. */
  logs?(node: Instance): NodeLogs;

  /**
   * Of a node provider: gives back all it holds for a node that does not run, ports and sockets, but leaves its directory
   * to whoever takes it. May be done twice. Rejects with `Failure`.
   */
  release?(node: Instance): Promise<void>;

  /**
   * Of a node provider: gives one line to the node's monitor and resolves to what it answered. Rejects with `Failure`
   * when the node does not run, and when the monitor says that it could not do it.
   */
  askMonitor?(node: Instance, line: string): Promise<string>;

  /**
   * Of a node provider: runs a program in the node's guest, to its end. Rejects with `Failure` when the guest cannot be
   * asked; that it has no such program is a result.
   */
  execInGuest?(node: Instance, command: readonly string[]): Promise<GuestResult>;

  /**
   * Of a link provider: what its instances have carried since their service took them, one for each of their ends, in
   * their order; null where that cannot be told. One question to a service for all it carries.
   */
  statistics?(instances: readonly Instance[]): Promise<readonly (readonly EndStatistics[] | null)[]>;

  /**
   * Of a link provider: the frames of a link from now on, as a pcap file would have them: its header first, then whole
   * records. It ends when the signal aborts and when the link is not carried, or not captured, any more. Rejects with
   * `ServiceLost` when the service cannot be asked, with another `Failure` when it does not show the link's frames. Of a
   * network those of one port, by its label.
   */
  follow?(link: Instance, signal: AbortSignal, port?: string): AsyncIterable<Uint8Array>;

  /** Of a node provider: makes a small guest for its nodes. Rejects with `Failure` where a part of it is nowhere. */
  buildGuest?(request: GuestRequest): Promise<BuiltGuest>;

  /** What of this host its labs need, tried where looking is not enough. Leaves nothing behind. */
  examine?(request: ExamineRequest): Promise<readonly Finding[]>;
}

export type GuestResult =
  | {
      readonly started: true;
      readonly exitCode: number | null;
      /** Which ended it, where it did not end by itself. */
      readonly signal: number | null;
      readonly stdout: Uint8Array;
      readonly stderr: Uint8Array;
      /** The guest keeps so much and no more: the end of one of them is lost. */
      readonly truncated: boolean;
    }
  /** In the guest's own words. */
  | { readonly started: false; readonly reason: string };

/** What one end of a link or network has sent into it and got out of it; the names are part of `status -json`. */
export interface EndStatistics {
  readonly sent: { readonly frames: number; readonly bytes: number };
  readonly received: { readonly frames: number; readonly bytes: number };
  /** Frames on their way to it for which there was no room; null where those are not counted. */
  readonly dropped: number | null;
  /** Of an end of a network: who was heard there, and is not forgotten yet. */
  readonly stations?: readonly Station[];
}

/** What a network knows of who sends to it; the names are part of `status -json`. */
export interface Station {
  readonly mac: string;
  /** Null on a network of which no port names a VLAN. */
  readonly vlan: number | null;
  /** Seconds since it was heard last. */
  readonly age_s: number;
}

export interface NodeLogs {
  /** What the guest wrote on its serial console; null where it has none. Emptied in place when it has grown large. */
  readonly console: string | null;
  /** What it wrote on its second serial console, likewise. */
  readonly aux: string | null;
  /** What the program that emulates it wrote. */
  readonly machine: string;
}

export interface PlanRequest {
  readonly address: string;
  readonly id: string;
  /** `hash(lab identity, address)`, hexadecimal, 64 digits: the seed of MACs and UUIDs. */
  readonly seed: string;
  readonly settings: Settings;
  /** Decoded from the lab file with the schema's defaults; endpoints resolved; unknown where not known. */
  readonly config: PlannedAttributes;
  /** What of `config` must not be shown, nor named in a diagnostic. */
  readonly sensitive: readonly Path[];
  readonly prior: Instance | null;
  readonly tunnel: TunnelKind;
  /** True with `-refresh=false`: nothing of the host may be looked at. */
  readonly offline: boolean;
  /** Aborts when the user interrupts: what takes long, as reading an image does, ends with a `Failure`. */
  readonly signal?: AbortSignal | undefined;
}

export interface PlanAnswer {
  /** `config` with every attribute `computed: "plan"` filled; the engine keeps or renews the others. */
  readonly planned: PlannedAttributes;
  /** Services that must run for it: `service.bridge["builtin"]`. */
  readonly requires: readonly RequiredService[];
  readonly diagnostics: readonly Diagnostic[];
  /** What of `planned` must not be shown beside what of `config` must not: what was derived from that. */
  readonly sensitive?: readonly Path[];
  /**
   * What a difference takes, where it is otherwise than the schema says, by `formatPath`: `disk["hda"].image` only
   * `restart`, when the same image moved elsewhere.
   */
  readonly classes?: { readonly [path: string]: ChangeClass };
  /** What must be done although no attribute differs: the content of a base image changed. */
  readonly demands?: readonly Demand[];
  /** See `Change`. */
  readonly machineState?: MachineState | undefined;
}

export interface Demand {
  readonly change: ChangeClass;
  readonly cause: Cause;
}

export interface ExamineRequest {
  /** As the lab resolves them; the schema's defaults where there is no lab, or none that can be planned. */
  readonly settings: Settings;
  /** What the lab in the directory is made of; null where there is none, or none that can be planned. */
  readonly lab: { readonly nodes: readonly LabObject[]; readonly links: readonly LabObject[] } | null;
  /** Aborts when the user interrupts: what is being tried is ended at once. */
  readonly signal: AbortSignal;
}

export interface LabObject {
  readonly address: string;
  readonly attributes: PlannedAttributes;
  /** It was made already and has what it took of the host. */
  readonly exists: boolean;
}

export interface RequiredService {
  readonly address: string;
  readonly provider: string;
  readonly attributes: Attributes;
}

/** What `read` found. */
export type Live =
  /**
   * As recorded; `instance` may differ from the record in computed attributes, private notes and status. Where it
   * differs in an argument (`power`, when a guest was paused behind labform's back), `cause` names it by its path.
   */
  | { readonly condition: "present"; readonly instance: Instance; readonly cause?: Cause }
  /** Its files are there, its process is not: `start` suffices. */
  | { readonly condition: "down"; readonly instance: Instance; readonly cause: Cause }
  /** Something is there, but not whole: `restart` it. */
  | { readonly condition: "broken"; readonly instance: Instance; readonly cause: Cause }
  /** Nothing is there: `create` it again, under the same id. */
  | { readonly condition: "absent"; readonly instance: Instance; readonly cause: Cause };

export interface OperationContext {
  readonly address: string;
  /** As it is now: the record with `pending` set; at a first operation of a create, the planned attributes with nulls where unknown. */
  readonly instance: Instance;
  /** It is being replaced: what is removed is made anew at once. Its ports are kept, what its guest wrote is given up. */
  readonly anew: boolean;
  /** Nothing goes on from what its guest does now: it goes, is made anew, or becomes another machine. */
  readonly endsGuest: boolean;
  /** What it is to become; everything is known by now except computed attributes, which are null until set. */
  readonly wanted: Attributes;
  /** The record from before the plan: what `update` compares with. */
  readonly prior: Instance | null;
  /** Empty when `byHand`: a command is made from the state, and the lab files have the settings. */
  readonly settings: Settings;
  /** Asked for by a command such as `suspend`: nothing but its attribute is to change. */
  readonly byHand: boolean;
  /** For the process this operation may create; it is in the intent, on disk. */
  readonly token: string;
  /** Of a link or network: its ends in order (`endsOf`), null for an end that is no adapter. */
  readonly attachments: readonly (Attachment | null)[];
  /** Of a network: the ends that it had before and no longer has, and that no other has. */
  readonly left: readonly Attachment[];
  /** Of a link or network: whether the guest at that end is to see a carrier; in the order of the ends. */
  readonly carriers: readonly boolean[];
  /** Of a node: the adapters that are to see a carrier: linked, the link not suspended, the other end not off. */
  readonly plugged: ReadonlySet<number>;
  /** The services it requires, as recorded now, by address. */
  readonly services: ReadonlyMap<string, Instance>;
  /** Of a service that is launched: the instances that depend on it and were there before, to be carried again. */
  readonly carried: readonly Carried[];
  /** Journals what is reached in the middle (a process spawned); resolves once it is on disk. */
  progress(instance: Instance, message?: string): Promise<void>;
  /** A line for the user that changes nothing of the record: `the guest did not shut down in 30 s: its power is cut`. */
  readonly tell: (message: string) => void;
  /** What it waits for now, and the last that was seen of it; for the live view. May be called often. */
  readonly waiting: (waitingFor: string, line?: string) => void;
  /** Aborts when the user insists; operations that wait must watch it. */
  readonly signal: AbortSignal;
}

export interface Carried {
  readonly instance: Instance;
  /** Of a link. */
  readonly attachments: readonly (Attachment | null)[];
}

/**
 * A service hangs or is gone in the middle of an operation that needs it. The engine has it launched again, which
 * carries again what hung on it, and the operation is done once more; a second time it is the operation's failure.
 */
export class ServiceLost extends Failure {
  readonly service: string;
  constructor(service: string, diagnostic: Diagnostic, options?: ErrorOptions) {
    super(diagnostic, options);
    this.name = "ServiceLost";
    this.service = service;
  }
}

/** The host's side of a node's adapter. */
export interface Attachment {
  /** The adapter's id: `<node id>/<index>`. */
  readonly adapter: string;
  readonly kind: TunnelKind;
  /**
   * stream: the node listens on `path`, the bridge connects. dgram: the node is bound to `path`, the bridge binds
   * `peer`, where the node sends to. Both are names in the run directory.
   */
  readonly path: string;
  readonly peer: string;
  setCarrier(up: boolean): Promise<void>;
}

/** The providers of a run, bound to one lab's directories, as the composition root chose them. */
export interface ProviderSet {
  /** Which provider makes nodes, and which links. */
  readonly names: { readonly node: string; readonly link: string };
  schema(name: string): ProviderSchema;
  /** Once loaded, the same object each time. */
  load(name: string): Promise<Provider>;
}

/** What a provider's schema calls a resource. */
export function schemaName(kind: ResourceKind, name: string): string {
  return kind === "service" ? `service.${name}` : kind;
}

/** The schema of an instance's attributes: by kind, of a service by its name too (`service.bridge`). */
export function resourceSchema(provider: ProviderSchema, kind: ResourceKind, name: string): ResourceSchema {
  const schema = provider.resources[schemaName(kind, name)];
  if (!schema) throw new Error(`provider ${provider.name} has no ${kind} ${name}`);
  return schema;
}
