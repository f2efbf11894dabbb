import type { Diagnostic } from "../../../src/core/diagnostics.ts";
import { errorDiagnostic } from "../../../src/core/diagnostics.ts";
import type { Planned } from "../../../src/core/values.ts";
import { UNKNOWN } from "../../../src/core/values.ts";
import type { ImageDigests } from "./digests.ts";
import type { Disk } from "./disk.ts";
import { kindOf } from "./disk.ts";
import type { Image } from "./image.ts";
import type { DiskRecord } from "./record.ts";

const NAMES = { sha256: "SHA-256", md5: "MD5" } as const;

/**
 * The digests of a disk's image, compared with those that its block names. An image is read for them only where the
 * block names one, and not when it was read before: then its digest is already known, else it will be once the disk is
 * made. Null for a disk whose content the guest changes.
 */
export async function lookAtDigests(
  one: {
    readonly label: string;
    readonly disk: Disk;
    readonly image: Image | null;
    readonly record: DiskRecord | undefined;
  },
  digests: ImageDigests,
  signal?: AbortSignal,
): Promise<{ readonly planned: Planned; readonly diagnostics: readonly Diagnostic[] }> {
  const { label, disk, image, record } = one;
  if (!image || kindOf(disk) === "image") return { planned: null, diagnostics: [] };
  const withMd5 = disk.md5 !== null;
  const isRecorded = record?.base?.stamp === image.stamp && (!withMd5 || record.base.md5 !== undefined);
  const found = isRecorded
    ? record.base
    : withMd5 || disk.sha256 !== null
      ? await digests.of(image.path, { withMd5, signal })
      : await digests.known(image.path, image.stamp);
  const diagnostics = (["sha256", "md5"] as const).flatMap((name) => {
    const [wanted, real] = [disk[name]?.toLowerCase(), found?.[name]];
    return wanted === undefined || real === undefined || wanted === real
      ? []
      : [otherThan(label, image, name, wanted, real)];
  });
  return { planned: { sha256: found?.sha256 ?? UNKNOWN, md5: withMd5 ? (found?.md5 ?? UNKNOWN) : null }, diagnostics };
}

function otherThan(label: string, { path }: Image, name: keyof typeof NAMES, wanted: string, real: string): Diagnostic {
  return errorDiagnostic(`Image of disk ${label} ${path} is not the one that its ${name} names`, {
    detail: `Its ${NAMES[name]} is ${real}, and the disk block says ${wanted}. Put the image there that was meant, or correct ${name}.`,
    subject: `image of disk ${label} ${path}`,
  });
}

/** What a disk block may say of digests. */
export function checkDigests(label: string, disk: { readonly [name: string]: Planned }): Diagnostic[] {
  return Object.entries({ sha256: 64, md5: 32 }).flatMap(([name, digits]) => {
    const wanted = disk[name];
    if (typeof wanted !== "string") return [];
    const found: Diagnostic[] = [];
    if (!new RegExp(`^[0-9a-fA-F]{${digits}}$`).test(wanted)) {
      const detail = `It must be ${digits} hexadecimal digits, as ${name}sum prints them.`;
      found.push(errorDiagnostic(`${name} of disk ${label} is ${JSON.stringify(wanted)}`, { detail }));
    }
    if (disk["image"] === null) {
      const detail = `An empty disk has no image to compare. Remove ${name}, or set image.`;
      found.push(errorDiagnostic(`Disk ${label} has ${name}, but no image`, { detail }));
    } else if (disk["linked_clone"] === false && disk["readonly"] === false) {
      const detail = `The guest writes to the image itself, so it does not stay what ${name} says. Remove one of the two.`;
      found.push(errorDiagnostic(`Disk ${label} has ${name} and linked_clone = false`, { detail }));
    }
    return found;
  });
}
