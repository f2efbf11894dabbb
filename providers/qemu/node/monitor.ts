import { fail } from "../../../src/core/diagnostics.ts";
import type { Ports, ProcessIdentity } from "../../../src/core/ports.ts";
import type { Instance } from "../../../src/core/state.ts";
import { patience } from "../cpu/patience.ts";
import { notesOf } from "../notes.ts";
import { QmpError } from "../qmp.ts";
import { withQmp } from "./qmp.ts";

/** QEMU serves one client a socket; another command of labform may have it for this long. */
const CONNECT_MS = 10_000;
/** `savevm` writes all of the guest's memory before it answers. */
const ANSWER_MS = 600_000;
/** How long after its last word a QEMU that was told to quit may still be there. */
const QUIT_MS = 3000;

/**
 * One line for QEMU's human monitor, by QMP's `human-monitor-command`: what is written to a monitor's socket and closed
 * at once is often not done, and has no end that could be told.
 */
export async function askMonitor(ports: Ports, run: string, node: Instance, line: string): Promise<string> {
  const { process } = notesOf(node);
  if (!process || ports.processes.status(process) !== "alive") {
    return fail(`${node.address} is off`, {
      address: node.address,
      detail: 'There is no monitor to ask. "labform apply" starts the node.',
    });
  }
  const answer = await ask(ports, run, node, process, line);
  if (!isRefusal(answer)) return answer;
  return fail(`The monitor of ${node.address} could not do it: ${line}`, {
    address: node.address,
    detail: answer.trim(),
  });
}

async function ask(ports: Ports, run: string, node: Instance, process: ProcessIdentity, line: string): Promise<string> {
  try {
    const result = await withQmp(ports, run, node.id, patience(CONNECT_MS, node), (qmp) =>
      qmp.execute("human-monitor-command", { "command-line": line }, ANSWER_MS),
    );
    return String(result ?? "").replaceAll("\r\n", "\n");
  } catch (cause) {
    const closed = cause instanceof QmpError && cause.reason === "closed";
    if (closed && /^\s*q(?:uit)?\s*$/.test(line) && (await ports.processes.waitForExit(process, QUIT_MS))) return "";
    return fail(`The monitor of ${node.address} did not answer`, {
      address: node.address,
      detail: `QEMU (pid ${process.pid}), asked ${JSON.stringify(line)}: ${cause instanceof Error ? cause.message : String(cause)}.`,
      cause,
    });
  }
}

/**
 * Whether QEMU says that it did not do it. HMP has no exit code, only these words (QEMU: monitor/hmp.c for lines it
 * cannot read, error_report_err for the rest).
 */
function isRefusal(answer: string): boolean {
  return /^unknown command: |^Error: |^Try "help .*" for more information$|^Device '.*' not found$/m.test(answer);
}
