import { resolve } from "node:path";
import type { Diagnostic } from "../../src/core/diagnostics.ts";
import { errorDiagnostic, Failure } from "../../src/core/diagnostics.ts";
import type { Ports } from "../../src/core/ports.ts";
import type { HostDirectories, PlanAnswer, PlanRequest } from "../../src/core/provider.ts";
import type { Planned, PlannedAttributes } from "../../src/core/values.ts";
import { UNKNOWN } from "../../src/core/values.ts";
import { isX86Platform, TURN_KVM_OFF } from "./accelerator.ts";
import { listener, nodeAttributes } from "./attributes.ts";
import type { Binaries, Binary } from "./binary.ts";
import { binaryName, locateBinary, platformOfBinary } from "./binary.ts";
import { checkArguments } from "./check.ts";
import type { CpuAccount } from "./cpus.ts";
import { checkSeats, diskDevices } from "./disks/check.ts";
import type { DiskPlan, PlannedDisk } from "./disks/plan.ts";
import { planDisks } from "./disks/plan.ts";
import type { DiskTools } from "./disks/tools.ts";
import { warnTakenPorts } from "./fixedPorts.ts";
import type { ForwardPorts } from "./forwardPorts.ts";
import { resolveImage } from "./images.ts";
import { formatMac, macFromUuid, parseMac, uuidFromSeed } from "./mac.ts";
import type { MemoryAccount } from "./memory.ts";
import { notesOf } from "./notes.ts";
import { qemuSettings } from "./settings.ts";
import { planForwards } from "./userNetwork.ts";

export interface PlanTools {
  readonly ports: Ports;
  readonly directories: HostDirectories;
  readonly binaries: Binaries;
  readonly cpus: CpuAccount;
  readonly memory: MemoryAccount;
  readonly disks: DiskTools;
  readonly forwardPorts: ForwardPorts;
  /** `whyNoKvm`, asked once a run. */
  readonly whyNoKvm: () => Promise<string | undefined>;
}

export interface NodePlan extends PlanAnswer {
  /** The disks of which everything is known. */
  readonly disks: readonly PlannedDisk[];
}

const KEEPER = { address: "service.keeper", provider: "qemu", attributes: {} };

/**
 * A node's arguments completed and checked. What hangs on an argument that is not known yet is unknown too; prepare
 * plans once more when everything is known. Where images must be read for it, `signal` ends that.
 */
export async function planNode(request: PlanRequest, tools: PlanTools, signal?: AbortSignal): Promise<NodePlan> {
  const planning = new Planning(request, tools);
  planning.diagnostics.push(...checkArguments(request.config, request.sensitive));
  const planned = planning.fromArguments();
  const platform = planned["platform"] as Planned;
  planning.diagnostics.push(...tools.forwardPorts.uses.add(request.address, planned["forward"] as Planned));
  planned["qemu_binary"] = await planning.binary(platform);
  planned["accel"] = await planning.accel(platform);
  for (const role of ["kernel_image", "initrd"] as const) planned[role] = await planning.image(role);
  const disks = await planning.disks(planned, signal);
  if (!request.offline) {
    await planning.checkBinary(planned);
    planning.diagnostics.push(...(await tools.memory.check(request)), ...(await tools.cpus.check(request)));
    planning.diagnostics.push(...(await warnTakenPorts(request, planned, tools)));
  }
  const { classes, demands } = disks;
  return { planned, requires: [KEEPER], diagnostics: planning.diagnostics, classes, demands, disks: disks.disks };
}

const ROLES = { kernel_image: "kernel image", initrd: "initrd" } as const;

class Planning {
  readonly diagnostics: Diagnostic[] = [];
  readonly #request: PlanRequest;
  readonly #tools: PlanTools;
  readonly #config: PlannedAttributes;

  constructor(request: PlanRequest, tools: PlanTools) {
    this.#request = request;
    this.#tools = tools;
    this.#config = request.config;
  }

  /** What needs no look at the host. */
  fromArguments(): { [name: string]: Planned } {
    const { id, prior, seed, tunnel } = this.#request;
    const settings = qemuSettings(this.#request.settings);
    const uuid = String(this.#config["uuid"] ?? prior?.attributes["uuid"] ?? uuidFromSeed(seed));
    const platform = this.#platform();
    const mac = this.#macBase(uuid);
    return {
      ...this.#config,
      id,
      uuid,
      platform,
      machine: machineOf(platform, this.#config["machine"] ?? null),
      mac_address: mac === UNKNOWN ? UNKNOWN : formatMac(mac),
      adapter: this.#adapterList(mac),
      tunnel,
      console: this.#config["console_type"] === "none" ? null : this.#listener("console", settings.console_host),
      monitor: settings.monitor ? this.#listener("monitor", settings.monitor_host) : null,
      forward: planForwards(this.#config, prior ? nodeAttributes(prior.attributes).forward : null),
      console_access: settings.console_access,
    };
  }

  #platform(): Planned {
    const { platform = null, qemu_binary: binary = null } = this.#config;
    if (platform === UNKNOWN) return UNKNOWN;
    if (binary === UNKNOWN) return platform ?? UNKNOWN;
    const told = typeof binary === "string" ? platformOfBinary(binary) : undefined;
    if (platform !== null) {
      const differs = told !== undefined && told !== platform;
      if (differs && !(isX86Platform(told) && isX86Platform(String(platform)))) {
        this.diagnostics.push(
          errorDiagnostic(`qemu_binary emulates ${told}, but platform is ${String(platform)}`, {
            detail: "Remove one of the two, or make them agree.",
            subject: `QEMU binary ${String(binary)}`,
          }),
        );
      }
      return platform;
    }
    if (binary === null) return "x86_64";
    if (told !== undefined) return told;
    this.diagnostics.push(
      errorDiagnostic(`The platform of ${String(binary)} cannot be told from its name`, {
        detail: 'Names such as qemu-system-x86_64 tell it. Say it with platform, as in platform = "x86_64".',
        subject: `QEMU binary ${String(binary)}`,
      }),
    );
    return UNKNOWN;
  }

  #macBase(uuid: string): number | typeof UNKNOWN {
    const given = this.#config["mac_address"] ?? null;
    if (given === UNKNOWN) return UNKNOWN;
    // One that is none was reported by the check of arguments.
    return (typeof given === "string" ? parseMac(given) : undefined) ?? macFromUuid(uuid);
  }

  #adapterList(mac: number | typeof UNKNOWN): Planned {
    const { adapters } = this.#config;
    if (typeof adapters !== "number") return UNKNOWN;
    return Array.from({ length: adapters }, (_, at) => ({
      id: `${this.#request.id}/${at}`,
      mac_address: mac === UNKNOWN ? UNKNOWN : formatMac(mac + at),
      name: `eth${at}`,
    }));
  }

  /** Known where the port is fixed or was chosen before: then it is kept. */
  #listener(name: "console" | "monitor", host: string): Planned {
    const fixed = this.#config[`${name}_port`] ?? null;
    if (fixed === UNKNOWN) return UNKNOWN;
    if (fixed !== null) return { host, port: fixed };
    const { prior } = this.#request;
    const served = prior ? (listener(prior.attributes[name]) ?? notesOf(prior)[name]) : null;
    return served ? { host, port: served.port } : UNKNOWN;
  }

  async binary(platform: Planned): Promise<Planned> {
    const given = this.#config["qemu_binary"] ?? null;
    if (given === UNKNOWN || (given === null && platform === UNKNOWN)) return UNKNOWN;
    const name = String(given ?? binaryName(String(platform)));
    const wanted = name.includes("/") ? resolve(this.#tools.directories.lab, name) : name;
    const directory = qemuSettings(this.#request.settings).binary_directory;
    if (!this.#request.offline) {
      const located = await locateBinary(this.#tools.ports, wanted, directory);
      if ("path" in located) return located.path;
      this.diagnostics.push(located.diagnostic);
      return UNKNOWN;
    }
    if (wanted.startsWith("/")) return wanted;
    if (directory !== null) return `${directory}/${wanted}`;
    const prior = this.#request.prior?.attributes["qemu_binary"];
    return typeof prior === "string" && prior.endsWith(`/${wanted}`) ? prior : UNKNOWN;
  }

  /** What auto was resolved to is kept while it works: a node does not restart because /dev/kvm appeared. */
  async accel(platform: Planned): Promise<Planned> {
    const own = this.#config["accel"] ?? null;
    const settings = qemuSettings(this.#request.settings);
    if (own === UNKNOWN || platform === UNKNOWN) return UNKNOWN;
    const x86 = isX86Platform(String(platform));
    const automatic = own === null ? settings.accel_automatic : own === "auto";
    if (automatic) {
      if (!x86) return "tcg";
      const before = this.#request.prior?.attributes["accel"] ?? null;
      if (this.#request.offline) return before ?? UNKNOWN;
      if (before === "tcg") return "tcg";
      return (await this.#tools.whyNoKvm()) === undefined ? "kvm" : "tcg";
    }
    const accel = own ?? settings.accel;
    if (accel !== "kvm") return accel;
    if (!x86) {
      const detail = `KVM runs guests of the host's own architecture, and labform uses it for x86 only. ${TURN_KVM_OFF}`;
      this.diagnostics.push(errorDiagnostic(`accel = "kvm" cannot run platform ${String(platform)}`, { detail }));
    } else if (!this.#request.offline && own !== null) {
      const reason = await this.#tools.whyNoKvm();
      if (reason !== undefined) {
        const detail = `KVM: ${reason}. ${TURN_KVM_OFF}`;
        this.diagnostics.push(errorDiagnostic('accel = "kvm", but KVM cannot be used here', { detail }));
      }
    }
    return accel;
  }

  /** Absolute, so that the record does not hang on where the lab was applied from. */
  async image(name: keyof typeof ROLES): Promise<Planned> {
    const given = this.#config[name] ?? null;
    if (typeof given !== "string") return given;
    const before = this.#request.prior?.attributes[name];
    const { path, diagnostic } = await resolveImage(this.#request, this.#tools, ROLES[name], given, before);
    if (diagnostic) this.diagnostics.push(diagnostic);
    return path;
  }

  async disks(planned: { [name: string]: Planned }, signal?: AbortSignal): Promise<DiskPlan> {
    this.diagnostics.push(...checkSeats(planned));
    const disks = await planDisks(this.#request, planned["qemu_binary"] as Planned, this.#tools, signal);
    this.diagnostics.push(...disks.diagnostics);
    planned["disk"] = disks.planned;
    return disks;
  }

  async checkBinary(planned: PlannedAttributes): Promise<void> {
    const path = planned["qemu_binary"];
    if (typeof path !== "string") return;
    const { prior } = this.#request;
    const known = prior ? notesOf(prior).binary : undefined;
    try {
      const binary = await this.#tools.binaries.inspect(path, known);
      const same = binary === known && prior?.attributes["adapter_type"] === this.#config["adapter_type"];
      if (!same) await this.#checkAdapterType(binary);
      await this.#checkDiskDevices(binary, planned, binary === known ? (prior?.attributes ?? {}) : {});
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      this.diagnostics.push(...error.diagnostics);
    }
  }

  /** `had`: what this binary was found to have devices for before. */
  async #checkDiskDevices(binary: Binary, planned: PlannedAttributes, had: PlannedAttributes): Promise<void> {
    const needed = diskDevices(planned);
    const before = diskDevices(had);
    if ([...needed.keys()].every((device) => before.has(device))) return;
    const devices = await this.#tools.binaries.devices(binary);
    for (const [device, label] of needed) {
      if (devices.has(device)) continue;
      this.diagnostics.push(
        errorDiagnostic(`${binary.path} has no ${device}, which disk ${label} needs`, {
          detail: `What it has is listed by: ${binary.path} -device help. Give the disk another interface, or install the package that brings the device.`,
          subject: `QEMU binary ${binary.path}`,
        }),
      );
    }
  }

  async #checkAdapterType(binary: Binary): Promise<void> {
    const { adapter_type: type, adapters } = this.#config;
    if (typeof type !== "string" || adapters === 0) return;
    const devices = await this.#tools.binaries.devices(binary);
    if (devices.has(type)) return;
    this.diagnostics.push(
      errorDiagnostic(`${binary.path} has no network adapter ${JSON.stringify(type)}`, {
        detail: `What it has is listed by: ${binary.path} -device help. Usual ones are e1000, virtio-net-pci, vmxnet3 and rtl8139.`,
        subject: `QEMU binary ${binary.path}`,
      }),
    );
  }
}

/** Written out on x86; arm has no board that QEMU would take by itself. */
function machineOf(platform: Planned, machine: Planned): Planned {
  if (machine !== null) return machine;
  if (platform === UNKNOWN) return UNKNOWN;
  if (isX86Platform(String(platform))) return "pc";
  return platform === "arm" || platform === "aarch64" ? "virt" : null;
}
