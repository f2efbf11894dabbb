import { fail } from "../../../src/core/diagnostics.ts";
import type { Ports } from "../../../src/core/ports.ts";
import type { Instance } from "../../../src/core/state.ts";
import { nicName } from "../names.ts";
import { notesOf } from "../notes.ts";
import { withQmp } from "./qmp.ts";

/** Longer than a start holds the control socket, for QEMU serves one client at a time. */
const ANSWER_MS = 5000;

/** Plugs the cable of a running node's adapter in or out; a node that is off is started with the right carriers. */
export async function setCarrier(
  ports: Ports,
  run: string,
  node: Instance,
  adapter: number,
  up: boolean,
): Promise<void> {
  const { process } = notesOf(node);
  if (!process || ports.processes.status(process) !== "alive") return;
  try {
    await withQmp(ports, run, node.id, ANSWER_MS, (qmp) =>
      qmp.execute("set_link", { name: nicName(adapter), up }, ANSWER_MS),
    );
  } catch (cause) {
    if (ports.processes.status(process) !== "alive") return;
    fail(`The cable of adapter ${adapter} of ${node.address} could not be plugged ${up ? "in" : "out"}`, {
      address: node.address,
      detail: `QEMU (pid ${process.pid}): ${cause instanceof Error ? cause.message : String(cause)}.`,
      cause,
    });
  }
}
