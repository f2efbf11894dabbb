import { fail } from "../../../src/core/diagnostics.ts";
import type { Ports, ProcessIdentity } from "../../../src/core/ports.ts";
import type { GuestResult } from "../../../src/core/provider.ts";
import type { Instance } from "../../../src/core/state.ts";
import type { Json } from "../../../src/core/values.ts";
import { patience } from "../cpu/patience.ts";
import { agentSocket } from "../names.ts";
import { notesOf } from "../notes.ts";
import { AgentClient, AgentError } from "./client.ts";

/** An agent answers in milliseconds, in a guest that boots or is busy in seconds. */
const ANSWER_MS = 10_000;
const END_MS = 100;
const FIRST_LOOK_MS = 10;
const LONGEST_LOOK_MS = 500;

/** QEMU: qga/qapi-schema.json, GuestExecStatus. */
interface ExecStatus {
  readonly exited: boolean;
  readonly exitcode?: number;
  readonly signal?: number;
  readonly "out-data"?: string;
  readonly "err-data"?: string;
  readonly "out-truncated"?: boolean;
  readonly "err-truncated"?: boolean;
}

type Answer = { readonly [name: string]: Json };

/**
 * By `guest-exec`, which starts a program, and `guest-exec-status`, which gives its output once it has ended. Between
 * the two nobody is kept from the agent: others may ask it, and run programs of their own.
 */
export async function execInGuest(
  ports: Ports,
  run: string,
  node: Instance,
  command: readonly string[],
): Promise<GuestResult> {
  const process = requireAgent(ports, node);
  const [path = "", ...args] = command;
  const ask = (name: string, given: Answer) => askAgent(ports, run, node, process, name, given);
  let pid: Json;
  try {
    pid = (await ask("guest-exec", { path, arg: [...args], "capture-output": true }))["pid"] ?? null;
  } catch (error) {
    if (!(error instanceof AgentError)) throw error;
    return { started: false, reason: error.message };
  }
  for (let pause = FIRST_LOOK_MS; ; pause = Math.min(LONGEST_LOOK_MS, pause * 1.5)) {
    const status = await ask("guest-exec-status", { pid }).catch((error: unknown) => lost(error, node, path));
    if (status["exited"] === true) return resultOf(status as unknown as ExecStatus);
    await ports.clock.sleep(pause);
  }
}

function requireAgent(ports: Ports, node: Instance): ProcessIdentity {
  const { address } = node;
  const { process, agent } = notesOf(node);
  if (!process || ports.processes.status(process) !== "alive") {
    return fail(`${address} is off`, {
      address,
      detail: 'There is no guest to run a command in. "labform apply" starts the node.',
    });
  }
  if (agent) return process;
  return fail(`${address} has no port for the guest agent`, {
    address,
    detail: `Commands are run by QEMU's guest agent. Install the package qemu-guest-agent in the guest, give the node
  ready {
    guest_agent = true
  }
and apply: the node is restarted once, with the agent's port.`,
  });
}

/** Rejects with `AgentError` when the agent refuses, and with `Failure` when it is not to be reached. */
async function askAgent(
  ports: Ports,
  run: string,
  node: Instance,
  process: ProcessIdentity,
  command: string,
  args: Answer,
): Promise<Answer> {
  const ms = patience(ANSWER_MS, node);
  let client: AgentClient | undefined;
  try {
    client = await AgentClient.connect({ path: `${run}/${agentSocket(node.id)}` }, ports, ms);
    await client.sync(ms);
    return (await client.execute(command, args, ms)) as Answer;
  } catch (error) {
    if (error instanceof AgentError && error.reason === "refused" && error.kind !== "CommandNotFound") throw error;
    // A QEMU that ends closes its sockets a moment before it is gone.
    const ended = await ports.processes.waitForExit(process, END_MS);
    return fail(ended ? `${node.address} ended` : `The guest agent of ${node.address} could not be asked`, {
      address: node.address,
      detail: ended ? "Its QEMU ended while its guest agent was asked." : whyUnreached(error),
      cause: error,
    });
  } finally {
    client?.close();
  }
}

function whyUnreached(error: unknown): string {
  if (error instanceof AgentError && error.reason === "refused") {
    return `It said: ${error.message}. Agents can be told to refuse commands: look in the guest, in the agent's configuration (/etc/qemu/qemu-ga.conf, /etc/sysconfig/qemu-ga), for guest-exec.`;
  }
  const silent = error instanceof AgentError ? error.message : `Its socket: ${String(error)}`;
  return `${silent}. Either the guest has not started it (the package is qemu-guest-agent), or the guest hangs or has not come so far; look at its console.`;
}

/** The agent was started anew, or somebody else took the answer, which it gives once. */
function lost(error: unknown, { address }: Instance, program: string): never {
  if (!(error instanceof AgentError)) throw error;
  return fail(`What became of ${program} in ${address} is not known`, {
    address,
    detail: `The guest agent said: ${error.message}. It was restarted, with its guest perhaps, or another client took the answer.`,
    cause: error,
  });
}

function resultOf(status: ExecStatus): GuestResult {
  return {
    started: true,
    exitCode: status.exitcode ?? null,
    signal: status.signal ?? null,
    stdout: Buffer.from(status["out-data"] ?? "", "base64"),
    stderr: Buffer.from(status["err-data"] ?? "", "base64"),
    truncated: status["out-truncated"] === true || status["err-truncated"] === true,
  };
}
