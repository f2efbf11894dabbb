import { fail } from "../../../src/core/diagnostics.ts";
import type { Ports } from "../../../src/core/ports.ts";
import type { Instance } from "../../../src/core/state.ts";
import type { Json } from "../../../src/core/values.ts";
import { patience } from "../cpu/patience.ts";
import { controlSocket, silentMark } from "../names.ts";
import { notesOf } from "../notes.ts";
import { QmpClient, QmpError } from "../qmp.ts";

/** A QEMU that ends closes its sockets a moment before it is gone. */
const END_MS = 1000;
/** Longer than a start holds the control socket, for QEMU serves one client at a time. */
const ANSWER_MS = 4000;

/** labform's own QMP connection to a node; closed again when `use` is done, for QEMU serves one client at a time. */
export async function withQmp<T>(
  ports: Pick<Ports, "sockets" | "clock">,
  run: string,
  id: string,
  timeoutMs: number,
  use: (qmp: QmpClient) => Promise<T>,
): Promise<T> {
  const { sockets, clock } = ports;
  const qmp = await QmpClient.connect({ path: `${run}/${controlSocket(id)}` }, { sockets, clock, timeoutMs });
  try {
    return await use(qmp);
  } finally {
    qmp.close();
  }
}

/**
 * Commands to a running QEMU. Resolves to undefined when it is not there, or ended meanwhile. Rejects with `Failure`,
 * whose summary is `refusal`, when it refuses or does not answer; the silence is left as a mark, by which the next read
 * finds the node broken unless QEMU answers again.
 */
export async function commandQemu<T extends Json>(
  ports: Ports,
  run: string,
  node: Instance,
  refusal: string,
  commands: (execute: (command: string, args?: { readonly [key: string]: Json }) => Promise<Json>) => Promise<T>,
): Promise<T | undefined> {
  const { process } = notesOf(node);
  if (!process || ports.processes.status(process) !== "alive") return undefined;
  const mark = `${run}/${silentMark(node.id)}`;
  try {
    const ms = patience(ANSWER_MS, node);
    const result = await withQmp(ports, run, node.id, ms, (qmp) =>
      commands((command, args = {}) => qmp.execute(command, args, ms)),
    );
    await ports.files.remove(mark);
    return result;
  } catch (cause) {
    const wasRefused = cause instanceof QmpError && cause.reason === "refused";
    const endMs = wasRefused || isSilence(cause) ? 0 : END_MS;
    if (await ports.processes.waitForExit(process, endMs)) return undefined;
    const message = cause instanceof Error ? cause.message : String(cause);
    if (!isSilence(cause)) {
      return fail(refusal, { address: node.address, detail: `QEMU (pid ${process.pid}): ${message}.`, cause });
    }
    await ports.files.write(mark, "", 0o600);
    return fail(refusal, {
      address: node.address,
      detail: `QEMU (pid ${process.pid}) hangs, or was stopped by a signal: ${message}. Unless it answers again, the next apply ends it and starts the node anew.`,
      cause,
    });
  }
}

/** Nobody reads the other end, as opposed to a refusal or an end. */
export function isSilence(error: unknown): boolean {
  if (error instanceof QmpError) return error.reason === "silent";
  return (error as NodeJS.ErrnoException | null)?.code === "ETIMEDOUT";
}

/** Of the answer to query-status. */
export function runState(status: Json): string {
  return String((status as { readonly status?: Json } | null)?.status);
}
