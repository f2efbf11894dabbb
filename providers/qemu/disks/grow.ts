import { fail } from "../../../src/core/diagnostics.ts";
import type { OperationContext } from "../../../src/core/provider.ts";
import { withQmp } from "../node/qmp.ts";
import { notesOf } from "../notes.ts";
import type { PlanTools } from "../plan.ts";
import { blockNode } from "./arguments.ts";
import { disksOf } from "./disk.ts";
import type { DiskRecord, DiskRecords } from "./record.ts";
import { formatSize, parseSize } from "./size.ts";

const ANSWER_MS = 10_000;

/** Grows the disks of a running node whose `size` was raised; guests on virtio and scsi notice at once. */
export async function growDisks(context: OperationContext, tools: PlanTools): Promise<DiskRecords | undefined> {
  const { instance, wanted, address } = context;
  const { process, disks: records } = notesOf(instance);
  if (!records || !process || tools.ports.processes.status(process) !== "alive") return records;
  const grown: { [label: string]: DiskRecord } = { ...records };
  const growing = [...disksOf(wanted)].flatMap(([label, { size }]) => {
    const bytes = size === null ? undefined : parseSize(size);
    const record = records[label];
    return record && bytes !== undefined && bytes > record.bytes ? [{ label, bytes, record }] : [];
  });
  if (growing.length === 0) return records;
  await withQmp(tools.ports, tools.directories.run, instance.id, ANSWER_MS, async (qmp) => {
    for (const { label, bytes, record } of growing) {
      await qmp
        .execute("block_resize", { "node-name": blockNode(label), size: bytes }, ANSWER_MS)
        .catch((cause: unknown) =>
          fail(`Disk ${label} of ${address} could not be grown to ${formatSize(bytes)}`, {
            address,
            detail: `It has ${formatSize(record.bytes)}. QEMU said: ${cause instanceof Error ? cause.message : String(cause)}`,
            cause,
          }),
        );
      grown[label] = { ...record, bytes };
    }
  });
  return grown;
}
