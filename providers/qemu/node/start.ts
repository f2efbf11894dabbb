import { fail } from "../../../src/core/diagnostics.ts";
import type { ProcessIdentity } from "../../../src/core/ports.ts";
import type { OperationContext } from "../../../src/core/provider.ts";
import type { Instance } from "../../../src/core/state.ts";
import type { Json } from "../../../src/core/values.ts";
import { qemuArguments, shellQuoted } from "../arguments.ts";
import type { NodeAttributes } from "../attributes.ts";
import { nodeAttributes } from "../attributes.ts";
import { refuseTakenPorts } from "../forwardPorts.ts";
import { consoleLog, controlSocket, nicName, nodeDirectory, qemuLog, silentMark } from "../names.ts";
import { notesOf, withNotes } from "../notes.ts";
import type { PlanTools } from "../plan.ts";
import { QmpClient } from "../qmp.ts";
import { userNetworks } from "../userNetwork.ts";
import { beginLog, lastLines, sizeOf } from "./log.ts";
import { runState } from "./qmp.ts";

/** QMP is up some 20 ms after the start; on a host that starts many at once, seconds later. */
const QMP_MS = 20_000;
const ANSWER_MS = 10_000;

/**
 *   spawned ── QMP answers prelaunch ──> held ── carriers set ──> configured ── cont ──> running
 *
 * Each arrow's outcome is journalled. With `power = "suspended"` it stays configured: its guest waits before its first
 * instruction. A QEMU that is found in prelaunch later never ran a guest instruction. When
 * something fails before `cont`, QEMU is killed again: nothing is lost by that, and nothing is left.
 */
export async function startNode(context: OperationContext, tools: PlanTools): Promise<Instance> {
  const { ports, directories } = tools;
  await refuseTakenPorts(ports, context.address, nodeAttributes(context.instance.attributes).forward ?? {});
  await ports.files.remove(`${directories.run}/${silentMark(context.instance.id)}`);
  const spawned = await spawnQemu(context, tools);
  const process = notesOf(spawned).process as ProcessIdentity;
  try {
    await context.progress(spawned, `QEMU is started (pid ${process.pid})`);
    const qmp = await untilHeld(spawned, process, tools);
    try {
      const node = nodeAttributes(spawned.attributes);
      await unplugOthers(qmp, node, context.plugged);
      await context.progress(spawned);
      if (node.power !== "suspended") await qmp.execute("cont", {}, ANSWER_MS);
    } finally {
      qmp.close();
    }
    return spawned;
  } catch (error) {
    // A QEMU that refuses its arguments closes its sockets a moment before it is gone.
    const ended = await ports.processes.waitForExit(process, 100);
    ports.processes.signal(process, "SIGKILL");
    await ports.processes.waitForExit(process, 5000);
    const log = qemuLog(nodeDirectory(directories.nodes, spawned.id));
    const words = await lastLines(ports.files, log, notesOf(spawned).logOffset ?? 0);
    const said = words.length > 0 ? `QEMU said:\n${words.map((line) => `  ${line}`).join("\n")}` : "QEMU said nothing.";
    return fail(ended ? `QEMU of ${context.address} ended at its start` : `${context.address} could not be started`, {
      address: context.address,
      detail: ended ? `${said}\nIts log: ${log}` : `${messageOf(error)}. ${said}\nIt was ended again. Its log: ${log}`,
      cause: error,
    });
  }
}

async function spawnQemu(context: OperationContext, tools: PlanTools): Promise<Instance> {
  const { ports, directories, binaries } = tools;
  const { address, instance } = context;
  const notes = notesOf(instance);
  const node = nodeAttributes(instance.attributes);
  const directory = nodeDirectory(directories.nodes, instance.id);
  const binary = await binaries.inspect(node.qemu_binary, notes.binary);
  const options = { address, directory, sandbox: binary.sandbox };
  const shown = shellQuoted([node.qemu_binary, ...qemuArguments(withoutSensitive(node, instance), options)]);
  const started = new Date(ports.clock.now()).toISOString();
  const consoleOffset = await sizeOf(ports.files, consoleLog(directory));
  const logOffset = await beginLog(ports.files, qemuLog(directory), `# ${started}\n${shown}\n`);
  await ports.files.remove(`${directories.run}/${controlSocket(instance.id)}`);
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
    monitor: (notes.monitor ?? null) as Json,
    directory,
    pid: process.pid,
    command_line: shown,
  };
  return withNotes({ ...instance, attributes }, { process, started, consoleOffset, logOffset, binary });
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
      const { code } = error as NodeJS.ErrnoException;
      if (code !== "ENOENT" && code !== "ECONNREFUSED") throw error;
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

async function unplugOthers(qmp: QmpClient, node: NodeAttributes, plugged: ReadonlySet<number>): Promise<void> {
  const up = new Set([...plugged, ...userNetworks(node)]);
  const others = node.adapter.map((_, at) => at).filter((at) => !up.has(at));
  await Promise.all(others.map((at) => qmp.execute("set_link", { name: nicName(at), up: false }, ANSWER_MS)));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
