import type { OperationContext } from "../../../src/core/provider.ts";
import { failGone } from "../node/gone.ts";
import { commandQemu } from "../node/qmp.ts";
import { notesOf } from "../notes.ts";
import type { PlanTools } from "../plan.ts";
import { blockNode } from "./arguments.ts";
import { disksOf } from "./disk.ts";
import type { DiskRecord, DiskRecords } from "./record.ts";
import { formatSize, parseSize } from "./size.ts";

/**
 * Grows the disks of a running node whose `size` was raised; guests on virtio and scsi notice at once. Rejects with
 * `Failure` when QEMU refuses, does not answer, or ends.
 */
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
  for (const { label, bytes, record } of growing) {
    const refusal = `Disk ${label} of ${address} could not be grown from ${formatSize(record.bytes)} to ${formatSize(bytes)}`;
    const done = await commandQemu(tools.ports, tools.directories.run, instance, refusal, (execute) =>
      execute("block_resize", { "node-name": blockNode(label), size: bytes }),
    );
    if (done === undefined) await failGone(context, tools, `${address} ended before its disks were grown`);
    grown[label] = { ...record, bytes };
  }
  return grown;
}
