import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { processOf } from "../../../providers/ubridge/bridgeRecord.ts";
import { converse } from "../../../providers/ubridge/control.ts";
import { type Engine, serviceAddress, tunnelOf } from "../../../providers/ubridge/engine.ts";
import type { Hypervisor } from "../../../providers/ubridge/hypervisor.ts";
import { UbridgeProvider } from "../../../providers/ubridge/provider.ts";
import { parseShow } from "../../../providers/ubridge/replies.ts";
import { Failure } from "../../../src/core/diagnostics.ts";
import type { Operation } from "../../../src/core/lifecycle.ts";
import type { Attachment, Live, OperationContext } from "../../../src/core/provider.ts";
import type { Instance } from "../../../src/core/state.ts";
import type { Attributes } from "../../../src/core/values.ts";
import { type End, type Playground, ports } from "./support.ts";

/** What the engine would do: keeps the records and hands them to the provider. */
export class Lab {
  readonly provider: UbridgeProvider;
  readonly playground: Playground;
  readonly engine: Engine;
  readonly carriers: string[] = [];
  readonly told: string[] = [];
  /** What was journalled in the middle of operations. */
  readonly progressed: Instance[] = [];
  service: Instance;

  constructor(playground: Playground, engine: Engine, path: string | null = engine === "ubridge" ? "ubridge" : null) {
    this.playground = playground;
    this.provider = new UbridgeProvider(ports, playground.host);
    this.engine = engine;
    this.service = this.instance("service", serviceAddress(engine), "bridge-1", {
      engine,
      path,
      version: null,
      control: null,
    });
  }

  instance(kind: Instance["kind"], address: string, id: string, attributes: Attributes): Instance {
    return {
      address,
      kind,
      provider: "ubridge",
      schemaVersion: 1,
      id,
      status: "ok",
      attributes,
      sensitive: [],
      dependencies: kind === "link" ? [serviceAddress(this.engine)] : [],
      private: {},
    };
  }

  link(name: string, impairments: Attributes = {}): Instance {
    return this.instance("link", `link.${name}`, `${name}-00000001`, {
      endpoints: [{ adapter: `${name}a-00000001/0` }, { adapter: `${name}b-00000001/0` }],
      delay_ms: 0,
      jitter_ms: 0,
      loss_percent: 0,
      capture_file: null,
      ...impairments,
      id: `${name}-00000001`,
      engine: this.engine,
    });
  }

  attachments(link: Instance): readonly Attachment[] {
    return ["a", "b"].map((end) => {
      const path = `${link.id}${end}.0`;
      return {
        adapter: `${link.id}${end}/0`,
        kind: tunnelOf(this.engine),
        path,
        peer: `${path}p`,
        setCarrier: async (up) => void this.carriers.push(`${path} ${up ? "up" : "down"}`),
      };
    });
  }

  /** What a node's prepare step leaves where datagrams go. */
  prepareNodes(link: Instance): Instance {
    for (const { path } of this.attachments(link)) writeFileSync(join(this.playground.host.run, path), "");
    return link;
  }

  context(operation: Operation, instance: Instance, rest: Partial<OperationContext> = {}): OperationContext {
    const token = ports.random.hex(16);
    return {
      address: instance.address,
      instance: { ...instance, pending: { operation, token, since: "2026-01-01T00:00:00Z" } },
      wanted: instance.attributes,
      prior: instance,
      settings: {},
      byHand: false,
      token,
      attachments: instance.kind === "link" ? this.attachments(instance) : [],
      left: [],
      anew: false,
      endsGuest: false,
      carriers: instance.kind === "link" ? [true, true] : [],
      tell: (message) => void this.told.push(message),
      waiting: () => {},
      plugged: new Set(),
      services: new Map([[this.service.address, this.service]]),
      carried: [],
      progress: async (reached) => {
        this.progressed.push(reached);
        const identity = processOf(reached);
        if (identity) this.playground.own(identity);
      },
      signal: new AbortController().signal,
      ...rest,
    };
  }

  async launch(...carried: readonly Instance[]): Promise<Instance> {
    const context = this.context("launch", this.service, {
      carried: carried.map((instance) => ({ instance, attachments: this.attachments(instance) })),
    });
    this.service = settled(await this.provider.perform("launch", context));
    return this.service;
  }

  async wire(link: Instance): Promise<Instance> {
    return settled(await this.provider.perform("wire", this.context("wire", link)));
  }

  async update(link: Instance, changes: Attributes, rest: Partial<OperationContext> = {}): Promise<Instance> {
    const wanted = { ...link.attributes, ...changes };
    return settled(await this.provider.perform("update", this.context("update", link, { wanted, ...rest })));
  }

  async read(...instances: readonly Instance[]): Promise<readonly Live[]> {
    return this.provider.read(instances);
  }

  async show(link: Instance) {
    return this.talk(async (hypervisor) => parseShow((await hypervisor.request(["bridge", "show", link.id])).lines));
  }

  talk<T>(conversation: (hypervisor: Hypervisor) => Promise<T>): Promise<T> {
    const control = this.service.attributes.control as string;
    return converse(ports, this.playground.host.run, control, processOf(this.service), conversation);
  }

  /** The nodes at the ends of a link, connected once it is wired. */
  async nodes(link: Instance): Promise<readonly [End, End]> {
    const [source, destination] = this.attachments(link).map((end) => {
      return this.playground.node(this, this.engine, end.path);
    });
    if (!source || !destination) throw new Error("a link has two ends");
    return [await source, await destination];
  }

  /** As a crash would. */
  async kill(): Promise<void> {
    const identity = processOf(this.service);
    if (!identity) throw new Error("there is no bridge");
    ports.processes.signal(identity, "SIGKILL");
    await ports.processes.waitForExit(identity, 2000);
  }
}

/** As it is recorded after a last step. */
export function settled(instance: Instance | null): Instance {
  if (!instance) throw new Error("it is gone");
  const { pending: _, ...rest } = instance;
  return rest;
}

export async function failureOf(promise: Promise<unknown>): Promise<{ summary: string; detail: string }> {
  const error = await promise.then(
    () => undefined,
    (one: unknown) => one,
  );
  if (!(error instanceof Failure)) throw error instanceof Error ? error : new Error("it did not fail");
  return { summary: error.diagnostics[0]?.summary ?? "", detail: error.diagnostics[0]?.detail ?? "" };
}
