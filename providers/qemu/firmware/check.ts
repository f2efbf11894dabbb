import type { Diagnostic } from "../../../src/core/diagnostics.ts";
import { errorDiagnostic } from "../../../src/core/diagnostics.ts";
import type { PlannedAttributes } from "../../../src/core/values.ts";
import { UNKNOWN } from "../../../src/core/values.ts";
import type { NodeAttributes } from "../attributes.ts";
import type { Needs } from "../offers/needs.ts";
import { seedDevice } from "../seeds/arguments.ts";
import { SEEDS } from "../seeds/seeds.ts";
import { tpmDevice } from "./arguments.ts";

/** What can be told of the firmware from the arguments alone. */
export function checkFirmware(config: PlannedAttributes): readonly Diagnostic[] {
  if (config["uefi"] !== true || typeof config["bios_image"] !== "string") return [];
  const detail = "A machine starts with one firmware: bios_image is the file to start with, uefi has labform find one.";
  return [errorDiagnostic("uefi and bios_image are both set", { detail })];
}

/** The devices that a TPM and the disks with texts of the lab files need. */
export function firmwareDevices(attributes: PlannedAttributes): Needs {
  const { platform, machine = null, tpm } = attributes;
  const needed = new Map<string, { who: string; remedy: string }>();
  if (typeof platform !== "string" || machine === UNKNOWN) return needed;
  const board = { platform, machine } as Pick<NodeAttributes, "platform" | "machine">;
  const add = (device: string, who: string) =>
    needed.set(device, { who, remedy: `Use another machine or QEMU, or remove ${who}.` });
  const device = tpm === true ? tpmDevice(board) : undefined;
  if (device !== undefined) add(device, "tpm");
  for (const name of SEEDS) if ((attributes[name] ?? null) !== null) add(seedDevice(board), name);
  return needed;
}
