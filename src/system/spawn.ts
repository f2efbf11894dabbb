import { type ChildProcess, spawn as spawnChild } from "node:child_process";
import { closeSync, openSync, statSync } from "node:fs";
import type { Host, ProcessIdentity, SpawnRequest } from "../core/ports.ts";
import { clock } from "./clock.ts";
import { allowedEnvironment } from "./environment.ts";
import { processFacts, tokenOf } from "./procfs.ts";
import { systemError } from "./systemError.ts";

/** In its own session, with nothing of labform's but the log; labform may end before it. */
export async function spawn(request: SpawnRequest, host: Host): Promise<ProcessIdentity> {
  const log = openSync(request.logFile, "a", 0o600);
  let child: ChildProcess;
  let started: Promise<void>;
  try {
    child = spawnChild(request.command, request.arguments, {
      cwd: request.directory,
      env: { ...allowedEnvironment(host.environment), LABFORM_TOKEN: request.token },
      detached: true,
      stdio: ["ignore", log, log],
    });
    started = startOf(child);
  } finally {
    closeSync(log);
  }
  // Until labform's event loop runs again even a child that ended at once is not reaped, so /proc still shows it.
  const facts = child.pid === undefined ? undefined : processFacts(child.pid);
  await started.catch((error: NodeJS.ErrnoException) => throwTruth(error, request));
  child.unref();
  if (child.pid === undefined || !facts)
    throw systemError("ESRCH", "it was started but /proc does not show it", request.command);
  await untilTokenShows(child.pid, request.token);
  return {
    pid: child.pid,
    uid: host.uid,
    startTime: facts.startTime,
    bootId: host.bootId,
    pidNamespace: host.pidNamespace,
    token: request.token,
  };
}

/** Node says `spawn` once the program was executed: libuv's fork waits for exec or its error. */
function startOf(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", reject);
  });
}

/** A missing working directory is reported as if the command were missing. */
function throwTruth(error: NodeJS.ErrnoException, request: SpawnRequest): never {
  if (error.code === "ENOENT") statSync(request.directory);
  throw error;
}

/**
 * Between fork and exec the environment still is labform's own. A process that ended, or whose environment cannot be
 * read, shows none: then there is nothing to wait for.
 */
async function untilTokenShows(pid: number, token: string): Promise<void> {
  for (let waited = 0; waited < 200; waited += 2) {
    const seen = tokenOf(pid);
    if (seen === undefined || seen === token) return;
    await clock.sleep(2);
  }
  throw systemError("ESRCH", "the process started does not carry its token", `pid ${pid}`);
}
