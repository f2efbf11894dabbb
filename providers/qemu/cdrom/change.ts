import { fail } from "../../../src/core/diagnostics.ts";
import type { OperationContext } from "../../../src/core/provider.ts";
import type { Json } from "../../../src/core/values.ts";
import { isSensitive } from "../../../src/core/values.ts";
import { nodeAttributes } from "../attributes.ts";
import { CDROM, CDROM_NODES } from "../disks/arguments.ts";
import { standsStill } from "../keeper/run-states.ts";
import { failGone } from "../node/gone.ts";
import { commandQemu, runState } from "../node/qmp.ts";
import { notesOf } from "../notes.ts";
import type { PlanTools } from "../plan.ts";
import { QmpError } from "../qmp.ts";
import { inDrive } from "./read.ts";

/** How often a guest that holds its tray is asked to let go of it. */
const ASK_MS = 500;

type Execute = (command: string, args?: { readonly [key: string]: Json }) => Promise<Json>;

/**
 * Puts another CD into the drive of a running node, or takes it out. A guest that holds the tray is asked to let go of
 * it and given `stop_timeout_s`; then the tray is forced open. May be done again after it was cut off anywhere: a guest
 * that has the CD already notices nothing. Rejects with `Failure` when QEMU refuses, does not answer, or ends, and when
 * `signal` aborts.
 */
export async function changeCd(context: OperationContext, tools: PlanTools): Promise<void> {
  const { instance, wanted, prior, address, signal } = context;
  const { clock, processes } = tools.ports;
  const { process } = notesOf(instance);
  const { cdrom_image: path, stop_timeout_s } = nodeAttributes(wanted);
  // The intent of an update says what is wanted, whatever is in the drive.
  const isSame = (prior?.attributes["cdrom_image"] ?? null) === path;
  if (isSame || !process || processes.status(process) !== "alive") return;
  const hidden = isSensitive(instance.sensitive, ["cdrom_image"]) ? path : null;
  const refusal = `The CD of ${address} could not be ${path === null ? "taken out" : "changed"}`;
  const deadline = clock.monotonic() + stop_timeout_s * 1000;
  for (let force = false; ; ) {
    const answer = await commandQemu(tools.ports, tools.directories.run, instance, refusal, (execute) =>
      insert(execute, path, force, hidden),
    );
    if (answer === undefined) await failGone(context, tools, `${address} ended before its CD was changed`);
    if (answer === "done") return;
    const left = deadline - clock.monotonic();
    if (answer === "held still" || left <= 0) {
      const why = answer === "held still" ? "stands still and holds it" : `still held it after ${stop_timeout_s} s`;
      context.tell(`the tray of the CD drive is forced open: the guest ${why}`);
      force = true;
      continue;
    }
    context.waiting("the guest to let go of its CD");
    await clock.sleep(Math.min(ASK_MS, left), signal).catch((cause: unknown) => {
      if (!signal.aborted) throw cause;
      const detail = "The guest holds the CD that is in the drive. Run the command again to ask it once more.";
      return fail(`Waiting for the guest of ${address} to let go of its CD was interrupted`, {
        address,
        detail,
        cause,
      });
    });
  }
}

async function insert(execute: Execute, path: string | null, force: boolean, hidden: string | null): Promise<string> {
  try {
    // It is there by an update that was cut off.
    if (inDrive(await execute("query-block")) !== path) await put(execute, path, force);
  } catch (error) {
    if (!(error instanceof QmpError) || error.reason !== "refused") throw error;
    if (/is locked and force was not specified/.test(error.message)) {
      return standsStill(runState(await execute("query-status"))) ? "held still" : "held";
    }
    throw hidden === null ? error : withoutPath(error, hidden);
  }
  // What was in the drive at the start, which QEMU would keep open.
  for (const node of [CDROM_NODES.image, CDROM_NODES.file]) {
    await execute("blockdev-del", { "node-name": node }).catch((error: unknown) => {
      if (!(error instanceof QmpError) || error.reason !== "refused") throw error;
    });
  }
  return "done";
}

async function put(execute: Execute, path: string | null, force: boolean): Promise<void> {
  if (path === null) {
    await execute("eject", { id: CDROM, force });
    await execute("blockdev-close-tray", { id: CDROM });
    return;
  }
  const medium = { filename: path, format: "raw", "read-only-mode": "read-only" };
  await execute("blockdev-change-medium", { id: CDROM, ...medium, force });
}

function withoutPath(error: QmpError, path: string): QmpError {
  return new QmpError(error.reason, error.command, error.message.replaceAll(path, "(sensitive value)"));
}
