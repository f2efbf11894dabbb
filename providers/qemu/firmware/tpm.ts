import type { Diagnostic } from "../../../src/core/diagnostics.ts";
import { errorDiagnostic, fail } from "../../../src/core/diagnostics.ts";
import type { Cause } from "../../../src/core/plan.ts";
import type { Processes, ProcessIdentity } from "../../../src/core/ports.ts";
import type { OperationContext } from "../../../src/core/provider.ts";
import type { Instance } from "../../../src/core/state.ts";
import type { PlannedAttributes } from "../../../src/core/values.ts";
import { UNKNOWN } from "../../../src/core/values.ts";
import { endCompanion, spawnCompanion } from "../../shared/companions.ts";
import { nodeAttributes } from "../attributes.ts";
import { nodeDirectory, tpmLog, tpmMark, tpmSocket, tpmState } from "../names.ts";
import { lastLines, sizeOf } from "../node/log.ts";
import { notesOf } from "../notes.ts";
import type { PlanTools } from "../plan.ts";
import { tpmDevice } from "./arguments.ts";

/** It listens some 10 ms after its start. */
const START_MS = 10_000;
const LOOK_MS = 5;

const COMPANION = "tpm";
const PROGRAM = "swtpm";
const INSTALL = "Install it (on Debian and Ubuntu: apt install swtpm), or remove tpm.";

/** Whether a node can have a TPM here. */
export async function checkTpm(planned: PlannedAttributes, tools: PlanTools): Promise<readonly Diagnostic[]> {
  const { platform, machine = null, tpm } = planned;
  if (tpm !== true) return [];
  const found: Diagnostic[] = [];
  if (typeof platform === "string" && machine !== UNKNOWN) {
    if (tpmDevice({ platform, machine: machine as string | null }) === undefined) {
      const detail =
        "labform gives one to pc and q35 on x86, and to virt on arm and aarch64. Use such a machine, or remove tpm.";
      const board = `platform ${platform}${machine === null ? "" : ` with machine ${String(machine)}`}`;
      found.push(errorDiagnostic(`There is no TPM for ${board}`, { detail }));
    }
  }
  if ((await tools.ports.processes.find(PROGRAM)) === undefined) {
    const detail = `A node's TPM is emulated by it. ${INSTALL}`;
    found.push(errorDiagnostic("swtpm is not on PATH", { detail, subject: PROGRAM }));
  }
  if (tools.directories.nodes.includes(",")) {
    const detail = `swtpm splits its arguments at commas, and it is to keep its state in ${tools.directories.nodes}. Move the lab, or have LABFORM_DATA_DIR name another place.`;
    found.push(errorDiagnostic("tpm cannot be used in a directory with a comma in its name", { detail }));
  }
  return found;
}

/**
 * Starts the node's TPM, where it has one: a process that QEMU connects to, and that ends by itself when QEMU does. The
 * instance that comes back knows it. Rejects with `Failure`, and then it is ended again.
 */
export async function startTpm(context: OperationContext, instance: Instance, tools: PlanTools): Promise<Instance> {
  if (!nodeAttributes(instance.attributes).tpm) return instance;
  const { ports, directories } = tools;
  const { id, address } = instance;
  const directory = nodeDirectory(directories.nodes, id);
  const log = tpmLog(directory);
  const command = await ports.processes.find(PROGRAM);
  if (command === undefined) return fail("swtpm is not on PATH", { address, detail: INSTALL, subject: PROGRAM });
  await ports.files.makeDirectory(tpmState(directory));
  for (const name of [tpmSocket(id), tpmMark(id)]) await ports.files.remove(`${directories.run}/${name}`);
  const logOffset = await sizeOf(ports.files, log);
  const started = await spawnCompanion(context, instance, ports.processes, COMPANION, {
    command,
    arguments: tpmArguments(id, directory),
    directory: directories.run,
    logFile: log,
  });
  if (await isListening(started, tools)) return started;
  await endTpm(started, tools);
  const words = await lastLines(ports.files, log, logOffset);
  const said = words.length > 0 ? `It said:\n${words.map((line) => `  ${line}`).join("\n")}` : "It said nothing.";
  return fail(`The TPM of ${address} could not be started`, {
    address,
    detail: `swtpm did not come to listen. ${said}\nIts log: ${log}`,
    subject: PROGRAM,
  });
}

/** Ends what there is of it; QEMU's end has done so already, unless QEMU never came to connect. */
export async function endTpm(instance: Instance, { ports }: Pick<PlanTools, "ports">): Promise<Instance> {
  return await endCompanion(instance, ports.processes, COMPANION, PROGRAM);
}

/** Of a node that runs: QEMU runs on when swtpm dies, but its guest has no TPM any more, and cannot be given another. */
export function whyNoTpm(instance: Instance, processes: Processes): Cause | undefined {
  const process = processOf(instance);
  if (!process || processes.status(process) === "alive") return undefined;
  return { kind: "host", summary: `swtpm (pid ${process.pid}) is gone, and with it the node's TPM` };
}

function processOf(instance: Instance): ProcessIdentity | undefined {
  return notesOf(instance).companions?.[COMPANION]?.process;
}

function tpmArguments(id: string, directory: string): readonly string[] {
  return [
    "socket",
    "--tpm2",
    ...["--tpmstate", `dir=${tpmState(directory)},mode=0600`],
    ...["--ctrl", `type=unixio,path=${tpmSocket(id)},mode=0600`],
    ...["--pid", `file=${tpmMark(id)}`],
    "--terminate",
  ];
}

/** swtpm writes its pid down once its socket listens; a client that tried whether it does would be its only one. */
async function isListening(instance: Instance, { ports, directories }: PlanTools): Promise<boolean> {
  const { clock, files, processes } = ports;
  const process = processOf(instance);
  const deadline = clock.monotonic() + START_MS;
  while (process && clock.monotonic() < deadline) {
    if ((await sizeOf(files, `${directories.run}/${tpmMark(instance.id)}`)) > 0) return true;
    if (processes.status(process) !== "alive") return false;
    await clock.sleep(LOOK_MS);
  }
  return false;
}
