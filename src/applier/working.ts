import type { Change } from "../core/plan.ts";
import type { Attachment, Carried, Provider } from "../core/provider.ts";
import type { Instance, State } from "../core/state.ts";
import type { Attributes, Json, Planned } from "../core/values.ts";
import { isWhollyPlanned, UNKNOWN } from "../core/values.ts";

/** The record a change starts from: what the state has now, else a new one. */
export function startingInstance(change: Change, recorded: Instance | undefined): Instance {
  if (change.action !== "create" && change.prior)
    return withoutPending(recorded ? { ...change.prior, pending: recorded.pending } : change.prior);
  return {
    address: change.address,
    kind: change.kind,
    provider: change.provider,
    schemaVersion: change.schemaVersion,
    id: change.id,
    status: "creating",
    attributes: {},
    sensitive: change.sensitive,
    dependencies: change.dependencies,
    private: {},
  };
}

export function withoutPending(instance: Instance): Instance {
  const { pending: _, ...rest } = instance;
  return rest;
}

/**
 * What an instance is to become, with null where the host decides. `evaluated` holds the deferred arguments at the first
 * step that makes something; at later ones it is absent, and what that step made of them counts.
 */
export function wantedAttributes(
  change: Change,
  current: Attributes,
  evaluated: ReadonlyMap<string, Planned> | undefined,
): Attributes {
  const wanted: { [name: string]: Json } = {};
  for (const [name, planned] of Object.entries(change.planned ?? {})) {
    const value = evaluated?.get(name) ?? planned;
    if (isWhollyPlanned(value)) wanted[name] = value;
    else if (value === UNKNOWN || evaluated === undefined) wanted[name] = current[name] ?? null;
    else wanted[name] = withoutUnknown(value);
  }
  return wanted;
}

function withoutUnknown(planned: Planned): Json {
  if (planned === UNKNOWN) return null;
  if (planned === null || typeof planned !== "object") return planned;
  if (Array.isArray(planned)) return (planned as readonly Planned[]).map(withoutUnknown);
  const copy: { [name: string]: Json } = {};
  for (const [name, item] of Object.entries(planned as { readonly [name: string]: Planned }))
    copy[name] = withoutUnknown(item);
  return copy;
}

/**
 * Who is at the ends of what, kept up to date with each outcome so that no step looks through the whole state.
 */
export class Topology {
  readonly #nodes = new Map<string, Instance>();
  readonly #links = new Map<string, Set<string>>();
  readonly #adapters = new Map<string, readonly string[]>();
  readonly #dependents = new Map<string, Map<string, Instance>>();

  /**
   * A cable that the plan unplugs or plugs elsewhere counts as unplugged from the start: a node that is started beside
   * that must not get a carrier which nobody would take away again.
   */
  constructor(state: State, changes: readonly Change[]) {
    const moving = new Set(changes.filter((one) => one.action !== "update").map((one) => one.address));
    for (const instance of state.instances.values()) this.#place(instance, !moving.has(instance.address));
  }

  set(instance: Instance): void {
    this.#place(instance, true);
  }

  /** Of a link only its last step, `wire`, makes the record `ok`: before, and once it is unwired, it is not plugged. */
  #place(instance: Instance, mayBePlugged: boolean): void {
    if (instance.kind === "node") this.#nodes.set(instance.id, instance);
    this.#unlink(instance.address);
    const adapters = instance.kind === "link" || instance.kind === "network" ? adaptersOf(instance.attributes) : [];
    if (adapters.length > 0 && mayBePlugged && instance.status === "ok") {
      this.#adapters.set(instance.address, adapters);
      for (const adapter of adapters) {
        const links = this.#links.get(adapter);
        if (links) links.add(instance.address);
        else this.#links.set(adapter, new Set([instance.address]));
      }
    }
    for (const service of instance.dependencies) {
      if (!service.startsWith("service.")) continue;
      const dependents = this.#dependents.get(service);
      if (dependents) dependents.set(instance.address, instance);
      else this.#dependents.set(service, new Map([[instance.address, instance]]));
    }
  }

  delete(instance: Instance): void {
    this.#unlink(instance.address);
    if (instance.kind === "node") this.#nodes.delete(instance.id);
    for (const service of instance.dependencies) this.#dependents.get(service)?.delete(instance.address);
  }

  /** The node's adapters that a link ends at. */
  linked(node: Instance): ReadonlySet<number> {
    const linked = new Set<number>();
    const adapters = node.attributes.adapters;
    const count = typeof adapters === "number" ? adapters : 0;
    for (let index = 0; index < count; index++) {
      if ((this.#links.get(`${node.id}/${index}`)?.size ?? 0) > 0) linked.add(index);
    }
    return linked;
  }

  async attachments(
    attributes: Attributes,
    load: (provider: string) => Promise<Provider>,
  ): Promise<readonly (Attachment | null)[]> {
    return Promise.all(
      endpointsOf(attributes).map(async (endpoint) => {
        const adapter = endpoint.adapter;
        if (typeof adapter !== "string") return null;
        const slash = adapter.lastIndexOf("/");
        const node = this.#nodes.get(adapter.slice(0, slash));
        if (!node) return null;
        return (await load(node.provider)).attachment?.(node, Number(adapter.slice(slash + 1))) ?? null;
      }),
    );
  }

  /** What a service carried before it went away. */
  async carried(service: string, load: (provider: string) => Promise<Provider>): Promise<readonly Carried[]> {
    const dependents = [...(this.#dependents.get(service)?.values() ?? [])];
    return Promise.all(
      dependents
        .filter((one) => one.status !== "deleting")
        .map(async (instance) => ({ instance, attachments: await this.attachments(instance.attributes, load) })),
    );
  }

  #unlink(address: string): void {
    for (const adapter of this.#adapters.get(address) ?? []) this.#links.get(adapter)?.delete(address);
    this.#adapters.delete(address);
  }
}

function endpointsOf(attributes: Attributes): readonly { readonly [kind: string]: Json }[] {
  const { endpoints } = attributes;
  return Array.isArray(endpoints) ? (endpoints as readonly { readonly [kind: string]: Json }[]) : [];
}

function adaptersOf(attributes: Attributes): readonly string[] {
  return endpointsOf(attributes).flatMap((one) => (typeof one.adapter === "string" ? [one.adapter] : []));
}
