import type { Diagnostic } from "../../../src/core/diagnostics.ts";
import { errorDiagnostic } from "../../../src/core/diagnostics.ts";
import type { PlannedAttributes } from "../../../src/core/values.ts";
import { UNKNOWN } from "../../../src/core/values.ts";
import type { NodeAttributes } from "../attributes.ts";
import type { Binaries, Binary } from "../binary.ts";
import { seedDevice } from "../seeds/arguments.ts";
import { SEEDS } from "../seeds/seeds.ts";
import { tpmDevice } from "./arguments.ts";

/** What can be told of the firmware from the arguments alone. */
export function checkFirmware(config: PlannedAttributes): readonly Diagnostic[] {
  if (config["uefi"] !== true || typeof config["bios_image"] !== "string") return [];
  const detail = "A machine starts with one firmware: bios_image is the file to start with, uefi has labform find one.";
  return [errorDiagnostic("uefi and bios_image are both set", { detail })];
}

/**
 * The devices that a TPM and the disks with texts of the lab files need and the binary does not have. `had`: what this
 * binary was found to have all devices for before.
 */
export async function checkFirmwareDevices(
  binary: Binary,
  planned: PlannedAttributes,
  had: PlannedAttributes,
  binaries: Binaries,
): Promise<readonly Diagnostic[]> {
  const needed = neededBy(planned);
  const before = neededBy(had);
  if ([...needed.keys()].every((device) => before.has(device))) return [];
  const devices = await binaries.devices(binary);
  return [...needed].flatMap(([device, argument]) => {
    if (devices.has(device)) return [];
    const detail = `What it has is listed by: ${binary.path} -device help. Use another machine or QEMU, or remove ${argument}.`;
    const subject = `QEMU binary ${binary.path}`;
    return [errorDiagnostic(`${binary.path} has no ${device}, which ${argument} needs`, { detail, subject })];
  });
}

/** By device: an argument that needs it. */
function neededBy(attributes: PlannedAttributes): ReadonlyMap<string, string> {
  const { platform, machine = null, tpm } = attributes;
  const needed = new Map<string, string>();
  if (typeof platform !== "string" || machine === UNKNOWN) return needed;
  const board = { platform, machine } as Pick<NodeAttributes, "platform" | "machine">;
  const device = tpm === true ? tpmDevice(board) : undefined;
  if (device !== undefined) needed.set(device, "tpm");
  for (const name of SEEDS) if ((attributes[name] ?? null) !== null) needed.set(seedDevice(board), name);
  return needed;
}
