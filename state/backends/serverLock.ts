import { Failure, fail, warningDiagnostic } from "../../src/core/diagnostics.ts";
import type { Host, Ports } from "../../src/core/ports.ts";
import { shellWord } from "../../src/core/shellWord.ts";
import type { HostFacts } from "../../src/core/state.ts";
import type { OpenOptions } from "../../src/core/workspace.ts";
import { guarded, ifPresent } from "../failure.ts";
import { hostFacts, whereabouts } from "../host.ts";
import type { Layout } from "../layout.ts";
import { countOf, fieldsOf, hostFactsOf, textOf } from "../shape.ts";
import type { Backend, LockInfo, RemoteHolder } from "./backend.ts";

/** A waiter asks again after this long, and less often the longer it waits. */
const firstPauseMs = 250;
const longestPauseMs = 5000;

/** The lock at the server that this run has. */
export interface ServerLock {
  readonly id: string;
  /**
   * Never rejects: what is done is done. `isTold`: that the server is in trouble was said by then, and the next run sends
   * it the state and gives the lock up.
   */
  release(isTold: boolean): Promise<void>;
}

/** Of the process that has a lock, in the lock's Info: what proves on its own host that it has ended. */
interface HolderIdentity extends HostFacts {
  readonly pid: number;
  /** Clock ticks after boot, field 22 of /proc/PID/stat. */
  readonly startTime: string;
}

/**
 * Locks the state at the server; to be called with this host's own lock, so that it is the only one of this directory.
 * A lock that a killed run of this host left is given up for it. Rejects when another has it for longer than the options
 * wait, naming who.
 */
export async function acquireServerLock(
  ports: Ports,
  layout: Layout,
  backend: Backend,
  labformVersion: string,
  options: OpenOptions,
): Promise<ServerLock> {
  const info = await lockInfo(ports, backend, labformVersion, options.command);
  const former = await readNote(ports, layout);
  // Before the server has it: a kill in between must not leave a lock that nobody knows.
  await writeNote(ports, layout, former === undefined ? [info] : [info, ...former]);
  const began = ports.clock.monotonic();
  let pauseMs = firstPauseMs;
  let told = false;
  const freed = new Set<string>();
  for (;;) {
    const holder = await backend.lock(info, options.signal);
    if (holder === undefined) break;
    const left = options.lockTimeoutMs - (ports.clock.monotonic() - began);
    const noted = former?.find(({ ID }) => ID === holder.ID);
    const dead = noted ? await ownOrDead(ports, noted, info) : await whoDied(ports, holder, info);
    // A server may say that it unlocked, and not have done so.
    if (dead && !freed.has(dead.ID)) {
      freed.add(dead.ID);
      await backend.unlock(dead);
      continue;
    }
    const name = holderName(holder, info);
    if (left <= 0) {
      await writeNote(ports, layout, former ?? []);
      refuse(backend, holder, name, options.lockTimeoutMs);
    }
    if (!told) options.onWait(name);
    told = true;
    try {
      await ports.clock.sleep(Math.min(pauseMs, left), options.signal);
    } catch (error) {
      await writeNote(ports, layout, former ?? []);
      fail(`Interrupted while waiting for ${name}`, { subject: `backend ${backend.address}`, cause: error });
    }
    pauseMs = Math.min(pauseMs * 1.5, longestPauseMs);
  }
  // init may have the lock of another server too.
  await writeNote(ports, layout, [info, ...(former ?? []).filter(({ Info }) => Info === info.Info)]);
  return held(backend, info, options);
}

function held(backend: Backend, info: LockInfo, options: OpenOptions): ServerLock {
  let released: Promise<void> | undefined;
  const release = async (isTold: boolean) => {
    try {
      // The note of it stays: a server may say that it unlocked, and not have done so.
      await backend.unlock(info);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      if (isTold) return;
      const [why] = error.diagnostics;
      const detail = `${why?.summary}. ${why?.detail ?? ""} All that was done is recorded. Where the state is still locked, the next command on this host gives the lock up; on another it needs: labform force-unlock ${info.ID}`;
      options.onTrouble?.(
        warningDiagnostic("The lock at the server was not given up", { subject: why?.subject, detail }),
      );
    }
  };
  return {
    id: info.ID,
    release(isTold) {
      released ??= release(isTold);
      return released;
    },
  };
}

function refuse(backend: Backend, holder: RemoteHolder, name: string, waitedMs: number): never {
  const waited =
    waitedMs > 0
      ? `It was waited for ${waitedMs / 1000} s. Run the command again when that one has ended, or wait longer with -lock-timeout.`
      : "Run the command again when that one has ended, or wait for it: -lock-timeout=60s.";
  const id = holder.ID ?? "ID";
  fail(`The lab is locked by ${name}`, {
    subject: `backend ${backend.address}`,
    detail: `${waited} Where that run is gone for good, and nobody else works on the lab: labform force-unlock ${shellWord(id)}`,
  });
}

/** Frees the lock with an id that its user gave; the notes of it go too. */
export async function forceServerUnlock(
  ports: Ports,
  layout: Layout,
  backend: Backend,
  labformVersion: string,
  id: string,
): Promise<void> {
  const notes = (await readNote(ports, layout)) ?? [];
  const info = notes.find(({ ID }) => ID === id) ?? {
    ...(await lockInfo(ports, backend, labformVersion, "force-unlock")),
    ID: id,
  };
  await backend.unlock(info);
  if (notes.length > 0)
    await writeNote(
      ports,
      layout,
      notes.filter(({ ID }) => ID !== id),
    );
}

async function lockInfo(ports: Ports, backend: Backend, version: string, command: string): Promise<LockInfo> {
  const { userName, hostName } = ports.host;
  const { pid } = process;
  const identity: HolderIdentity = { ...hostFacts(ports.host), pid, startTime: (await startTimeOf(ports, pid)) ?? "" };
  return {
    ID: ports.random.uuid(),
    Operation: command,
    Info: JSON.stringify(identity),
    Who: `${userName}@${hostName}`,
    Version: version,
    Created: new Date(ports.clock.now()).toISOString(),
    Path: backend.address,
  };
}

/** proc(5): the name in parentheses may hold anything, so what counts stands behind the last one. */
async function startTimeOf({ files }: Ports, pid: number): Promise<string | undefined> {
  const text = await files.readText(`/proc/${pid}/stat`).catch(() => undefined);
  const fields = text?.slice(text.lastIndexOf(")") + 2).split(" ");
  return fields?.[0] === "Z" || fields?.[0] === "X" ? undefined : fields?.[19];
}

/** The lock to be given up, where its holder was of this host and has ended. */
async function whoDied(ports: Ports, holder: RemoteHolder, own: LockInfo): Promise<LockInfo | undefined> {
  // GitLab answers with what it was asked, so then it is not known whose process that was.
  if (holder.ID === undefined || holder.Info === undefined || holder.Info === own.Info) return undefined;
  const identity = identityIn(holder.Info);
  if (!identity || !(await hasEnded(ports, ports.host, identity))) return undefined;
  return { ...own, ...holder, ID: holder.ID };
}

/** One that this directory has a note of. With a copy of the directory the note may be that of a run which lives. */
async function ownOrDead(ports: Ports, noted: LockInfo, own: LockInfo): Promise<LockInfo | undefined> {
  return noted.Info === own.Info ? noted : await whoDied(ports, noted, own);
}

async function hasEnded(ports: Ports, host: Host, identity: HolderIdentity): Promise<boolean> {
  const where = whereabouts(identity, host);
  if (where === "rebooted") return true;
  return where === "here" && (await startTimeOf(ports, identity.pid)) !== identity.startTime;
}

function identityIn(info: string): HolderIdentity | undefined {
  try {
    const fields = fieldsOf(JSON.parse(info), "");
    return {
      ...hostFactsOf(fields, ""),
      pid: countOf(fields.pid, "pid"),
      startTime: textOf(fields.startTime, "startTime"),
    };
  } catch {
    return undefined;
  }
}

/** For people: `labform apply (pid 4711) of alice@build1, since 2026-01-31 12:00:00 UTC`. */
function holderName(holder: RemoteHolder, own: LockInfo): string {
  const echoed = holder.Info === own.Info;
  const identity = echoed || holder.Info === undefined ? undefined : identityIn(holder.Info);
  const doing = echoed || holder.Operation === undefined ? "another run" : `labform ${holder.Operation}`;
  const pid = identity ? ` (pid ${identity.pid})` : "";
  const who = holder.Who === undefined ? "" : ` of ${holder.Who}`;
  const created = holder.Created === undefined ? undefined : new Date(holder.Created);
  const known = created !== undefined && !Number.isNaN(created.getTime());
  const since = known
    ? `, since ${created
        .toISOString()
        .replace("T", " ")
        .replace(/(\.\d+)?Z$/, " UTC")}`
    : "";
  return `${identity ? doing : doing.replace(/^labform /, "")}${pid}${who}${since}`;
}

async function readNote(ports: Ports, layout: Layout): Promise<readonly LockInfo[] | undefined> {
  const text = await guardedNote(layout, "read", () => ifPresent(ports.files.readText(layout.serverLock)));
  if (text === undefined) return undefined;
  try {
    const notes = JSON.parse(text) as readonly LockInfo[];
    return Array.isArray(notes) ? notes.filter(({ ID }) => typeof ID === "string") : undefined;
  } catch {
    return undefined;
  }
}

async function writeNote(ports: Ports, layout: Layout, infos: readonly LockInfo[]): Promise<void> {
  await guardedNote(layout, "write", async () => {
    if (infos.length === 0) await ports.files.remove(layout.serverLock);
    else await ports.files.writeAtomic(layout.serverLock, `${JSON.stringify(infos, null, 2)}\n`, 0o600);
  });
}

function guardedNote<T>(layout: Layout, action: string, work: () => Promise<T>): Promise<T> {
  return guarded(`${action} the note on the server's lock`, { role: "note", path: layout.serverLock }, work);
}
