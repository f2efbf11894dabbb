import { fail } from "../../../src/core/diagnostics.ts";
import type { ProcessIdentity } from "../../../src/core/ports.ts";
import type { OperationContext } from "../../../src/core/provider.ts";
import type { Instance } from "../../../src/core/state.ts";
import type { Json } from "../../../src/core/values.ts";
import { qemuArguments, shellQuoted } from "../arguments.ts";
import type { NodeAttributes } from "../attributes.ts";
import { nodeAttributes } from "../attributes.ts";
import { refuseLackingAux } from "../consoles/lacking.ts";
import { dropShare, setShare } from "../cpu/share.ts";
import { checkOverlays, repairs } from "../disks/repair.ts";
import { removeSecretCommandLine, secretBoot, writeSecretCommandLine } from "../firmware/commandLine.ts";
import { endTpm, startTpm } from "../firmware/tpm.ts";
import { refuseTakenPorts } from "../forwardPorts.ts";
import { consoleLog, controlSocket, nicName, nodeDirectory, qemuLog, silentMark } from "../names.ts";
import { notesOf, withNotes } from "../notes.ts";
import type { PlanTools } from "../plan.ts";
import { QmpClient } from "../qmp.ts";
import { userNetworks } from "../userNetwork.ts";
import type { Resuming } from "../vmState/resume.ts";
import { beginLog, lastLines, sizeOf } from "./log.ts";
import { runState } from "./qmp.ts";

/** QMP is up some 20 ms after the start; on a host that starts many at once, seconds later. */
const QMP_MS = 20_000;
const ANSWER_MS = 10_000;

/**
 *   spawned ── QMP answers prelaunch ──> held ── carriers set ──> configured ── cont ──> running
 *
 * Each arrow's outcome is journalled. What was saved of it when it was stopped is loaded while it is held. With `power = "suspended"` it stays configured: its guest waits before its first
 * instruction. A QEMU that is found in prelaunch later never ran a guest instruction. When
 * something fails before `cont`, QEMU is killed again: nothing is lost by that, and nothing is left.
 */
export async function startNode(context: OperationContext, tools: PlanTools): Promise<Instance> {
  if (!notesOf(context.instance).saved) return await powerOn(context, tools);
  const { resumeNode } = await import("../vmState/resume.ts");
  return await resumeNode(context, tools, powerOn);
}

/** `resuming`: what is done beside the rest when its guest goes on from a saved state. */
async function powerOn(context: OperationContext, tools: PlanTools, resuming?: Resuming): Promise<Instance> {
  const { ports, directories } = tools;
  const { forward, qemu_binary } = nodeAttributes(context.instance.attributes);
  await refuseTakenPorts(ports, context.address, forward ?? {});
  await checkOverlays(context, qemu_binary, tools);
  await ports.files.remove(`${directories.run}/${silentMark(context.instance.id)}`);
  const cleared = await endTpm(await dropShare(context.instance, tools), tools);
  const attended = await startTpm(context, cleared, tools);
  const spawned = await spawnQemu({ ...context, instance: attended }, tools, resuming).catch(async (error: unknown) => {
    await endTpm(attended, tools);
    await removeSecretCommandLine(attended, directories.run, ports.files);
    throw error;
  });
  let started = spawned;
  const process = notesOf(spawned).process as ProcessIdentity;
  try {
    await context.progress(spawned, `QEMU is started (pid ${process.pid})`);
    const qmp = await untilHeld(spawned, process, tools);
    try {
      const node = nodeAttributes(spawned.attributes);
      await removeSecretCommandLine(spawned, directories.run, ports.files);
      await resuming?.load(qmp);
      await setCarriers(qmp, node, context.plugged, resuming !== undefined);
      await refuseLackingAux(qmp, node);
      started = await setShare(context, spawned, tools);
      await context.progress(started);
      await resuming?.take();
      if (node.power !== "suspended") await qmp.execute("cont", {}, ANSWER_MS);
    } finally {
      qmp.close();
    }
    return started;
  } catch (error) {
    // A QEMU that refuses its arguments closes its sockets a moment before it is gone.
    const ended = await ports.processes.waitForExit(process, 100);
    ports.processes.signal(process, "SIGKILL");
    await ports.processes.waitForExit(process, 5000);
    await endTpm(await dropShare(started, tools), tools);
    await removeSecretCommandLine(spawned, directories.run, ports.files);
    const log = qemuLog(nodeDirectory(directories.nodes, spawned.id));
    const words = await lastLines(ports.files, log, notesOf(spawned).logOffset ?? 0);
    return fail(ended ? `QEMU of ${context.address} ended at its start` : `${context.address} could not be started`, {
      address: context.address,
      detail: [whatHappened(error, ended, words), ...repairs(words, context, tools), `Its log: ${log}`].join("\n"),
      cause: error,
    });
  }
}

/** By QEMU's own words where it has any; else by how far it came. */
function whatHappened(error: unknown, ended: boolean, words: readonly string[]): string {
  const said = words.length > 0 ? `QEMU said:\n${words.map((line) => `  ${line}`).join("\n")}` : "QEMU said nothing.";
  if (!ended) return `${messageOf(error)}. It was ended; the next apply starts it once more. ${said}`;
  if (words.length > 0) return said;
  const came = isAbsence(error) ? "It had not opened its control socket yet" : messageOf(error);
  return `${came}. QEMU said nothing: it was killed, or crashed.`;
}

/** Nobody listens there yet. */
function isAbsence(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === "ENOENT" || code === "ECONNREFUSED";
}

async function spawnQemu(
  context: OperationContext,
  tools: PlanTools,
  resuming: Resuming | undefined,
): Promise<Instance> {
  const { ports, directories, binaries } = tools;
  const { address, instance } = context;
  const notes = notesOf(instance);
  const node = nodeAttributes(instance.attributes);
  const directory = nodeDirectory(directories.nodes, instance.id);
  const binary = await binaries.inspect(node.qemu_binary, notes.binary);
  const options = {
    address,
    directory,
    lab: directories.lab,
    sandbox: binary.sandbox,
    secretBoot: secretBoot(instance),
  };
  const shown = shellQuoted([node.qemu_binary, ...qemuArguments(withoutSensitive(node, instance), options)]);
  const started = new Date(ports.clock.now()).toISOString();
  // A guest that goes on is still in the boot that was logged before.
  const consoleOffset = resuming ? notes.consoleOffset : await sizeOf(ports.files, consoleLog(directory));
  const logOffset = await beginLog(ports.files, qemuLog(directory), `# ${started}\n${shown}\n`);
  await ports.files.remove(`${directories.run}/${controlSocket(instance.id)}`);
  await writeSecretCommandLine(instance, directories.run, ports.files);
  const process = await ports.processes
    .spawn({
      command: node.qemu_binary,
      arguments: qemuArguments(node, options),
      directory: directories.run,
      token: context.token,
      logFile: qemuLog(directory),
    })
    .catch((cause: unknown) =>
      fail(`QEMU of ${address} could not be executed`, {
        address,
        detail: `${node.qemu_binary}: ${messageOf(cause)}.`,
        subject: `QEMU binary ${node.qemu_binary}`,
        cause,
      }),
    );
  const attributes = {
    ...instance.attributes,
    console: (notes.console ?? null) as Json,
    aux: (notes.aux ?? null) as Json,
    monitor: (notes.monitor ?? null) as Json,
    directory,
    pid: process.pid,
    command_line: shown,
  };
  const agent = node.ready?.guest_agent ? true : undefined;
  return withNotes({ ...instance, attributes }, { process, started, consoleOffset, logOffset, binary, agent });
}

/** The command line is recorded, logged and shown; arguments that are sensitive stand in it as a word. */
function withoutSensitive(node: NodeAttributes, instance: Instance): NodeAttributes {
  const word = "(sensitive value)";
  const hidden: { [name: string]: string } = {};
  const disks = new Map(node.disk);
  for (const [name, label] of instance.sensitive) {
    if (typeof name === "string" && typeof instance.attributes[name] === "string") hidden[name] = word;
    const disk = name === "disk" ? disks.get(String(label)) : undefined;
    if (disk && disk.image !== null) disks.set(String(label), { ...disk, image: word });
  }
  return { ...node, ...hidden, disk: disks };
}

/**
 * While QEMU comes up, its socket is looked for this often at first, and the more rarely the longer it takes: it takes
 * long where many start at once, and then looking takes from them. Itself it is looked at still more rarely.
 */
const LOOK_MS = 8;
const LOOK_SHARE = 1 / 10;
const LOOK_AT_PROCESS_MS = 100;

/** Connects as soon as QEMU listens. The socket of an earlier run was removed before it was started. */
async function untilHeld(instance: Instance, process: ProcessIdentity, tools: PlanTools): Promise<QmpClient> {
  const { files, sockets, clock, processes } = tools.ports;
  const endpoint = { path: `${tools.directories.run}/${controlSocket(instance.id)}` };
  const started = clock.monotonic();
  const deadline = started + QMP_MS;
  let nextLook = started + LOOK_AT_PROCESS_MS;
  for (;;) {
    try {
      await files.lstat(endpoint.path);
      const qmp = await QmpClient.connect(endpoint, { sockets, clock, timeoutMs: deadline - clock.monotonic() });
      const status = await qmp.execute("query-status", {}, ANSWER_MS);
      if (runState(status) === "prelaunch") return qmp;
      qmp.close();
      throw new Error(`QEMU was to wait, but its status is ${JSON.stringify(status)}`);
    } catch (error) {
      if (!isAbsence(error)) throw error;
      const now = clock.monotonic();
      if (now >= nextLook) {
        if (processes.status(process) !== "alive") throw error;
        nextLook = now + LOOK_AT_PROCESS_MS;
      }
      if (now >= deadline) {
        throw new Error(`QEMU did not open its control socket within ${QMP_MS / 1000} s`, { cause: error });
      }
    }
    await clock.sleep(Math.max(LOOK_MS, (clock.monotonic() - started) * LOOK_SHARE));
  }
}

/** A QEMU begins with all plugged in; `all`: one that was loaded has them as they were. */
async function setCarriers(
  qmp: QmpClient,
  node: NodeAttributes,
  plugged: ReadonlySet<number>,
  all: boolean,
): Promise<void> {
  const up = new Set([...plugged, ...userNetworks(node)]);
  const set = node.adapter.map((_, at) => at).filter((at) => all || !up.has(at));
  await Promise.all(set.map((at) => qmp.execute("set_link", { name: nicName(at), up: up.has(at) }, ANSWER_MS)));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
