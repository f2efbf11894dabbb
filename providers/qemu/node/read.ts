import { rests } from "../../../src/core/lifecycle.ts";
import type { Cause } from "../../../src/core/plan.ts";
import type { ProcessIdentity } from "../../../src/core/ports.ts";
import type { Live } from "../../../src/core/provider.ts";
import type { Instance } from "../../../src/core/state.ts";
import { samePlanned } from "../../../src/core/values.ts";
import { refuseElsewhere } from "../../shared/end.ts";
import { withCd } from "../cdrom/read.ts";
import { asServed } from "../consoles/served.ts";
import { patience } from "../cpu/patience.ts";
import { seeShare } from "../cpu/see.ts";
import { lostOverlay } from "../disks/lost.ts";
import { whyNoTpm } from "../firmware/tpm.ts";
import { needsRestart, standsStill } from "../keeper/run-states.ts";
import { nodeDirectory, silentMark } from "../names.ts";
import { notesOf, withNotes } from "../notes.ts";
import type { PlanTools } from "../plan.ts";
import type { KeeperSight } from "../service/sight.ts";
import { lookAt } from "../there.ts";
import { holdsState } from "../vmState/file.ts";
import { whyGone, whyPower } from "./cause.ts";
import { isSilence, runState, withQmp } from "./qmp.ts";

/** QEMU answers in a millisecond; one that hangs must not hold up everybody. */
const ANSWER_MS = 800;

/**
 * What is there of a node.
 *
 * | process | directory | left half-done | answer |
 * |---|---|---|---|
 * | alive | gone | | broken |
 * | any | there, without an overlay | not prepare, remove | broken |
 * | alive | there | start, and it still waits before its first instruction, or does not answer | broken |
 * | alive | there | anything, but QEMU did not answer a command and still does not | broken |
 * | alive | there | anything else, but its guest was stopped and only a restart lets it go on | broken |
 * | alive | there | anything else | present |
 * | gone | gone | | absent |
 * | gone | there | prepare, remove | broken |
 * | gone | there | anything else | down |
 *
 * A living keeper that does not serve the node's recorded ports shows as `console`, `aux` or `monitor` null, so that the
 * plan has them served again (an update); a node that is down besides is `broken`, for a start alone would not. A dead
 * keeper is its own line in the plan and no node's, unless a stranger has a port of the node by now.
 *
 * `power` shows what QEMU does, as far as the keeper knows: a guest that stands still is `suspended`, whoever had it
 * stand still. What runs is never `off`.
 */
export async function readNode(
  recorded: Instance,
  identity: ProcessIdentity | undefined,
  keeper: KeeperSight,
  tools: PlanTools,
): Promise<Live> {
  const { processes, files } = tools.ports;
  const status = identity ? processes.status(identity) : "gone";
  if (identity && status === "elsewhere") refuseElsewhere(identity, "QEMU", recorded.address);
  const directory = nodeDirectory(tools.directories.nodes, recorded.id);
  const hasDirectory = (await lookAt(files, directory))?.kind === "directory";
  const lost = hasDirectory ? await lostOverlay(recorded, directory, files) : undefined;
  const operation = recorded.pending?.operation;
  if (identity && status === "alive") {
    const share = await seeShare(
      await asServed(settled(await goneOn(recorded, keeper), identity), keeper, tools),
      identity,
      tools,
    );
    const found = operation === "update" ? await withCd(share.instance, tools) : share.instance;
    const paused = (await keeper.paused(recorded.id)) ?? (await pausedToSave(found, operation, tools));
    const instance = powered(found, paused);
    if (!hasDirectory) return broken(instance, "host", `its directory is gone: ${directory}`);
    if (lost) return broken(instance, "host", lost);
    const cause =
      (await whyHalfStarted(instance, operation, tools)) ??
      (await whySilent(instance, tools)) ??
      whyNoTpm(instance, processes);
    if (cause) return { condition: "broken", instance, cause };
    const lostGuest = instance !== found && paused ? await whyLost(instance, tools) : undefined;
    if (lostGuest) return { condition: "broken", instance: found, cause: lostGuest };
    if (instance === found || paused === undefined || recorded.pending || rests("node", found.attributes)) {
      return { condition: "present", instance, ...(share.cause && !recorded.pending ? { cause: share.cause } : {}) };
    }
    return { condition: "present", instance, cause: await whyPower(instance, paused, tools) };
  }
  if (!hasDirectory) {
    const summary = operation === undefined ? `its directory is gone: ${directory}` : HALF_DONE[operation];
    const cause: Cause = {
      kind: operation === undefined ? "host" : "unfinished",
      summary: summary ?? "left half-done",
    };
    return { condition: "absent", instance: emptied(recorded), cause };
  }
  // Its ports are released, or no keeper serves them again: they may be another node's by the time it is wanted anew.
  if (operation === "remove" || recorded.status === "deleting") {
    const { disks } = notesOf(recorded);
    const empty = emptied(recorded);
    // Its guest's writes are given up only once the removal itself has begun.
    const instance = operation === "remove" ? empty : withNotes(empty, { disks });
    return broken(instance, "unfinished", HALF_DONE[operation ?? "remove"]);
  }
  const instance = await asServed(settled(recorded, undefined), keeper, tools);
  if (operation === "prepare") return broken(instance, "unfinished", HALF_DONE[operation]);
  if (lost) return broken(instance, "host", lost);
  const cause = await whyDown(instance, operation, status, keeper, tools);
  const unserved = !samePlanned(instance.attributes, settled(recorded, undefined).attributes);
  return { condition: unserved ? "broken" : "down", instance, cause };
}

const HALF_DONE: { readonly [operation: string]: string } = {
  prepare: "left half-done: it was being prepared",
  start: "left half-done: it was being started",
  stop: "left half-done: it was being stopped",
  remove: "left half-done: it was being removed",
};

async function whyDown(
  instance: Instance,
  operation: string | undefined,
  status: string,
  keeper: KeeperSight,
  tools: PlanTools,
): Promise<Cause> {
  const halfDone = operation === undefined ? undefined : HALF_DONE[operation];
  if (halfDone) return { kind: "unfinished", summary: halfDone };
  if (rests("node", instance.attributes)) return { kind: "host", summary: "it is off" };
  if (!notesOf(instance).process) return { kind: "unfinished", summary: "left half-done: it was not started yet" };
  if (status === "rebooted") return { kind: "host", summary: "the host was rebooted" };
  return await whyGone(instance, tools, async () => ["answers", "other"].includes(await keeper.state()));
}

/**
 * Undefined when the start got as far as letting the guest run: then it is whole. One that was to be held before its
 * first instruction may have been cut off before its carriers were set, and loses nothing by another start.
 */
async function whyHalfStarted(
  instance: Instance,
  operation: string | undefined,
  tools: PlanTools,
): Promise<Cause | undefined> {
  if (operation !== "start") return undefined;
  const pid = notesOf(instance).process?.pid;
  try {
    const ms = patience(ANSWER_MS / 2, instance);
    const status = await withQmp(tools.ports, tools.directories.run, instance.id, ms, (qmp) =>
      qmp.execute("query-status", {}, ms),
    );
    if (runState(status) !== "prelaunch" || (await holdsState(instance, tools))) return undefined;
    return { kind: "unfinished", summary: `left half-done: QEMU (pid ${pid}) was started but never let run` };
  } catch {
    return { kind: "unfinished", summary: `left half-done: QEMU (pid ${pid}) was started and does not answer` };
  }
}

/**
 * A stop that was cut off may have left its guest standing still, which the record does not tell; asked where the
 * keeper cannot tell it either. Undefined when QEMU does not answer.
 */
async function pausedToSave(instance: Instance, operation: string | undefined, { ports, directories }: PlanTools) {
  if (operation !== "stop") return undefined;
  const ms = patience(ANSWER_MS / 2, instance);
  return await withQmp(ports, directories.run, instance.id, ms, async (qmp) =>
    standsStill(runState(await qmp.execute("query-status", {}, ms))),
  ).catch(() => undefined);
}

/** Asked only where it was silent before: a plan that asks every QEMU would be as slow as the slowest. */
async function whySilent(instance: Instance, { ports, directories }: PlanTools): Promise<Cause | undefined> {
  const mark = `${directories.run}/${silentMark(instance.id)}`;
  const wasSilent = await ports.files.stat(mark).then(
    () => true,
    () => false,
  );
  if (!wasSilent) return undefined;
  try {
    const ms = patience(ANSWER_MS, instance);
    await withQmp(ports, directories.run, instance.id, ms, (qmp) => qmp.execute("query-status", {}, ms));
    return undefined;
  } catch (error) {
    if (!isSilence(error)) return undefined;
    const pid = notesOf(instance).process?.pid;
    return { kind: "host", summary: `QEMU (pid ${pid}) does not answer: it hangs, or was stopped by a signal` };
  }
}

/** Asked only of a QEMU that came to stand still without labform: the others have no such state, or told it already. */
async function whyLost(instance: Instance, { ports, directories }: PlanTools): Promise<Cause | undefined> {
  try {
    const ms = patience(ANSWER_MS, instance);
    const state = await withQmp(ports, directories.run, instance.id, ms, async (qmp) =>
      runState(await qmp.execute("query-status", {}, ms)),
    );
    if (!needsRestart(state)) return undefined;
    const pid = notesOf(instance).process?.pid;
    return {
      kind: "host",
      summary: `QEMU (pid ${pid}) stopped its guest for good (${state}): only a restart mends it`,
    };
  } catch {
    // One that does not answer now is found out by the first command to it.
    return undefined;
  }
}

/** What runs needs no saved state any more. */
async function goneOn(recorded: Instance, keeper: KeeperSight): Promise<Instance> {
  if (!notesOf(recorded).saved || (await keeper.paused(recorded.id)) !== false) return recorded;
  return withNotes(recorded, { saved: undefined });
}

/** The record with what the process table says; the same object when that is nothing new. */
function settled(recorded: Instance, identity: ProcessIdentity | undefined): Instance {
  const pid = identity?.pid ?? null;
  const known = notesOf(recorded).process;
  const same = recorded.attributes["pid"] === pid || (recorded.attributes["pid"] ?? null) === pid;
  if (same && !recorded.pending && (!identity || samePlanned({ ...known }, { ...identity }))) return recorded;
  const { pending: _, ...rest } = recorded;
  const instance: Instance = { ...rest, attributes: { ...rest.attributes, pid } };
  return identity ? withNotes(instance, { process: identity }) : instance;
}

function powered(instance: Instance, paused: boolean | undefined): Instance {
  const recorded = instance.attributes["power"];
  const power = paused === undefined ? (recorded === "off" ? "on" : recorded) : paused ? "suspended" : "on";
  if (power === undefined || power === recorded) return instance;
  return { ...instance, attributes: { ...instance.attributes, power } };
}

function emptied(recorded: Instance): Instance {
  const { pending: _, ...rest } = recorded;
  const attributes = { ...rest.attributes, pid: null, console: null, aux: null, monitor: null, forward: null };
  return withNotes(
    { ...rest, attributes },
    {
      process: undefined,
      started: undefined,
      console: undefined,
      aux: undefined,
      monitor: undefined,
      disks: undefined,
      saved: undefined,
    },
  );
}

function broken(instance: Instance, kind: Cause["kind"], summary: string | undefined): Live {
  return { condition: "broken", instance, cause: { kind, summary: summary ?? "left half-done" } };
}
