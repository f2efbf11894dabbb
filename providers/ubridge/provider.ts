import type { Finding } from "../../src/core/doctor.ts";
import type { Operation } from "../../src/core/lifecycle.ts";
import type { Ports } from "../../src/core/ports.ts";
import type {
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
import { type Engine, socketName, tunnelOf } from "./engine.ts";
import { Links } from "./links.ts";
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
  private readonly bridges: Bridges;
  private readonly planner: LinkPlanner;
  /** The bridges as last seen, for looks at links alone. */
  private readonly known = new Map<Engine, Instance>();

  constructor(ports: Ports, host: HostDirectories) {
    this.ports = ports;
    this.host = host;
    this.links = new Links(ports, host);
    this.bridges = new Bridges(ports, host, this.links);
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

  plan(request: PlanRequest): Promise<PlanAnswer> {
    return this.planner.plan(request);
  }

  async read(instances: readonly Instance[]): Promise<readonly Live[]> {
    const live = new Map<Instance, Live>();
    const engines = new Set(instances.map(engineOf));
    await Promise.all(
      [...engines].map(async (engine) => {
        const ofEngine = instances.filter((one) => engineOf(one) === engine);
        const service = ofEngine.find((one) => one.kind === "service");
        const links = ofEngine.filter((one) => one.kind !== "service");
        for (const link of links) this.links.meet(link);
        const located = await this.locate(engine, service);
        if (!located) {
          for (const link of links) live.set(link, judgeLink(this.host, link, { kind: "lost", because: "unknown" }));
          return;
        }
        const answer = await askBridge(
          this.ports,
          this.host,
          located,
          links.map((one) => one.id),
        );
        for (const link of links) {
          const missing = answer.kind === "answers" ? undefined : await this.links.missingEnd(link);
          const judged = judgeLink(this.host, link, answer, missing);
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
        return this.links.wire(context);
      case "unwire":
        return this.links.unwire(context);
      case "update":
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
