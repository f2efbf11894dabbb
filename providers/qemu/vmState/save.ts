import { fail } from "../../../src/core/diagnostics.ts";
import type { ProcessIdentity } from "../../../src/core/ports.ts";
import type { OperationContext } from "../../../src/core/provider.ts";
import { nodeAttributes } from "../attributes.ts";
import { formatSize } from "../disks/size.ts";
import { needsRestart, standsStill } from "../keeper/run-states.ts";
import { nodeDirectory, vmStateFile } from "../names.ts";
import { isSilence, runState, withQmp } from "../node/qmp.ts";
import { notesOf, withNotes } from "../notes.ts";
import type { PlanTools } from "../plan.ts";
import type { QmpClient } from "../qmp.ts";
import { dropState, holdsState, stampDisks } from "./file.ts";
import { hardwareOfRunning } from "./hardware.ts";
import { addFile, runJob } from "./jobs.ts";
import type { SavedState } from "./record.ts";

/** QEMU answers in a millisecond, but while it saves. */
const ANSWER_MS = 2000;
/** The file as a disk, which nobody uses: the state lies behind it. */
const MIB = 1024 * 1024;

/**
 * Has the guest stand still and saves its machine's state; disks are not part of it, they stay as they are. It is
 * journalled as soon as it is there, since QEMU is ended next.
 *
 * Undefined when there is nothing saved, which is told: its power is to be cut. Rejects with `Failure` when interrupted.
 */
export async function saveVmState(
  process: ProcessIdentity,
  context: OperationContext,
  tools: PlanTools,
): Promise<SavedState | undefined> {
  const { instance, address, signal } = context;
  const { ports, directories } = tools;
  const directory = nodeDirectory(directories.nodes, instance.id);
  const { stop_timeout_s: seconds } = nodeAttributes(instance.attributes);
  const deadline = ports.clock.monotonic() + seconds * 1000;
  const left = () => Math.max(1, deadline - ports.clock.monotonic());
  let saved: SavedState | undefined;
  try {
    saved = await withQmp(ports, directories.run, instance.id, Math.min(ANSWER_MS, left()), async (qmp) => {
      const interrupt = () => qmp.close();
      signal.addEventListener("abort", interrupt, { once: true });
      try {
        return await save(qmp, left, context, tools);
      } finally {
        signal.removeEventListener("abort", interrupt);
      }
    });
  } catch (error) {
    if (signal.aborted) {
      fail(`Saving the machine state of ${address} was interrupted`, {
        address,
        detail: "Its guest may stand still. Run the command again to save it, or apply to let it go on.",
        cause: error,
      });
    }
    await dropState(ports.files, directory).catch(() => {});
    const what = "its machine state could not be saved";
    if (isSilence(error) && left() <= 1) context.tell(`${what} within ${seconds} s: its power is cut`);
    else if (isSilence(error)) context.tell(`QEMU (pid ${process.pid}) does not answer, so ${what}: its power is cut`);
    else context.tell(`${what}: ${sentenceOf(error)}. Its power is cut`);
    return undefined;
  }
  if (saved !== notesOf(instance).saved) {
    const { size } = await ports.files.stat(vmStateFile(directory));
    const about = formatSize(Math.ceil(size / MIB) * MIB);
    await context.progress(withNotes(instance, { saved }), `its machine state is saved (${about})`);
  }
  return saved;
}

async function save(
  qmp: QmpClient,
  left: () => number,
  context: OperationContext,
  tools: PlanTools,
): Promise<SavedState | undefined> {
  const { instance, token } = context;
  const { ports, directories } = tools;
  const directory = nodeDirectory(directories.nodes, instance.id);
  const state = runState(await qmp.execute("query-status", {}, left()));
  // Its guest did not run, so what it was loaded from still holds; it may also have it alone.
  if (state === "prelaunch" && !(await holdsState(instance, tools))) return notesOf(instance).saved;
  // QEMU before version 9 wakes a guest that sleeps when it loads it, and does not tell it (migration/savevm.c).
  if (state === "suspended") throw new Error("its guest sleeps, and QEMU saves none that does");
  if (needsRestart(state)) throw new Error(`its guest was stopped for good (${state})`);
  if (!standsStill(state)) await qmp.execute("stop", {}, left());
  context.waiting("its machine state to be saved");
  await dropState(ports.files, directory);
  const path = vmStateFile(directory);
  const qemuImg = await tools.disks.qemuImg(nodeAttributes(instance.attributes).qemu_binary);
  // It is to hold the guest's memory, which is its owner's alone.
  await ports.files.write(path, "", 0o600);
  await qemuImg.create(path, undefined, MIB);
  const tag = `labform-${token}`;
  const node = await addFile(qmp, path, token, left());
  await runJob(qmp, "snapshot-save", { tag, vmstate: node, devices: [node] }, { left, clock: ports.clock, token });
  return {
    tag,
    at: new Date(ports.clock.now()).toISOString(),
    hardware: hardwareOfRunning(instance) ?? "",
    disks: await stampDisks(instance, tools),
  };
}

function sentenceOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\.$/, "");
}
