import { resolve } from "node:path";
import type { Diagnostic } from "../../src/core/diagnostics.ts";
import { errorDiagnostic, Failure, hasErrors } from "../../src/core/diagnostics.ts";
import type { Ports } from "../../src/core/ports.ts";
import type { HostDirectories, PlanAnswer, PlanRequest } from "../../src/core/provider.ts";
import type { Planned, PlannedAttributes } from "../../src/core/values.ts";
import { UNKNOWN } from "../../src/core/values.ts";
import { isX86Platform, TURN_KVM_OFF } from "./accelerator.ts";
import type { MacUses } from "./adapters/macUses.ts";
import { adapterClasses, checkTwins, planAdapters } from "./adapters/plan.ts";
import { checkAdapterTypes } from "./adapters/types.ts";
import { changeOfAgent } from "./agent/check.ts";
import { nodeAttributes } from "./attributes.ts";
import type { Binaries } from "./binary.ts";
import { binaryName, locateBinary, platformOfBinary } from "./binary.ts";
import { planCd } from "./cdrom/plan.ts";
import { checkArguments } from "./check.ts";
import { giveUpTakenPorts, planListeners } from "./consoles/listeners.ts";
import { checkShare } from "./cpu/check.ts";
import type { CpuAccount } from "./cpus.ts";
import { checkSeats } from "./disks/check.ts";
import type { DiskPlan, PlannedDisk } from "./disks/plan.ts";
import { planDisks } from "./disks/plan.ts";
import type { DiskTools } from "./disks/tools.ts";
import { planFirmware } from "./firmware/plan.ts";
import type { Uefi } from "./firmware/uefi.ts";
import { warnTakenPorts } from "./fixedPorts.ts";
import type { ForwardPorts } from "./forwardPorts.ts";
import { resolveImage } from "./images.ts";
import { formatMac, macFromUuid, parseMac, uuidFromSeed } from "./mac.ts";
import type { MemoryAccount } from "./memory.ts";
import { notesOf } from "./notes.ts";
import { checkHostModel, checkMachine } from "./offers/check.ts";
import { checkDevices } from "./offers/devices.ts";
import { planOptions } from "./options/check.ts";
import { hasOption } from "./options/parse.ts";
import { qemuSettings } from "./settings.ts";
import { planForwards } from "./userNetwork.ts";
import { checkVmState } from "./vmState/check.ts";
import { planVmState } from "./vmState/plan.ts";

export interface PlanTools {
  readonly ports: Ports;
  readonly directories: HostDirectories;
  readonly binaries: Binaries;
  readonly cpus: CpuAccount;
  readonly memory: MemoryAccount;
  readonly disks: DiskTools;
  readonly forwardPorts: ForwardPorts;
  readonly macs: MacUses;
  /** `whyNoKvm`, asked once a run. */
  readonly whyNoKvm: () => Promise<string | undefined>;
}

export interface NodePlan extends PlanAnswer {
  /** The disks of which everything is known. */
  readonly disks: readonly PlannedDisk[];
  /** Its UEFI firmware, where it has one and that is known. */
  readonly uefi: Uefi | undefined;
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
  if (!hasErrors(planning.diagnostics)) {
    const adapters = planned["adapter"] as Planned;
    planning.diagnostics.push(...checkTwins(adapters), ...tools.macs.add(request.address, adapters));
  }
  planned["qemu_binary"] = await planning.binary(platform);
  planned["options"] = planning.options(planned["uuid"] as Planned);
  planned["accel"] = await planning.accel(platform, planned["options"]);
  planning.diagnostics.push(...checkHostModel(planned));
  const images = ["bios_image", "kernel_image", "initrd", "cdrom_image"] as const;
  for (const role of images) planned[role] = await planning.image(role);
  const firmware = await planFirmware(request, planned, tools);
  planning.diagnostics.push(...firmware.diagnostics);
  planned["uefi_code"] = firmware.code;
  const cd = planCd(request, planned["cdrom_image"] as Planned);
  planning.diagnostics.push(...cd.diagnostics);
  const disks = await planning.disks(planned, signal);
  if (!request.offline) {
    await planning.checkBinary(planned);
    planning.diagnostics.push(...(await tools.memory.check(request)), ...(await tools.cpus.check(request)));
    planning.diagnostics.push(...(await warnTakenPorts(request, planned, tools)));
    await giveUpTakenPorts(request, planned, tools);
  }
  planning.diagnostics.push(...checkVmState(planned));
  const vmState = await planVmState(request, planned, tools);
  const share = request.offline ? undefined : await checkShare(request, tools.ports);
  planning.diagnostics.push(...(share?.diagnostics ?? []));
  const demands = [...disks.demands, ...vmState.demands, ...(share?.demands ?? [])];
  const classes = {
    ...adapterClasses(planned, request.prior),
    ...disks.classes,
    ...cd.classes,
    ...share?.classes,
    ...changeOfAgent(request),
  };
  const { machineState } = vmState;
  const { uefi } = firmware;
  const { diagnostics } = planning;
  return { planned, requires: [KEEPER], diagnostics, classes, demands, machineState, uefi, disks: disks.disks };
}

const ROLES = {
  bios_image: "BIOS image",
  kernel_image: "kernel image",
  initrd: "initrd",
  cdrom_image: "CD image",
} as const;

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
      ...planAdapters(this.#config, id, mac),
      tunnel,
      ...planListeners(this.#config, prior, settings),
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

  options(uuid: Planned): Planned {
    const { address, settings, sensitive } = this.#request;
    const allowed = qemuSettings(settings).allow_unsafe_options;
    const surroundings = { address, uuid: String(uuid), lab: this.#tools.directories.lab };
    const given = this.#config["options"] ?? null;
    const { planned, diagnostics } = planOptions({ given, sensitive, allowed, surroundings });
    this.diagnostics.push(...diagnostics);
    return planned;
  }

  /** What auto was resolved to is kept while it works: a node does not restart because /dev/kvm appeared. */
  async accel(platform: Planned, options: Planned): Promise<Planned> {
    const own = this.#config["accel"] ?? null;
    const settings = qemuSettings(this.#request.settings);
    if (own === UNKNOWN || platform === UNKNOWN) return UNKNOWN;
    const x86 = isX86Platform(String(platform));
    const automatic = own === null ? settings.accel_automatic : own === "auto";
    const counts = options !== UNKNOWN && hasOption(options as readonly string[], "-icount");
    if (automatic) {
      if (!x86 || counts) return "tcg";
      if (options === UNKNOWN) return UNKNOWN;
      const before = this.#request.prior?.attributes["accel"] ?? null;
      if (this.#request.offline) return before ?? UNKNOWN;
      if (before === "tcg") return "tcg";
      return (await this.#tools.whyNoKvm()) === undefined ? "kvm" : "tcg";
    }
    const accel = own ?? settings.accel;
    if (accel !== "kvm") return accel;
    if (counts) {
      const detail = `Only an emulated processor's instructions can be counted. ${TURN_KVM_OFF}`;
      this.diagnostics.push(errorDiagnostic('options has -icount, but accel is "kvm"', { detail }));
    }
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
    else if (typeof path === "string") await this.#use(path, ROLES[name]);
    return path;
  }

  /** Read by QEMU, so no guest may write to it. */
  async #use(path: string, part: string): Promise<void> {
    const { address, offline } = this.#request;
    const stat = offline ? undefined : await this.#tools.ports.files.stat(path).catch(() => undefined);
    if (stat) this.diagnostics.push(...this.#tools.disks.uses.add(address, part, [{ path, stat, how: "read" }]));
  }

  async disks(planned: { [name: string]: Planned }, signal?: AbortSignal): Promise<DiskPlan> {
    this.diagnostics.push(...checkSeats(planned));
    const disks = await planDisks(this.#request, planned["qemu_binary"] as Planned, this.#tools, signal);
    this.diagnostics.push(...disks.diagnostics);
    planned["disk"] = disks.planned;
    planned["digests"] = disks.digests;
    return disks;
  }

  async checkBinary(planned: PlannedAttributes): Promise<void> {
    const path = planned["qemu_binary"];
    if (typeof path !== "string") return;
    const { prior } = this.#request;
    const known = prior ? notesOf(prior).binary : undefined;
    try {
      const binary = await this.#tools.binaries.inspect(path, known);
      const had = binary === known ? (prior?.attributes ?? {}) : {};
      this.diagnostics.push(...(await checkMachine(binary, planned, had, this.#tools.binaries)));
      this.diagnostics.push(...(await checkAdapterTypes(binary, planned, had, this.#tools.binaries)));
      this.diagnostics.push(...(await checkDevices(binary, planned, had, this.#tools.binaries)));
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      this.diagnostics.push(...error.diagnostics);
    }
  }
}

/** Written out on x86; arm has no board that QEMU would take by itself. */
function machineOf(platform: Planned, machine: Planned): Planned {
  if (machine !== null) return machine;
  if (platform === UNKNOWN) return UNKNOWN;
  if (isX86Platform(String(platform))) return "pc";
  return platform === "arm" || platform === "aarch64" ? "virt" : null;
}
