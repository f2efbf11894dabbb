import type { Diagnostic } from "../../../src/core/diagnostics.ts";
import { errorDiagnostic } from "../../../src/core/diagnostics.ts";
import type { PlannedAttributes } from "../../../src/core/values.ts";
import { UNKNOWN } from "../../../src/core/values.ts";
import type { Needs } from "../offers/needs.ts";
import type { Disk, DiskInterface } from "./disk.ts";
import { plannedDisks } from "./disk.ts";
import { checkDigests } from "./expected.ts";
import type { Seating } from "./seats.ts";
import { seatDisks } from "./seats.ts";
import { parseSize } from "./size.ts";

/** A label is part of a file's name, of QEMU's ids, and the serial number, of which IDE and virtio take 20 characters. */
const LABEL = /^[A-Za-z][A-Za-z0-9_-]{0,19}$/;

/** What can be told of disks from the arguments alone. */
export function checkDisks(config: PlannedAttributes): readonly Diagnostic[] {
  return plannedDisks(config).flatMap(([label, disk]) => [
    ...checkLabel(label),
    ...checkSize(label, disk),
    ...checkImageless(label, disk),
    ...checkReadonly(label, disk),
    ...checkFormat(label, disk),
    ...checkDigests(label, disk),
  ]);
}

function checkLabel(label: string): Diagnostic[] {
  if (LABEL.test(label)) return [];
  const detail =
    'A label such as "hda" or "data-1" is up to 20 letters, digits, dashes and underscores, a letter first: it becomes a file\'s name and the disk\'s serial number.';
  return [errorDiagnostic(`A disk cannot be named ${JSON.stringify(label)}`, { detail })];
}

function checkSize(label: string, { size }: PlannedAttributes): Diagnostic[] {
  if (typeof size !== "string" || parseSize(size) !== undefined) return [];
  const detail =
    'It must be a whole number of MiB, as in size = 20480, or a number with K, M, G or T, as in size = "20G".';
  return [errorDiagnostic(`size of disk ${label} is ${JSON.stringify(size)}`, { detail })];
}

function checkImageless(label: string, disk: PlannedAttributes): Diagnostic[] {
  if (disk["image"] !== null) return [];
  const found: Diagnostic[] = [];
  if (disk["size"] === null) {
    const detail = 'Say what it starts from with image, or how large an empty disk is with size, as in size = "20G".';
    found.push(errorDiagnostic(`Disk ${label} has neither image nor size`, { detail }));
  }
  if (disk["readonly"] === true) {
    const detail = "There would be nothing to read. Set image, or remove readonly.";
    found.push(errorDiagnostic(`Disk ${label} is empty and readonly`, { detail }));
  }
  if (typeof disk["format"] === "string" && disk["format"] !== "qcow2") {
    const detail = "format is that of the image; an empty disk is always a qcow2. Remove format.";
    found.push(errorDiagnostic(`Disk ${label} has a format, but no image`, { detail }));
  }
  return found;
}

function checkReadonly(label: string, disk: PlannedAttributes): Diagnostic[] {
  if (disk["readonly"] !== true || disk["image"] === null) return [];
  const found: Diagnostic[] = [];
  if (["ide", "sata", "sd"].includes(String(disk["interface"]))) {
    const detail =
      "QEMU's IDE and SATA disks and SD cards have no write protection. Use virtio, scsi, nvme or usb, or remove readonly: what the guest writes goes to an overlay, never to the image.";
    found.push(errorDiagnostic(`Disk ${label} cannot be readonly on ${String(disk["interface"])}`, { detail }));
  }
  if (typeof disk["size"] === "string") {
    const detail = "A disk that is only read has the image's size. Remove one of the two.";
    found.push(errorDiagnostic(`Disk ${label} is readonly and has a size`, { detail }));
  }
  return found;
}

/**
 * A guest that writes to a raw image can make it look like another format, one that names a file of the host as what
 * lies beneath; so the format of what it may write is never guessed, not even when the lab is made anew.
 */
function checkFormat(label: string, disk: PlannedAttributes): Diagnostic[] {
  const isWritten = disk["image"] !== null && disk["linked_clone"] === false && disk["readonly"] === false;
  if (!isWritten || (disk["format"] ?? null) !== null) return [];
  const detail =
    'With linked_clone = false the guest writes to the image itself, and what it writes must not decide how the image is read later. Add its format to the disk block, as in format = "raw" (qemu-img info shows which it is), or leave linked_clone out.';
  return [errorDiagnostic(`Disk ${label} needs its image's format`, { detail })];
}

/** Whether the board has a place for each of them; says nothing while the board or a disk's interface is not known. */
export function checkSeats(planned: PlannedAttributes): readonly Diagnostic[] {
  const seating = seatingOf(planned);
  if (!seating) return [];
  const unseated = seating.unseated.map(({ label, interface: one, places }) =>
    places === 0
      ? errorDiagnostic(`Machine ${String(planned["machine"])} has no ${one} bus for disk ${label}`, {
          detail: 'Set interface = "virtio", "scsi" or "nvme", whichever the guest has a driver for.',
        })
      : errorDiagnostic(`There is no place for disk ${label} on ${one}`, {
          detail: `At most ${places} disks fit there; ${ROOMIER[one]}`,
        }),
  );
  const { insteadOfCdrom: label } = seating;
  if (label === undefined || (planned["cdrom_image"] ?? null) === null) return unseated;
  return [...unseated, atCdrom(label, planned)];
}

function atCdrom(label: string, { machine }: PlannedAttributes): Diagnostic {
  const place = machine === "pc" ? "the master of the second IDE bus" : "the third SATA port";
  return errorDiagnostic(`cdrom_image and disk ${label} have the same place`, {
    detail: `The CD drive of machine ${String(machine)} is ${place}, which is that of hdc and of the last disk that fits. Give disk ${label} ${label === "hdc" ? "another label or interface" : 'another interface, such as "virtio"'}, or remove cdrom_image.`,
  });
}

/** The devices that QEMU must have for the disks and the CD, each with what needs it. */
export function diskDevices(planned: PlannedAttributes): Needs {
  const needed = new Map<string, { who: string; remedy: string }>();
  const seating = seatingOf(planned);
  if (!seating) return needed;
  const remedy = "Give it another interface, or install the package that brings the device.";
  const add = (device: string, label: string | null) =>
    needed.set(device, { who: label === null ? "cdrom_image" : `disk ${label}`, remedy });
  for (const { device, label } of seating.controllers) add(device, label);
  for (const [label, { device, on }] of seating.seats) {
    add(device, label);
    if (on) add(on.device, label);
  }
  if (seating.cdrom && typeof planned["cdrom_image"] === "string") add(seating.cdrom.device, null);
  return needed;
}

function seatingOf({ platform, machine = null, ...rest }: PlannedAttributes): Seating | undefined {
  const disks = plannedDisks(rest);
  const known = disks.every(([, disk]) => typeof disk["interface"] === "string");
  if (typeof platform !== "string" || machine === UNKNOWN || !known) return undefined;
  return seatDisks({
    platform,
    machine: machine as string | null,
    disks: new Map(disks as Iterable<[string, unknown]> as Iterable<[string, Disk]>),
    hasCd: (rest["cdrom_image"] ?? null) !== null,
  });
}

const ROOMIER: { readonly [one in Exclude<DiskInterface, "none">]: string } = {
  ide: 'put some on interface = "sata" (6), "virtio" (8) or "scsi" (256).',
  sata: 'put some on interface = "virtio" (8) or "scsi" (256).',
  virtio: 'put some on interface = "scsi" (256) or "nvme" (8).',
  nvme: 'put some on interface = "scsi" (256) or "virtio" (8).',
  scsi: "a node cannot have more.",
  usb: 'put some on interface = "scsi" (256) or "virtio" (8).',
  sd: 'put some on interface = "usb" (15) or "virtio" (8).',
  floppy: "more drives have no controller.",
};
