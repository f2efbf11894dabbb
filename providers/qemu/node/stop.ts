import { Failure, fail } from "../../../src/core/diagnostics.ts";
import type { ProcessIdentity } from "../../../src/core/ports.ts";
import type { OperationContext } from "../../../src/core/provider.ts";
import type { Instance } from "../../../src/core/state.ts";
import { endProcess, refuseElsewhere } from "../../shared/end.ts";
import { nodeAttributes } from "../attributes.ts";
import { dropShare, liftShare } from "../cpu/share.ts";
import { removeSecretCommandLine } from "../firmware/commandLine.ts";
import { endTpm } from "../firmware/tpm.ts";
import { standsStill } from "../keeper/run-states.ts";
import { consoleLog, nodeDirectory } from "../names.ts";
import { notesOf, withNotes } from "../notes.ts";
import type { PlanTools } from "../plan.ts";
import { dropState } from "../vmState/file.ts";
import type { SavedState } from "../vmState/record.ts";
import { lastLines } from "./log.ts";
import { isSilence, runState, withQmp } from "./qmp.ts";

/** QEMU answers in a millisecond; one that hangs is not worth more patience when it is to end anyhow. */
const ANSWER_MS = 2000;
/** How often the console is looked at while the guest shuts down. */
const LOOK_MS = 500;

/**
 * Ends QEMU, each step told that goes beyond what was asked for:
 *
 *   shutdown_signal   power button ── the guest shuts down ──> ended
 *                          └─ not within stop_timeout_s, or QEMU does not answer ─┐
 *   save_vm_state     guest stands still, what it does is saved ──> SIGTERM         │
 *                          └─ not within stop_timeout_s, or QEMU refuses ─────────┤
 *   power_off         SIGTERM <───────────────────────────────────────────────────┘ ──> ended, else SIGKILL
 */
export async function stopNode(context: OperationContext, tools: PlanTools): Promise<Instance> {
  const { address } = context;
  const { processes } = tools.ports;
  const instance = await liftShare(context.instance, tools);
  const { process } = notesOf(instance);
  let { saved } = notesOf(instance);
  if (process) {
    const status = processes.status(process);
    if (status === "elsewhere") refuseElsewhere(process, "QEMU", address);
    const asks = status === "alive" && nodeAttributes(instance.attributes).on_stop === "shutdown_signal";
    const hasShutDown = asks && (await shutDown(process, context, tools));
    if (status === "alive") saved = await saveGuest(process, { ...context, instance }, tools);
    if (!hasShutDown) await endProcess(processes, process, "QEMU", address, (message) => context.tell(message));
  }
  // A run that was killed may have left it.
  await removeSecretCommandLine(instance, tools.directories.run, tools.ports.files);
  const attributes = { ...instance.attributes, pid: null };
  const gone = await endTpm(await dropShare(instance, tools, context.tell), tools);
  return withNotes({ ...gone, attributes }, { process: undefined, started: undefined, saved });
}

/** What its guest does, where it is to go on from there; what was saved of it before is of no use then. */
async function saveGuest(
  process: ProcessIdentity,
  context: OperationContext,
  tools: PlanTools,
): Promise<SavedState | undefined> {
  const { instance, endsGuest } = context;
  if (nodeAttributes(instance.attributes).on_stop === "save_vm_state" && !endsGuest) {
    const { saveVmState } = await import("../vmState/save.ts");
    return await saveVmState(process, context, tools);
  }
  await dropState(tools.ports.files, nodeDirectory(tools.directories.nodes, instance.id));
  return undefined;
}

/** True once the guest has ended it; false when its power is to be cut. Rejects with `Failure` when interrupted. */
async function shutDown(process: ProcessIdentity, context: OperationContext, tools: PlanTools): Promise<boolean> {
  const { ports, directories } = tools;
  try {
    const hasGuest = await withQmp(ports, directories.run, context.instance.id, ANSWER_MS, async (qmp) => {
      const state = runState(await qmp.execute("query-status", {}, ANSWER_MS));
      if (state === "prelaunch") return false;
      // A guest that stands still cannot see its power button.
      if (standsStill(state)) await qmp.execute("cont", {}, ANSWER_MS);
      await qmp.execute("system_powerdown", {}, ANSWER_MS);
      return true;
    });
    return hasGuest && (await untilShutDown(process, context, tools));
  } catch (error) {
    if (error instanceof Failure) throw error;
    // It may have ended just then.
    if (await ports.processes.waitForExit(process, 100)) return true;
    const why = isSilence(error)
      ? `QEMU (pid ${process.pid}) does not answer`
      : `QEMU (pid ${process.pid}) could not be asked: ${error instanceof Error ? error.message : String(error)}`;
    context.tell(`${why}: its power is cut`);
    return false;
  }
}

async function untilShutDown(process: ProcessIdentity, context: OperationContext, tools: PlanTools): Promise<boolean> {
  const { clock, files, processes } = tools.ports;
  const { instance, address, signal } = context;
  const { stop_timeout_s } = nodeAttributes(instance.attributes);
  const log = consoleLog(nodeDirectory(tools.directories.nodes, instance.id));
  const deadline = clock.monotonic() + stop_timeout_s * 1000;
  for (;;) {
    const left = deadline - clock.monotonic();
    try {
      if (await processes.waitForExit(process, Math.max(0, Math.min(LOOK_MS, left)), signal)) return true;
    } catch (cause) {
      if (!signal.aborted) throw cause;
      fail(`Waiting for ${address} to shut down was interrupted`, {
        address,
        detail:
          "Its guest was asked to shut down and still runs; it may yet do so. Run the command again to wait for it once more.",
        cause,
      });
    }
    if (left <= 0) break;
    context.waiting(
      "the guest to shut down",
      (await lastLines(files, log, notesOf(instance).consoleOffset ?? 0)).at(-1),
    );
  }
  context.tell(`the guest did not shut down within ${stop_timeout_s} s: its power is cut`);
  return false;
}
