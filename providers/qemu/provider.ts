import { join } from "node:path";
import type { Finding } from "../../src/core/doctor.ts";
import type { BuiltGuest, GuestRequest } from "../../src/core/guest.ts";
import type { Operation } from "../../src/core/lifecycle.ts";
import type { Ports, ProcessIdentity } from "../../src/core/ports.ts";
import type {
  Attachment,
  ExamineRequest,
  GuestResult,
  HostDirectories,
  Live,
  NodeLogs,
  OperationContext,
  PlanAnswer,
  PlanRequest,
  Provider,
  Settings,
} from "../../src/core/provider.ts";
import type { Instance } from "../../src/core/state.ts";
import { whyNoKvm } from "./accelerator.ts";
import { MacUses } from "./adapters/macUses.ts";
import { nodeAttributes } from "./attributes.ts";
import { Binaries } from "./binary.ts";
import { CpuAccount } from "./cpus.ts";
import { DiskTools } from "./disks/tools.ts";
import { ForwardPorts } from "./forwardPorts.ts";
import { MemoryAccount } from "./memory.ts";
import { auxLog, consoleLog, nodeDirectory, qemuLog, tunnelPeer, tunnelSocket } from "./names.ts";
import { setCarrier } from "./node/carrier.ts";
import { askMonitor } from "./node/monitor.ts";
import { prepareNode } from "./node/prepare.ts";
import { readNode } from "./node/read.ts";
import { waitUntilReady } from "./node/ready.ts";
import { reloadNode } from "./node/reload.ts";
import { releaseNode, removeNode } from "./node/remove.ts";
import { stageNode } from "./node/stage.ts";
import { startNode } from "./node/start.ts";
import { stopNode } from "./node/stop.ts";
import { updateNode } from "./node/update.ts";
import { notesOf } from "./notes.ts";
import type { PlanTools } from "./plan.ts";
import { planNode } from "./plan.ts";
import { endKeeper } from "./service/endKeeper.ts";
import { launchKeeper } from "./service/launch.ts";
import { readKeeper } from "./service/read.ts";
import { KeeperSight } from "./service/sight.ts";
import { resolveSettings } from "./settings.ts";

/** Nodes as QEMU processes, and the keeper that fronts their consoles. */
export class QemuProvider implements Provider {
  readonly name = "qemu";
  readonly #tools: PlanTools;

  constructor(ports: Ports, directories: HostDirectories) {
    let reason: Promise<string | undefined> | undefined;
    this.#tools = {
      ports,
      directories,
      binaries: new Binaries(ports),
      cpus: new CpuAccount(ports.host),
      memory: new MemoryAccount(ports.host),
      disks: new DiskTools(ports, directories),
      forwardPorts: new ForwardPorts(ports, directories),
      macs: new MacUses(),
      whyNoKvm: () => {
        reason ??= whyNoKvm(ports);
        return reason;
      },
    };
  }

  settings(configured: Settings, offline: boolean): ReturnType<Provider["settings"]> {
    const { ports, directories } = this.#tools;
    return resolveSettings(ports, directories, configured, offline);
  }

  async read(instances: readonly Instance[]): Promise<readonly Live[]> {
    const { ports, directories } = this.#tools;
    const identities = this.#identities(instances);
    const keeper = new KeeperSight(ports, directories.run);
    return await Promise.all(
      instances.map((instance, at) => {
        const read = instance.kind === "service" ? readKeeper : readNode;
        return read(instance, identities[at], keeper, this.#tools);
      }),
    );
  }

  plan(request: PlanRequest): Promise<PlanAnswer> {
    return planNode(request, this.#tools, request.signal);
  }

  async perform(operation: Operation, context: OperationContext): Promise<Instance | null> {
    switch (operation) {
      case "stage":
        return await stageNode(context, this.#tools);
      case "prepare":
        return await prepareNode(context, this.#tools);
      case "start":
        return await startNode(context, this.#tools);
      case "ready":
        return await waitUntilReady(context, this.#tools);
      case "stop":
        return await stopNode(context, this.#tools);
      case "reload":
        return await reloadNode(context, this.#tools);
      case "remove":
        return await removeNode(context, this.#tools);
      case "update":
        return context.instance.kind === "node" ? await updateNode(context, this.#tools) : context.instance;
      case "launch":
        return await launchKeeper(context, this.#tools);
      case "end":
        return await endKeeper(context, this.#tools);
      default:
        throw new Error(`provider qemu has no operation ${operation}`);
    }
  }

  logs(node: Instance): NodeLogs {
    const directory = nodeDirectory(this.#tools.directories.nodes, node.id);
    const { console_type, aux_console } = nodeAttributes(node.attributes);
    return {
      console: console_type === "telnet" ? consoleLog(directory) : null,
      aux: aux_console === "telnet" ? auxLog(directory) : null,
      machine: qemuLog(directory),
    };
  }

  async release(node: Instance): Promise<void> {
    await releaseNode(node, this.#tools);
  }

  askMonitor(node: Instance, line: string): Promise<string> {
    const { ports, directories } = this.#tools;
    return askMonitor(ports, directories.run, node, line);
  }

  async execInGuest(node: Instance, command: readonly string[]): Promise<GuestResult> {
    const { execInGuest } = await import("./agent/exec.ts");
    return await execInGuest(this.#tools.ports, this.#tools.directories.run, node, command);
  }

  async buildGuest(request: GuestRequest): Promise<BuiltGuest> {
    const { buildGuest } = await import("./guest/build.ts");
    const { ports, directories } = this.#tools;
    return await buildGuest(ports, join(directories.programs, "guest"), request);
  }

  attachment(node: Instance, adapter: number): Attachment {
    return {
      adapter: `${node.id}/${adapter}`,
      kind: nodeAttributes(node.attributes).tunnel,
      path: tunnelSocket(node.id, adapter),
      peer: tunnelPeer(node.id, adapter),
      setCarrier: (up) => this.setCarrier(node, adapter, up),
    };
  }

  async setCarrier(node: Instance, adapter: number, up: boolean): Promise<void> {
    const { ports, directories } = this.#tools;
    await setCarrier(ports, directories.run, node, adapter, up);
  }

  async examine(request: ExamineRequest): Promise<readonly Finding[]> {
    const { examineHost } = await import("./doctor/examine.ts");
    return await examineHost(this.#tools, request);
  }

  /**
   * The processes as recorded, or found by the token of the operation that was left half-done: a killed run may have
   * started one without writing down which.
   */
  #identities(instances: readonly Instance[]): readonly (ProcessIdentity | undefined)[] {
    const { processes } = this.#tools.ports;
    const tokens = new Set<string>();
    for (const { pending } of instances) if (pending) tokens.add(pending.token);
    const found = tokens.size > 0 ? processes.findByTokens(tokens) : new Map<string, ProcessIdentity>();
    return instances.map(({ pending, ...rest }) => (pending && found.get(pending.token)) ?? notesOf(rest).process);
  }
}
