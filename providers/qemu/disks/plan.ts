import type { Diagnostic } from "../../../src/core/diagnostics.ts";
import { errorDiagnostic, Failure, hasErrors, warningDiagnostic } from "../../../src/core/diagnostics.ts";
import type { Demand, PlanRequest } from "../../../src/core/provider.ts";
import type { ChangeClass } from "../../../src/core/schema.ts";
import type { Planned, PlannedAttributes } from "../../../src/core/values.ts";
import { isWhollyPlanned, UNKNOWN } from "../../../src/core/values.ts";
import { resolveImage } from "../images.ts";
import { diskOverlay, nodeDirectory } from "../names.ts";
import { notesOf } from "../notes.ts";
import type { PlanTools } from "../plan.ts";
import { compareWithRecord, demandsOf } from "./compare.ts";
import type { Disk } from "./disk.ts";
import { disksOf, kindOf, plannedDisks } from "./disk.ts";
import { lookAtDigests } from "./expected.ts";
import type { Image } from "./image.ts";
import { lookAtImage } from "./image.ts";
import type { DiskRecord } from "./record.ts";
import { checkSizes } from "./sizes.ts";

/** A disk of which everything is known, and the host was looked at. */
export interface PlannedDisk {
  readonly label: string;
  /** Its image is an absolute path. */
  readonly disk: Disk;
  /** Null for an empty disk. */
  readonly image: Image | null;
  /** The size a guest is to see at least. */
  readonly bytes: number;
}

export interface DiskPlan {
  /** The attributes `disk` and `digests`. */
  readonly planned: Planned;
  readonly digests: Planned;
  readonly diagnostics: readonly Diagnostic[];
  readonly classes: { readonly [path: string]: ChangeClass };
  readonly demands: readonly Demand[];
  readonly disks: readonly PlannedDisk[];
}

/** A node's disks: images found and compared with what its overlays were made of. `qemu`: the executable, where it is known. */
export async function planDisks(
  request: PlanRequest,
  qemu: Planned,
  tools: PlanTools,
  signal?: AbortSignal,
): Promise<DiskPlan> {
  const planning = new DiskPlanning(request, typeof qemu === "string" ? qemu : null, tools, signal);
  const { disk = null } = request.config;
  if (disk === UNKNOWN) {
    return { planned: UNKNOWN, digests: UNKNOWN, diagnostics: [], classes: {}, demands: [], disks: [] };
  }
  const planned: { [label: string]: PlannedAttributes } = {};
  for (const [label, config] of plannedDisks(request.config)) planned[label] = await planning.disk(label, config);
  planning.warnOfLosses(planned);
  await planning.checkSpace();
  return { planned, ...planning.found, digests: planning.digests(planned), demands: planning.demands() };
}

class DiskPlanning {
  readonly found = {
    diagnostics: [] as Diagnostic[],
    classes: {} as { [path: string]: ChangeClass },
    disks: [] as PlannedDisk[],
  };
  readonly #request: PlanRequest;
  readonly #qemu: string | null;
  readonly #tools: PlanTools;
  readonly #signal: AbortSignal | undefined;
  readonly #before: ReadonlyMap<string, Disk>;
  readonly #records: { readonly [label: string]: DiskRecord };
  readonly #findings: Parameters<typeof demandsOf>[0][number][] = [];
  /** By label. */
  readonly #digests: { [label: string]: Planned } = {};
  /** What the overlays that this plan makes may grow to. */
  #newBytes = 0;

  constructor(request: PlanRequest, qemu: string | null, tools: PlanTools, signal?: AbortSignal) {
    this.#request = request;
    this.#qemu = qemu;
    this.#tools = tools;
    this.#signal = signal;
    this.#before = disksOf(request.prior?.attributes ?? {});
    this.#records = (request.prior && notesOf(request.prior).disks) ?? {};
  }

  async disk(label: string, config: PlannedAttributes): Promise<PlannedAttributes> {
    const path = await this.#path(label, config["image"] ?? null);
    const format = this.#knownFormat(label, config, path);
    const disk: PlannedAttributes = { ...config, image: path, format };
    if (this.#request.offline || hasErrors(this.found.diagnostics)) return disk;
    // The format is known once the image was looked at.
    const looked: PlannedAttributes = {
      ...disk,
      format: format === UNKNOWN && config["format"] !== UNKNOWN ? null : format,
    };
    if (!isWhollyPlanned(looked)) return disk;
    try {
      return await this.#look(label, looked as unknown as Disk);
    } catch (error) {
      this.found.diagnostics.push(...diagnosticsOf(error, label));
      return disk;
    }
  }

  async #path(label: string, image: Planned): Promise<Planned> {
    if (typeof image !== "string") return image;
    const before = this.#before.get(label)?.image;
    const resolved = await resolveImage(this.#request, this.#tools, roleOf(label), image, before);
    if (resolved.diagnostic) this.found.diagnostics.push(resolved.diagnostic);
    return resolved.path;
  }

  /**
   * The format as given, or as recorded of the same image. A guest that writes to the image itself could make it look
   * like another format, one that names files of the host: so it is not guessed again.
   */
  #knownFormat(label: string, config: PlannedAttributes, path: Planned): Planned {
    const { format = null } = config;
    if (format !== null) return format;
    if (path === null) return "qcow2";
    const before = this.#before.get(label);
    const kept = before && before.image === path && (this.#request.offline || kindOf(before) === "image");
    return kept ? before.format : UNKNOWN;
  }

  async #look(label: string, disk: Disk): Promise<PlannedAttributes> {
    const record = this.#records[label];
    const image =
      disk.image === null
        ? null
        : await lookAtImage(label, disk, record, { ...this.#request, qemu: this.#qemu }, this.#tools);
    // Told now that it is missing, not in the middle of an apply.
    if (!record) await this.#tools.disks.qemuImg(this.#qemu);
    const compared = await compareWithRecord(
      { label, disk, image, record, before: this.#before.get(label) },
      this.#tools.disks.digests,
      this.#signal,
    );
    Object.assign(this.found.classes, compared.classes);
    if (compared.finding) this.#findings.push({ ...compared.finding, label });
    const digests = await lookAtDigests({ label, disk, image, record }, this.#tools.disks.digests, this.#signal);
    this.#digests[label] = digests.planned;
    const sizes = checkSizes({ label, disk, image, record: compared.isAnew ? undefined : record });
    this.found.diagnostics.push(...(image?.diagnostics ?? []), ...digests.diagnostics, ...sizes.diagnostics);
    Object.assign(this.found.classes, sizes.classes);
    const complete = { ...disk, format: image?.format ?? "qcow2" };
    this.found.disks.push({ label, disk: complete, image, bytes: sizes.bytes });
    if (kindOf(disk) === "overlay" && (!record || compared.isAnew)) this.#newBytes += sizes.bytes;
    return { ...complete };
  }

  /** Of a disk that could not be looked at they are as recorded, as everything of the host is. */
  digests(planned: { readonly [label: string]: PlannedAttributes }): Planned {
    const before = (this.#request.prior?.attributes["digests"] ?? {}) as { readonly [label: string]: Planned };
    const found: { [label: string]: Planned } = {};
    for (const [label, disk] of Object.entries(planned)) {
      const isShared = disk["image"] !== null && (disk["linked_clone"] !== false || disk["readonly"] !== false);
      const digests = this.#digests[label] ?? (isShared ? (before[label] ?? UNKNOWN) : null);
      if (digests !== null) found[label] = digests;
    }
    return Object.keys(found).length > 0 ? found : null;
  }

  demands(): readonly Demand[] {
    return demandsOf(this.#findings);
  }

  /** A disk that goes takes along what the guest wrote to it, though the node itself stays. */
  warnOfLosses(planned: { readonly [label: string]: PlannedAttributes }): void {
    for (const [label, { kind }] of Object.entries(this.#records)) {
      const wanted = planned[label];
      if (kind !== "overlay" || (wanted && wanted["readonly"] !== true)) continue;
      const overlay = diskOverlay(nodeDirectory(this.#tools.directories.nodes, this.#request.id), label);
      this.found.diagnostics.push(
        warningDiagnostic(`What the guest wrote to disk ${label} of ${this.#request.address} will be lost`, {
          detail: `${wanted ? "It becomes readonly" : "It is no longer in the lab files"}, and its overlay is removed. To keep a copy, copy ${overlay} while the node is off.`,
        }),
      );
    }
  }

  async checkSpace(): Promise<void> {
    if (this.#request.offline) return;
    this.found.diagnostics.push(...(await this.#tools.disks.space.check(this.#request.id, this.#newBytes)));
  }
}

/** Of what the host refused, a disk that fails say; anything else is a fault of labform. */
function diagnosticsOf(error: unknown, label: string): readonly Diagnostic[] {
  if (error instanceof Failure) return error.diagnostics;
  if (!(error instanceof Error) || typeof (error as NodeJS.ErrnoException).code !== "string") throw error;
  return [errorDiagnostic(`Disk ${label} cannot be looked at`, { detail: `${error.message}.` })];
}

export function roleOf(label: string): string {
  return `image of disk ${label}`;
}
