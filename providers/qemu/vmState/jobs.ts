import type { Clock } from "../../../src/core/ports.ts";
import type { Json } from "../../../src/core/values.ts";
import type { QmpClient } from "../qmp.ts";
import { QmpError } from "../qmp.ts";

/*
 * Work of QEMU that has a beginning and an end (QEMU: qapi/job.json): a command begins it, it stays listed when it is
 * concluded, with the error if it had one, until it is dismissed. While QEMU saves or loads, it answers nothing.
 */

export interface JobOptions {
  /** Milliseconds until its time is over. */
  readonly left: () => number;
  readonly clock: Clock;
  /** Makes names that no run before has used. */
  readonly token: string;
}

/** Between two looks at a job: a short one is over at the first. */
const LOOK_MS = 50;
const SHORTEST_MS = 1;

/** Rejects with `QmpError`: `refused` also when the job itself failed. */
export async function runJob(
  qmp: QmpClient,
  command: "snapshot-save" | "snapshot-load",
  args: { readonly [name: string]: Json },
  { left, clock, token }: JobOptions,
): Promise<void> {
  const id = `labform-${token}`;
  await qmp.execute(command, { "job-id": id, ...args }, left());
  for (;;) {
    const jobs = (await qmp.execute("query-jobs", {}, left())) as unknown as readonly Job[];
    const job = jobs.find((one) => one.id === id);
    if (!job || job.status === "concluded") {
      if (job) await qmp.execute("job-dismiss", { id }, left());
      if (job?.error === undefined) return;
      throw new QmpError("refused", command, job.error);
    }
    if (left() <= SHORTEST_MS) throw new QmpError("silent", command, `QEMU did not come to the end of ${command}`);
    await clock.sleep(Math.min(LOOK_MS, left()));
  }
}

/** Opens a qcow2 in QEMU; resolves to the name it has there. */
export async function addFile(qmp: QmpClient, path: string, token: string, timeoutMs: number): Promise<string> {
  // A node's name has 31 characters at most.
  const node = `state-${token.slice(0, 16)}`;
  const file = { driver: "file", filename: path };
  await qmp.execute("blockdev-add", { driver: "qcow2", "node-name": node, file }, timeoutMs);
  return node;
}

interface Job {
  readonly id: string;
  readonly status: string;
  readonly error?: string;
}
