import { statSync } from "node:fs";
import type { Host, Processes, ProcessIdentity, ProcessStatus, ProcessUsage } from "../core/ports.ts";
import { clock } from "./clock.ts";
import { findProgram } from "./findProgram.ts";
import { lowestNiceness, setNiceness } from "./niceness.ts";
import {
  allPids,
  type ProcessFacts,
  processFacts,
  realUid,
  residentBytes,
  socketInodes,
  tokenOf,
  uptimeMs,
} from "./procfs.ts";
import { run } from "./run.ts";
import { spawn } from "./spawn.ts";
import { errorCode } from "./systemError.ts";

export function createProcesses(host: Host): Processes {
  const status = (identity: ProcessIdentity) => statusOf(identity, host);
  return {
    spawn: (request) => spawn(request, host),
    status,
    signal: (identity, signal) => status(identity) === "alive" && send(identity.pid, signal),
    waitForExit: (identity, ms, signal) => waitForExit(() => status(identity), ms, signal),
    findByTokens: (tokens) => findByTokens(tokens, host),
    isStopped: (identity) => status(identity) === "alive" && processFacts(identity.pid)?.state === "T",
    setNiceness: (identity, niceness) => status(identity) === "alive" && setNiceness(identity.pid, niceness),
    lowestNiceness,
    usage: (identity) => (status(identity) === "alive" ? usageOf(identity) : undefined),
    socketInodes: (identity) => (status(identity) === "alive" ? socketInodes(identity.pid) : undefined),
    run: (...request) => run(host, ...request),
    find: (name, directory) => findProgram(name, directory, host.environment.PATH),
  };
}

function statusOf(identity: ProcessIdentity, host: Host): ProcessStatus {
  if (identity.bootId !== host.bootId) return "rebooted";
  if (identity.pidNamespace !== host.pidNamespace) return "elsewhere";
  return isSame(identity) ? "alive" : "gone";
}

/** A token that cannot be read, of a program with file capabilities say, is no evidence either way; a different one is. */
function isSame(identity: ProcessIdentity): boolean {
  const facts = processFacts(identity.pid);
  if (!facts || isDead(facts) || facts.startTime !== identity.startTime) return false;
  if (realUid(identity.pid) !== identity.uid) return false;
  const token = tokenOf(identity.pid);
  return token === undefined || token === identity.token;
}

/** Under a pid 1 that does not reap, what was killed stays as a zombie that `kill -0` still finds. */
function isDead({ state, threads }: ProcessFacts): boolean {
  return state === "X" || state === "x" || (state === "Z" && threads <= 1);
}

/** Clock ticks are hundredths of a second in all that Linux tells of processes (proc(5), USER_HZ). */
function usageOf({ pid, startTime }: ProcessIdentity): ProcessUsage | undefined {
  const bytes = residentBytes(pid);
  const uptime = uptimeMs();
  if (bytes === undefined || uptime === undefined) return undefined;
  return { residentBytes: bytes, startedMs: Math.round(clock.now() - uptime + Number(startTime) * 10) };
}

function send(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if (errorCode(error) === "ESRCH") return false;
    throw error;
  }
}

async function waitForExit(status: () => ProcessStatus, ms: number, signal?: AbortSignal): Promise<boolean> {
  const deadline = clock.monotonic() + ms;
  for (let pause = 2; ; pause = Math.min(20, pause * 2)) {
    signal?.throwIfAborted();
    const now = status();
    if (now === "gone" || now === "rebooted") return true;
    const left = deadline - clock.monotonic();
    if (left <= 0) return false;
    await clock.sleep(Math.min(pause, left), signal);
  }
}

/**
 * A program may hand its environment on to children of its own: of several with one token it is the oldest, which is
 * the one labform started.
 */
function findByTokens(tokens: ReadonlySet<string>, host: Host): ReadonlyMap<string, ProcessIdentity> {
  const found = new Map<string, ProcessIdentity>();
  if (tokens.size === 0) return found;
  for (const pid of allPids()) {
    if (ownerOf(pid) !== host.uid) continue;
    const token = tokenOf(pid);
    if (!token || !tokens.has(token)) continue;
    const facts = processFacts(pid);
    const uid = realUid(pid);
    if (!facts || isDead(facts) || uid === undefined) continue;
    const other = found.get(token);
    if (other && BigInt(other.startTime) <= BigInt(facts.startTime)) continue;
    const { bootId, pidNamespace } = host;
    found.set(token, { pid, uid, startTime: facts.startTime, bootId, pidNamespace, token });
  }
  return found;
}

/** Looked at first, so that of other accounts' processes nothing is read, not even by root. */
function ownerOf(pid: number): number | undefined {
  try {
    return statSync(`/proc/${pid}`).uid;
  } catch {
    return undefined;
  }
}
