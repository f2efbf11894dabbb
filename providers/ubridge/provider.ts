import { parseAddress } from "../../src/core/addresses.ts";
import type { Finding } from "../../src/core/doctor.ts";
import type { Operation } from "../../src/core/lifecycle.ts";
import type { Ports } from "../../src/core/ports.ts";
import type {
  EndStatistics,
  ExamineRequest,
  HostDirectories,
  Live,
  OperationContext,
  PlanAnswer,
  PlanRequest,
  Provider,
  Settings,
  TunnelKind,
} from "../../src/core/provider.ts";
import type { Instance } from "../../src/core/state.ts";
import { engineOf } from "./bridgeRecord.ts";
import { withLostEnd } from "./endpoints/ends.ts";
import { type Engine, socketName, tunnelOf } from "./engine.ts";
import { HypervisorLost, HypervisorSilent } from "./hypervisor.ts";
import { Links } from "./links.ts";
import { bridgeLost } from "./lost.ts";
import { judgeNetwork } from "./networks/judge.ts";
import { Networks } from "./networks/networks.ts";
import { planNetwork } from "./networks/plan.ts";
import { networkPorts, portAsLink } from "./networks/ports.ts";
import { LinkPlanner } from "./plan.ts";
import { askBridge, judgeBridge, judgeLink, type Located, locate, withoutFile } from "./read.ts";
import { Bridges } from "./service.ts";
import { resolveSettings } from "./settings.ts";

/** Links, and the services that carry them. */
export class UbridgeProvider implements Provider {
  readonly name = "ubridge";
  private readonly ports: Ports;
  private readonly host: HostDirectories;
  private readonly links: Links;
  private readonly networks: Networks;
  private readonly bridges: Bridges;
  private readonly planner: LinkPlanner;
  /** The bridges as last seen, for looks at links alone. */
  private readonly known = new Map<Engine, Instance>();

  constructor(ports: Ports, host: HostDirectories) {
    this.ports = ports;
    this.host = host;
    this.links = new Links(ports, host);
    this.networks = new Networks(ports, host, this.links);
    this.bridges = new Bridges(ports, host, this.links, this.networks);
    this.planner = new LinkPlanner(ports, host);
  }

  async settings(configured: Settings, offline: boolean): ReturnType<Provider["settings"]> {
    const resolved = offline
      ? { settings: configured, diagnostics: [], version: undefined }
      : await resolveSettings(this.ports, this.host.lab, configured);
    this.planner.begin(resolved.version);
    return { settings: resolved.settings, diagnostics: resolved.diagnostics };
  }

  /** `auto` that was not looked up counts as the built-in bridge, which every host has. */
  tunnel(settings: Settings): TunnelKind {
    return tunnelOf(settings.engine === "ubridge" ? "ubridge" : "builtin");
  }

  async plan(request: PlanRequest): Promise<PlanAnswer> {
    if (parseAddress(request.address)?.kind !== "network") return this.planner.plan(request);
    return planNetwork(this.ports, this.host, this.planner, request);
  }

  async read(instances: readonly Instance[]): Promise<readonly Live[]> {
    const live = new Map<Instance, Live>();
    const engines = new Set(instances.map(engineOf));
    await Promise.all(
      [...engines].map(async (engine) => {
        const ofEngine = instances.filter((one) => engineOf(one) === engine);
        const service = ofEngine.find((one) => one.kind === "service");
        const links = ofEngine.filter((one) => one.kind === "link");
        const networks = ofEngine.filter((one) => one.kind === "network");
        for (const link of links) this.links.meet(link);
        for (const network of networks) this.networks.meet(network);
        const located = await this.locate(engine, service);
        if (!located) {
          for (const link of links) live.set(link, judgeLink(this.host, link, { kind: "lost", because: "unknown" }));
          return;
        }
        const names = [...links, ...networks.flatMap((one) => networkPorts(one).map(({ link }) => link))];
        const answer = await askBridge(
          this.ports,
          this.host,
          located,
          names.map((one) => one.id),
        );
        for (const one of networks) {
          const judged = await judgeNetwork(this.ports, this.host, one, answer);
          live.set(one, withLostEnd(judged, this.ports.processes));
        }
        for (const link of links) {
          const missing = answer.kind === "answers" ? undefined : await this.links.missingEnd(link);
          const judged = withLostEnd(judgeLink(this.host, link, answer, missing), this.ports.processes);
          live.set(link, answer.kind === "answers" ? await withoutFile(this.ports, judged) : judged);
        }
        if (!service || !("instance" in located)) return;
        const judged = await judgeBridge(this.ports, this.host, located, answer);
        this.known.set(engine, judged.instance);
        live.set(service, judged);
      }),
    );
    return instances.map((one) => live.get(one) as Live);
  }

  async perform(operation: Operation, context: OperationContext): Promise<Instance | null> {
    for (const service of context.services.values()) this.remember(service);
    switch (operation) {
      case "wire":
        return context.instance.kind === "network" ? this.networks.settle(context) : this.links.wire(context);
      case "unwire":
        return context.instance.kind === "network" ? this.networks.unwire(context) : this.links.unwire(context);
      case "update":
        if (context.instance.kind === "network") return this.networks.settle(context);
        return context.instance.kind === "link" ? this.links.update(context) : context.instance;
      case "launch": {
        const launched = await this.bridges.launch(context);
        this.remember(launched);
        return launched;
      }
      case "end":
        return this.bridges.end(context);
      default:
        throw new Error(`a ${context.instance.kind} of ubridge has no ${operation}`);
    }
  }

  async statistics(instances: readonly Instance[]): Promise<readonly (readonly EndStatistics[] | null)[]> {
    const { askStatistics } = await import("./statistics.ts");
    const found = new Map<string, readonly EndStatistics[]>();
    for (const engine of new Set(instances.map(engineOf))) {
      const bridge = await this.locate(engine, undefined);
      if (bridge?.status !== "alive") continue;
      const asked = instances.filter((one) => engineOf(one) === engine);
      const switches = asked.flatMap(({ kind, id }) => (kind === "network" ? [id] : []));
      const names = asked.flatMap(namesOf);
      const answered = await askStatistics(this.ports, this.host, bridge, names, switches);
      for (const [name, ends] of answered) found.set(name, ends);
    }
    return instances.map((one) => {
      if (one.kind === "link") return found.get(one.id) ?? null;
      // What is plugged in is the first end of its port; the switch is the other.
      const ends = namesOf(one).flatMap((name) => found.get(name)?.slice(0, 1) ?? []);
      return ends.length === namesOf(one).length ? ends : null;
    });
  }

  async *follow(link: Instance, signal: AbortSignal, port?: string): AsyncGenerator<Uint8Array, undefined> {
    const { followFile, followStream } = await import("./follow.ts");
    const engine = engineOf(link);
    try {
      const bridge = await this.locate(engine, undefined);
      if (bridge?.status !== "alive") throw new HypervisorLost("it is gone");
      const follow = engine === "builtin" ? followStream : followFile;
      yield* follow(this.ports, this.host, bridge, port === undefined ? link : portAsLink(link, port), signal);
    } catch (error) {
      if (error instanceof HypervisorLost || error instanceof HypervisorSilent) throw bridgeLost(engine, error);
      throw error;
    }
  }

  async examine(request: ExamineRequest): Promise<readonly Finding[]> {
    const { examineHost } = await import("./doctor.ts");
    return await examineHost(this.ports, this.host, request);
  }

  private remember(instance: Instance): void {
    if (instance.address.startsWith("service.bridge[")) this.known.set(engineOf(instance), instance);
  }

  /**
   * Of a link that is asked for alone the bridge may never have been seen: the built-in one is always found at its
   * socket, uBridge's port is in its record only.
   */
  private async locate(
    engine: Engine,
    service: Instance | undefined,
  ): Promise<Located | Pick<Located, "identity" | "control" | "status"> | undefined> {
    const record = service ?? this.known.get(engine);
    if (record) return locate(this.ports, record);
    return engine === "builtin" ? { identity: undefined, control: socketName("builtin"), status: "alive" } : undefined;
  }
}

/** What the bridge calls a link, or the ports of a network. */
function namesOf(instance: Instance): readonly string[] {
  return instance.kind === "network" ? networkPorts(instance).map(({ link }) => link.id) : [instance.id];
}
