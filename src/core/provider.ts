import type { ResourceKind } from "./addresses.ts";
import type { Diagnostic } from "./diagnostics.ts";
import type { Operation } from "./lifecycle.ts";
import type { Cause } from "./plan.ts";
import type { Ports } from "./ports.ts";
import type { ProviderSchema, ResourceSchema } from "./schema.ts";
import type { Instance } from "./state.ts";
import type { Attributes, Json, PlannedAttributes } from "./values.ts";

/**
 * The contract between the engine and what makes things. The engine knows kinds and operations, no hypervisor; a
 * provider knows neither plans nor screens. All calls of one provider may run at the same time, for different
 * instances.
 */
export interface ProviderFactory {
  readonly schema: ProviderSchema;
  /** Loads what `schema` alone does not need. */
  load(ports: Ports, host: HostDirectories): Promise<Provider>;
}

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

  /** Of a node provider: the cable is plugged in or out, on a running node; nothing happens when it is off. */
  setCarrier?(node: Instance, adapter: number, up: boolean): Promise<void>;
}

export interface PlanRequest {
  readonly address: string;
  readonly id: string;
  /** `hash(lab identity, address)`, hexadecimal, 64 digits: the seed of MACs and UUIDs. */
  readonly seed: string;
  readonly settings: Settings;
  /** Decoded from the lab file with the schema's defaults; endpoints resolved; unknown where not known. */
  readonly config: PlannedAttributes;
  readonly prior: Instance | null;
  readonly tunnel: TunnelKind;
  /** True with `-refresh=false`: nothing of the host may be looked at. */
  readonly offline: boolean;
}

export interface PlanAnswer {
  /** `config` with every attribute `computed: "plan"` filled; the engine keeps or renews the others. */
  readonly planned: PlannedAttributes;
  /** Services that must run for it: `service.bridge["builtin"]`. */
  readonly requires: readonly RequiredService[];
  readonly diagnostics: readonly Diagnostic[];
}

export interface RequiredService {
  readonly address: string;
  readonly provider: string;
  readonly attributes: Attributes;
}

/** What `read` found. */
export type Live =
  /** As recorded; `instance` may differ from the record in computed attributes, private notes and status. */
  | { readonly condition: "present"; readonly instance: Instance }
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
  /** It is taken away to be made anew at once: what may be kept for it (ports) is not given up. */
  readonly again: boolean;
  /** What it is to become; everything is known by now except computed attributes, which are null until set. */
  readonly wanted: Attributes;
  /** The record from before the plan: what `update` compares with. */
  readonly prior: Instance | null;
  readonly settings: Settings;
  /** For the process this operation may create; it is in the intent, on disk. */
  readonly token: string;
  /** Of a link: its ends in order, null for an end that is no adapter. */
  readonly attachments: readonly (Attachment | null)[];
  /** Of a node: the adapters that have a link. */
  readonly linked: ReadonlySet<number>;
  /** The services it requires, as recorded now, by address. */
  readonly services: ReadonlyMap<string, Instance>;
  /** Of a service that is launched: the instances that depend on it and were there before, to be carried again. */
  readonly carried: readonly Carried[];
  /** Journals what is reached in the middle (a process spawned); resolves once it is on disk. */
  progress(instance: Instance, message?: string): Promise<void>;
  /** Aborts when the user insists; operations that wait must watch it. */
  readonly signal: AbortSignal;
}

export interface Carried {
  readonly instance: Instance;
  /** Of a link. */
  readonly attachments: readonly (Attachment | null)[];
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

/** The schema of an instance's attributes: by kind, of a service by its name too (`service.bridge`). */
export function resourceSchema(provider: ProviderSchema, kind: ResourceKind, name: string): ResourceSchema {
  const schema = provider.resources[kind === "service" ? `service.${name}` : kind];
  if (!schema) throw new Error(`provider ${provider.name} has no ${kind} ${name}`);
  return schema;
}
