import { join } from "node:path";
import { fail } from "../../src/core/diagnostics.ts";
import type { Ports, ProcessIdentity } from "../../src/core/ports.ts";
import type { HostDirectories } from "../../src/core/provider.ts";
import { listensOn, portControl } from "./control.ts";
import { type Engine, engineTitle, logName, socketName } from "./engine.ts";
import { findUbridge } from "./installed.ts";
import { lastLines } from "./logs.ts";

export interface StartRequest {
  readonly ports: Ports;
  readonly host: HostDirectories;
  readonly token: string;
  /** Called at once with each process that was started; resolves when it is recorded. */
  readonly spawned: (identity: ProcessIdentity, control: string) => Promise<void>;
}

export interface Started {
  readonly identity: ProcessIdentity;
  readonly control: string;
}

/** How long a bridge has until it takes commands. */
const START_MS = 10_000;

const LET_GO_MS = 1000;

/** Above the ports that Linux hands to outgoing connections (ip_local_port_range ends at 60999). */
const FIRST_PORT = 61_000;
const PORTS = 4_500;
const PORT_ATTEMPTS = 20;

/** labform's own bridge. Rejects with its last words when it ends before it serves. */
export async function startBuiltin(request: StartRequest): Promise<Started> {
  const { host } = request;
  const control = socketName("builtin");
  const program = join(host.programs, "bridge.js");
  try {
    await request.ports.files.access(program, "read");
  } catch (error) {
    return fail("labform's own bridge is missing", {
      cause: error,
      subject: `program ${program}`,
      detail: "It comes with labform, so the installation is incomplete. Install labform again.",
    });
  }
  if (await staysServed(request, control)) {
    return fail("Another bridge serves this lab already", {
      subject: `socket ${join(host.run, control)}`,
      detail:
        "It is not in the lab's state, so it is not touched. `ss -xlp` shows whose process listens there; end it and apply again.",
    });
  }
  const identity = await spawn(request, "builtin", process.execPath, [program, host.run, control], control);
  if (await untilServing(request, identity, () => connects(request, control))) return { identity, control };
  return endedEarly(request, "builtin", identity);
}

/** uBridge, on a private socket where it has one, else on a port of 127.0.0.1 that is nobody's. */
export async function startUbridge(request: StartRequest, path: string): Promise<Started> {
  const { ports, host } = request;
  const found = await findUbridge(ports, host.lab, path);
  if (found === undefined || "problem" in found) {
    return fail("uBridge cannot be started", {
      subject: `uBridge ${path}`,
      detail: `${found?.problem ?? "there is none"}. Install it again, or take engine = "builtin".`,
    });
  }
  if (found.socketOption !== undefined) {
    const control = socketName("ubridge");
    await ports.files.remove(join(host.run, control));
    const identity = await spawn(request, "ubridge", found.path, [found.socketOption, control], control);
    if (await untilServing(request, identity, () => connects(request, control))) return { identity, control };
    return endedEarly(request, "ubridge", identity);
  }
  return startOnPort(request, found.path);
}

async function startOnPort(request: StartRequest, path: string): Promise<Started> {
  const { ports } = request;
  let last: ProcessIdentity | undefined;
  for (let attempt = 0; attempt < PORT_ATTEMPTS; attempt++) {
    const port = FIRST_PORT + ports.random.integer(PORTS);
    if (!(await ports.sockets.isPortFree("127.0.0.1", port))) continue;
    const control = portControl(port);
    const identity = await spawn(request, "ubridge", path, ["-H", control], control);
    if (await untilServing(request, identity, () => listensOn(ports, identity, port))) return { identity, control };
    last = identity;
    // It ends by itself, with 0, where another was faster at the port.
    if (ports.processes.status(identity) === "alive") break;
  }
  return endedEarly(request, "ubridge", last);
}

async function spawn(
  { ports, host, token, spawned }: StartRequest,
  engine: Engine,
  command: string,
  args: readonly string[],
  control: string,
): Promise<ProcessIdentity> {
  const logFile = join(host.run, logName(engine));
  let identity: ProcessIdentity;
  try {
    identity = await ports.processes.spawn({ command, arguments: args, directory: host.run, token, logFile });
  } catch (error) {
    return fail(`${engineTitle(engine)} cannot be started`, {
      cause: error,
      subject: `program ${command}`,
      detail: error instanceof Error ? error.message : String(error),
    });
  }
  await spawned(identity, control);
  return identity;
}

/** False when the process ended first, or did not serve in time. */
async function untilServing(
  { ports }: StartRequest,
  identity: ProcessIdentity,
  serves: () => Promise<boolean>,
): Promise<boolean> {
  const deadline = ports.clock.monotonic() + START_MS;
  for (let pause = 2; ports.clock.monotonic() < deadline; pause = Math.min(20, pause * 2)) {
    if (ports.processes.status(identity) !== "alive") return false;
    if (await serves()) return true;
    await ports.clock.sleep(pause);
  }
  return false;
}

/** A killed process counts as gone a moment before the last of its threads lets go of its sockets. */
async function staysServed(request: StartRequest, name: string): Promise<boolean> {
  const { clock } = request.ports;
  const deadline = clock.monotonic() + LET_GO_MS;
  while (await connects(request, name)) {
    if (clock.monotonic() >= deadline) return true;
    await clock.sleep(10);
  }
  return false;
}

async function connects({ ports, host }: StartRequest, name: string): Promise<boolean> {
  try {
    const connection = await ports.sockets.connect({ path: join(host.run, name) }, 1000);
    connection.close();
    return true;
  } catch {
    return false;
  }
}

async function endedEarly(
  { ports, host }: StartRequest,
  engine: Engine,
  identity: ProcessIdentity | undefined,
): Promise<never> {
  const alive = identity !== undefined && ports.processes.status(identity) === "alive";
  const lines = await lastLines(ports, host, engine);
  const words = lines.length > 0 ? ` Its last words: ${lines.join(" / ")}` : " It said nothing.";
  return fail(`${engineTitle(engine)} did not start`, {
    subject: `log ${join(host.run, logName(engine))}`,
    detail: `${alive ? `It takes no commands after ${START_MS / 1000} s.` : "It ended before it took a command."}${words}`,
  });
}
