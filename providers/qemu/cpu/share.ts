import { fail } from "../../../src/core/diagnostics.ts";
import type { Ports, Processes, ProcessIdentity } from "../../../src/core/ports.ts";
import type { OperationContext } from "../../../src/core/provider.ts";
import type { Instance } from "../../../src/core/state.ts";
import { companionsOf, endCompanion, spawnCompanion } from "../../shared/companions.ts";
import { nodeAttributes } from "../attributes.ts";
import { nodeDirectory } from "../names.ts";
import { lastLines } from "../node/log.ts";
import { notesOf, withNotes } from "../notes.ts";
import type { PlanTools } from "../plan.ts";
import { findParent, moveInto, quotaOf, removeGroup, setQuota } from "./cgroup.ts";
import { nicenessOf } from "./priority.ts";

/*
 * How much of the host's processors a node has: process_priority and cpu_throttling. Both hold for all threads of QEMU,
 * and are set while its guest waits before its first instruction.
 *
 * QEMU is held down by a cgroup of its own where labform may make one, else by a cpulimit beside it, which stops and
 * continues it by signals. Either is journalled before it is made, so what a killed run left is found and taken away.
 */

const CPULIMIT = "cpulimit";
/** A cpulimit that does not take its arguments ends at once. */
const REFUSAL_MS = 60;

type Tools = Pick<PlanTools, "ports" | "directories">;

/** Sets both as the instance's attributes say. */
export async function setShare(context: OperationContext, instance: Instance, tools: Tools): Promise<Instance> {
  const { process } = notesOf(instance);
  if (!process) return instance;
  return await throttle(context, await setPriority(context, instance, process, tools.ports), process, tools);
}

/**
 * What needs a right that this account lacks is told, and the node runs on as it is. What is set is journalled before,
 * and set whatever the record says: what comes after it may fail, and it may have been cut off itself.
 */
async function setPriority(
  context: OperationContext,
  instance: Instance,
  process: ProcessIdentity,
  { processes }: Ports,
): Promise<Instance> {
  const { process_priority: priority } = nodeAttributes(instance.attributes);
  const was = notesOf(instance).niceness;
  const niceness = nicenessOf(priority, was);
  if (niceness === undefined) return instance;
  if (niceness !== was && priority !== "normal") await context.progress(withNotes(instance, { niceness }));
  try {
    processes.setNiceness(process, niceness);
    return withNotes(instance, { niceness: priority === "normal" ? undefined : niceness });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "EACCES" && code !== "EPERM") throw error;
    context.tell(
      `process_priority = "${priority}" needs a right that this account lacks (CAP_SYS_NICE, or a limit of nice in limits.conf): the node runs with the priority it has`,
    );
    return instance;
  }
}

async function throttle(
  context: OperationContext,
  before: Instance,
  process: ProcessIdentity,
  tools: Tools,
): Promise<Instance> {
  const { files, processes } = tools.ports;
  const { cpu_throttling: percent } = nodeAttributes(before.attributes);
  const { cgroup } = notesOf(before);
  if (cgroup && (await quotaOf(files, cgroup, process.pid)) > 0) {
    await setQuota(files, cgroup, percent);
    return before;
  }
  if (percent > 0 && limitOf(before, processes) === percent) return before;
  const instance = await endLimiter(before, process, tools.ports);
  if (percent === 0) return instance;
  const grouped = await joinGroup(context, instance, process, tools);
  if (notesOf(grouped).cgroup) return grouped;
  const command = await processes.find(CPULIMIT);
  if (command === undefined) {
    return fail(`cpu_throttling = ${percent} is not possible on this host`, {
      address: context.address,
      detail: NO_MEANS,
    });
  }
  return await startLimiter(context, grouped, process, command, tools);
}

const NO_MEANS =
  "There is no cgroup that this account may make one in with the cpu controller, and no cpulimit on PATH. Install the package cpulimit, or remove cpu_throttling.";

/** Without `cgroup` in its notes where that is not possible here. */
async function joinGroup(
  context: OperationContext,
  instance: Instance,
  process: ProcessIdentity,
  { ports, directories }: Tools,
): Promise<Instance> {
  const { files, clock } = ports;
  const parent = await findParent(files);
  if (!parent) return withNotes(instance, { cgroup: undefined });
  // Labs of other directories may have a node of the same id.
  const lab =
    directories.run
      .split("/")
      .filter((name) => name !== "")
      .at(-2) ?? "";
  const cgroup = { ...parent, directory: `${parent.directory}/labform-${lab}-${instance.id}` };
  const joined = withNotes(instance, { cgroup });
  await context.progress(joined);
  try {
    await files.makeDirectory(cgroup.directory);
    await setQuota(files, cgroup, nodeAttributes(instance.attributes).cpu_throttling);
    await moveInto(files, cgroup, process.pid);
    return joined;
  } catch {
    // A group above may allow less, or hold processes of its own: then it is cpulimit's.
    await removeGroup(files, clock, cgroup);
    return withNotes(instance, { cgroup: undefined });
  }
}

async function startLimiter(
  context: OperationContext,
  instance: Instance,
  process: ProcessIdentity,
  command: string,
  { ports, directories }: Tools,
): Promise<Instance> {
  const { files, host, processes } = ports;
  const { cpu_throttling: percent } = nodeAttributes(instance.attributes);
  // cpulimit takes no more than the host has, which holds nobody down.
  const limit = Math.min(percent, 100 * (await host.cpu()).count);
  const directory = nodeDirectory(directories.nodes, instance.id);
  const logFile = `${directory}/cpulimit.log`;
  await files.write(logFile, "", 0o600);
  const args = ["--lazy", "--quiet", `--pid=${process.pid}`, `--limit=${limit}`];
  const limited = await spawnCompanion(context, withNotes(instance, { limit: percent }), processes, CPULIMIT, {
    command,
    arguments: args,
    directory: directories.run,
    logFile,
  });
  const limiter = notesOf(limited).companions?.[CPULIMIT]?.process;
  if (limiter && (await processes.waitForExit(limiter, REFUSAL_MS)) && processes.status(process) === "alive") {
    const words = (await lastLines(files, logFile, 0)).slice(0, 1).join("");
    return fail(`cpulimit of ${context.address} ended at its start`, {
      address: context.address,
      detail: `It was run as: ${[command, ...args].join(" ")}\nIt said: ${words || "nothing"}.`,
    });
  }
  return limited;
}

/** In percent; 0 where no cpulimit lives. */
function limitOf(instance: Instance, processes: Processes): number {
  const { companions, limit = 0 } = notesOf(instance);
  const limiter = companions ? companionsOf(instance, processes).get(CPULIMIT)?.process : undefined;
  return limiter && processes.status(limiter) === "alive" ? limit : 0;
}

/** It may leave QEMU stopped, whatever it is ended by: QEMU is let go on. */
async function endLimiter(instance: Instance, process: ProcessIdentity | undefined, { processes }: Ports) {
  if (!companionsOf(instance, processes).has(CPULIMIT)) return instance;
  const freed = await endCompanion(instance, processes, CPULIMIT, "cpulimit");
  if (process) processes.signal(process, "SIGCONT");
  return withNotes(freed, { limit: undefined });
}

/** A QEMU that stands stopped by a signal cannot be asked anything. */
export function letGoOn({ instance }: OperationContext, { processes }: Ports): void {
  const { process } = notesOf(instance);
  if (process && isStranded(instance, processes)) processes.signal(process, "SIGCONT");
}

/** Before QEMU is to end: what held it down goes first, or its end takes as long as everything else. */
export async function liftShare(instance: Instance, { ports }: Tools): Promise<Instance> {
  const { process, cgroup } = notesOf(instance);
  // A group that is gone, or was never made, holds nobody down.
  if (cgroup) await setQuota(ports.files, cgroup, 0).catch(() => {});
  return await endLimiter(instance, process, ports);
}

/** Once QEMU is gone, and before a new one is started: nothing is left of it on the host. */
export async function dropShare(
  instance: Instance,
  tools: Tools,
  tell: (message: string) => void = () => {},
): Promise<Instance> {
  const freed = await endLimiter(instance, undefined, tools.ports);
  const { cgroup } = notesOf(freed);
  const why = cgroup && (await removeGroup(tools.ports.files, tools.ports.clock, cgroup));
  if (why !== undefined) tell(`the cgroup ${cgroup?.directory} is left: ${why}`);
  return withNotes(freed, { cgroup: undefined, niceness: undefined });
}

/** What holds QEMU down, in percent as cpu_throttling, and why that is not what was recorded. */
export async function findShare(
  instance: Instance,
  process: ProcessIdentity,
  { ports }: Tools,
): Promise<{ readonly percent: number; readonly why: string }> {
  const { cgroup } = notesOf(instance);
  if (cgroup) {
    const percent = await quotaOf(ports.files, cgroup, process.pid);
    return { percent, why: `its cgroup was changed on the host: ${cgroup.directory}` };
  }
  return { percent: limitOf(instance, ports.processes), why: "its cpulimit is gone" };
}

/** Whether QEMU was stopped by a signal that nobody is about to undo, as a cpulimit does all the time. */
export function isStranded(instance: Instance, processes: Processes): boolean {
  const { process } = notesOf(instance);
  return process !== undefined && processes.isStopped(process) && limitOf(instance, processes) === 0;
}

/** Why a node cannot be held down on this host; undefined where it can. */
export async function whyNoThrottling({ files, processes }: Ports): Promise<string | undefined> {
  if (await findParent(files)) return undefined;
  return (await processes.find(CPULIMIT)) === undefined ? NO_MEANS : undefined;
}
