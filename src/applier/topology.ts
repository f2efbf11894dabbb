import { adapterIdOf, adapterIds, connects, endsOf, portsOf } from "../core/ends.ts";
import type { Change } from "../core/plan.ts";
import type { Attachment, Carried, Provider } from "../core/provider.ts";
import type { Instance, State } from "../core/state.ts";
import type { Attributes } from "../core/values.ts";

/**
 * Who is at the ends of what, kept up to date with each outcome so that no step looks through the whole state.
 */
export class Topology {
  readonly #nodes = new Map<string, Instance>();
  /** By adapter id: the links plugged there, by address. */
  readonly #links = new Map<string, Map<string, Instance>>();
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

  /**
   * Of a link only its last step, `wire`, makes the record `ok`: before, and once it is unwired, it is not plugged. One
   * that is marked as tainted hangs on its bridge until it is made anew.
   */
  #place(instance: Instance, mayBePlugged: boolean): void {
    if (instance.kind === "node") this.#nodes.set(instance.id, instance);
    this.#unlink(instance.address);
    const adapters = connects(instance.kind) ? adapterIds(instance.attributes) : [];
    if (adapters.length > 0 && mayBePlugged && (instance.status === "ok" || instance.status === "tainted")) {
      this.#adapters.set(instance.address, adapters);
      for (const adapter of adapters) {
        const links = this.#links.get(adapter);
        if (links) links.set(instance.address, instance);
        else this.#links.set(adapter, new Map([[instance.address, instance]]));
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

  /** The node's adapters whose guest is to see a carrier. */
  plugged(node: Instance): ReadonlySet<number> {
    const plugged = new Set<number>();
    const { adapters } = node.attributes;
    const count = typeof adapters === "number" ? adapters : 0;
    for (let index = 0; index < count; index++) {
      const adapter = `${node.id}/${index}`;
      for (const { attributes } of this.#links.get(adapter)?.values() ?? []) {
        const end = endsOf(attributes).findIndex(({ endpoint }) => adapterIdOf(endpoint) === adapter);
        if (recordedCarriers(attributes)[end] === true) plugged.add(index);
      }
    }
    return plugged;
  }

  async attachments(
    attributes: Attributes,
    load: (provider: string) => Promise<Provider>,
  ): Promise<readonly (Attachment | null)[]> {
    return Promise.all(
      endsOf(attributes).map(async ({ endpoint }) => {
        const adapter = adapterIdOf(endpoint);
        if (adapter === undefined) return null;
        const slash = adapter.lastIndexOf("/");
        const node = this.#nodes.get(adapter.slice(0, slash));
        if (!node) return null;
        return (await load(node.provider)).attachment?.(node, Number(adapter.slice(slash + 1))) ?? null;
      }),
    );
  }

  /** The adapters that were at an end of `before`, are at none of `now`, and have not been plugged elsewhere meanwhile. */
  async left(
    before: Instance,
    now: Instance,
    load: (provider: string) => Promise<Provider>,
  ): Promise<readonly Attachment[]> {
    const kept = new Set(adapterIds(now.attributes));
    const left = adapterIds(before.attributes).filter((id) => !kept.has(id) && !this.#isPlugged(id, now.address));
    const found = await this.attachments({ endpoints: left.map((adapter) => ({ adapter })) }, load);
    return found.filter((one) => one !== null);
  }

  #isPlugged(adapter: string, except: string): boolean {
    return [...(this.#links.get(adapter)?.keys() ?? [])].some((address) => address !== except);
  }

  /** What a service carried before it went away. */
  async carried(service: string, load: (provider: string) => Promise<Provider>): Promise<readonly Carried[]> {
    const dependents = [...(this.#dependents.get(service)?.values() ?? [])];
    return Promise.all(
      dependents
        .filter((one) => one.status !== "deleting" && this.#hasEnds(one))
        .map(async (instance) => ({ instance, attachments: await this.attachments(instance.attributes, load) })),
    );
  }

  /** One whose node was taken out of the state is wired anew by the plan that finds it so. */
  #hasEnds({ attributes }: Instance): boolean {
    return adapterIds(attributes).every((adapter) => this.#nodes.has(adapter.slice(0, adapter.lastIndexOf("/"))));
  }

  #unlink(address: string): void {
    for (const adapter of this.#adapters.get(address) ?? []) this.#links.get(adapter)?.delete(address);
    this.#adapters.delete(address);
  }
}

/**
 * Whether the guest at each end is to see a carrier: of a link as the planner decided it; a network's port is up whatever
 * becomes of the others, as a switch's is, unless it is suspended.
 */
export function recordedCarriers(attributes: Attributes): readonly boolean[] {
  const { carrier } = attributes;
  if (Array.isArray(carrier)) return carrier as readonly boolean[];
  const ports = new Map(portsOf(attributes.port));
  return endsOf(attributes).map(({ port }) => port === null || ports.get(port)?.suspended !== true);
}
