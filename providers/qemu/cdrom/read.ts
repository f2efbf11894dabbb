import type { Instance } from "../../../src/core/state.ts";
import type { Json } from "../../../src/core/values.ts";
import { patience } from "../cpu/patience.ts";
import { CDROM } from "../disks/arguments.ts";
import { withQmp } from "../node/qmp.ts";
import type { PlanTools } from "../plan.ts";

const ANSWER_MS = 800;

/**
 * The record with the CD that is in a running node's drive, after an update that was cut off: QEMU has the old one, the
 * new one, or none. One that does not answer is told of elsewhere.
 */
export async function withCd(instance: Instance, { ports, directories }: PlanTools): Promise<Instance> {
  try {
    const ms = patience(ANSWER_MS, instance);
    const drives = await withQmp(ports, directories.run, instance.id, ms, (qmp) => qmp.execute("query-block", {}, ms));
    const path = inDrive(drives);
    if (path === undefined || path === (instance.attributes["cdrom_image"] ?? null)) return instance;
    return { ...instance, attributes: { ...instance.attributes, cdrom_image: path } };
  } catch {
    return instance;
  }
}

/** What `query-block` says of the CD drive; undefined where there is none. */
export function inDrive(answer: Json): string | null | undefined {
  const drives = answer as readonly { readonly qdev?: string; readonly inserted?: { readonly file: string } }[];
  const drive = drives.find(({ qdev }) => qdev === CDROM);
  return drive && (drive.inserted?.file ?? null);
}
