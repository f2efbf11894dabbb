import { createHash } from "node:crypto";
import { fail } from "../src/core/diagnostics.ts";
import type { FileLock, Ports } from "../src/core/ports.ts";
import type { OpenOptions } from "../src/core/workspace.ts";
import { guarded, ifPresent, subjectOf } from "./failure.ts";
import type { Layout } from "./layout.ts";
import { countOf, fieldsOf, textOf } from "./shape.ts";

/** A waiter looks again at least this often. */
const longestPauseMs = 50;

/**
 * Who asks for the holder has the lock itself for a moment (see `holderNow`): that is no reason to refuse a command, nor
 * to tell that it waits.
 */
const glanceMs = 100;
const glancePauseMs = 5;

/**
 * The workspace's lock. It is the kernel's, so it ends with its holder; lock.json only says who that is. Rejects when
 * another has it for longer than the options wait, or when they abort.
 */
export async function acquireLock(ports: Ports, layout: Layout, options: OpenOptions): Promise<FileLock> {
  const place = { role: "lock", path: layout.lock };
  const pause = async (ms: number) => {
    try {
      await ports.clock.sleep(ms, options.signal);
    } catch (error) {
      const holder = (await holderOf(ports, layout)).name;
      fail(`Interrupted while waiting for ${holder}`, { subject: subjectOf(place), cause: error });
    }
  };
  const began = ports.clock.monotonic();
  const deadline = began + options.lockTimeoutMs;
  let told = false;
  for (;;) {
    const lock = await guarded("lock the lab", place, () => ports.files.tryLock(layout.lock));
    if (lock) return await named(lock, ports, layout, options.command);
    if (ports.clock.monotonic() - began < glanceMs) {
      await pause(glancePauseMs);
      continue;
    }
    const left = deadline - ports.clock.monotonic();
    const { name, id } = await holderOf(ports, layout);
    if (left <= 0) {
      const advice =
        options.lockTimeoutMs > 0
          ? `It was waited for ${options.lockTimeoutMs / 1000} s. Run the command again when that one has ended, or wait longer with -lock-timeout.`
          : "Run the command again when that one has ended, or wait for it: -lock-timeout=60s.";
      fail(`The lab is locked by ${name}`, {
        subject: subjectOf(place),
        detail: id === undefined ? advice : `${advice} Lock ID: ${id}`,
      });
    }
    if (!told) options.onWait(name);
    told = true;
    await pause(Math.min(longestPauseMs, left));
  }
}

/**
 * Who has the lock now; undefined when nobody has. The kernel alone knows, and tells only who tries: so the lock is
 * taken, if it can be, and given back at once. Makes no file.
 */
export async function holderNow(ports: Ports, layout: Layout): Promise<string | undefined> {
  const place = { role: "lock", path: layout.lock };
  return await guarded("see who has locked the lab", place, async () => {
    if (!(await ifPresent(ports.files.stat(layout.lock)))) return undefined;
    const lock = await glance(ports, layout);
    if (!lock) return (await holderOf(ports, layout)).name;
    await lock.release();
    return undefined;
  });
}

/** The lock, unless a command has it: another who only asks lets go of it at once. */
async function glance(ports: Ports, layout: Layout): Promise<FileLock | undefined> {
  for (let tries = 0; tries < 5; tries++) {
    if (tries > 0) await ports.clock.sleep(glancePauseMs);
    const lock = await ports.files.tryLock(layout.lock);
    if (lock) return lock;
  }
  return undefined;
}

/** See `StateAccess.unlock`. */
export async function unlock(ports: Ports, layout: Layout, id: string): Promise<string> {
  const place = { role: "lock", path: layout.lock };
  const subject = subjectOf(place);
  return await guarded("unlock the lab", place, async () => {
    const nobody = () =>
      fail("The lab is not locked", { subject, detail: "Nobody has its lock, so there is nothing to unlock." });
    if (!(await ifPresent(ports.files.stat(layout.lock)))) return nobody();
    const lock = await glance(ports, layout);
    const holder = await holderOf(ports, layout);
    if (!lock) return refuseLiving(holder, id, ports.host.hostName, subject);
    try {
      if (holder.id === undefined) return nobody();
      if (holder.id !== id) {
        const detail = `What is left is of ${holder.name}, which has ended; its lock had the ID ${holder.id}. Commands go on without an unlock.`;
        return fail(`There is no lock with the ID ${JSON.stringify(id)}`, { subject, detail });
      }
      await ports.files.remove(layout.lockHolder);
      return holder.name;
    } finally {
      await lock.release();
    }
  });
}

function refuseLiving(holder: Holder, id: string, here: string, subject: string): never {
  if (holder.id !== id) {
    const other = holder.id === undefined ? "" : `, and its lock has the ID ${holder.id}`;
    const detail = `The lab is locked by ${holder.name}${other}.`;
    fail(`There is no lock with the ID ${JSON.stringify(id)}`, { subject, detail });
  }
  const where = holder.host === undefined || holder.host === here ? "" : ` on ${holder.host}`;
  fail(`The lab is locked by ${holder.name}, which is alive`, {
    subject,
    detail: `Its lock is the kernel's and ends with it, so there is nothing else to unlock. Wait for it with -lock-timeout, or end it${where}: kill ${holder.pid ?? "PID"}. What it did until then is recorded, and the next command goes on from there.`,
  });
}

async function named(lock: FileLock, ports: Ports, layout: Layout, command: string): Promise<FileLock> {
  const { pid } = process;
  const { userName: user, hostName: host } = ports.host;
  const since = new Date(ports.clock.now()).toISOString();
  const id = lockId([pid, host, since]);
  const holder = `${JSON.stringify({ id, pid, user, host, command, since }, null, 2)}\n`;
  const place = { role: "lock holder", path: layout.lockHolder };
  try {
    await guarded("write the lock's holder", place, () => ports.files.write(layout.lockHolder, holder, 0o600));
  } catch (error) {
    await lock.release();
    throw error;
  }
  let released: Promise<void> | undefined;
  return {
    release() {
      released ??= ports.files
        .remove(layout.lockHolder)
        .catch(() => {})
        .then(() => lock.release());
      return released;
    },
  };
}

/** One holder has one lock at a time, so these tell its locks apart; the same lock has the same ID wherever it is read. */
function lockId(facts: readonly (string | number)[]): string {
  return createHash("sha256").update(JSON.stringify(facts)).digest("hex").slice(0, 16);
}

interface Holder {
  /** For people: `labform apply (pid 4711) of alice on build1, since 2026-01-31 12:00:00 UTC`. */
  readonly name: string;
  /** What force-unlock asks for; undefined where the holder has not written its name. */
  readonly id?: string;
  readonly pid?: number;
  readonly host?: string;
}

async function holderOf(ports: Ports, layout: Layout): Promise<Holder> {
  try {
    const fields = fieldsOf(JSON.parse(await ports.files.readText(layout.lockHolder)), "");
    const text = (field: string) => textOf(fields[field], field);
    const since = text("since")
      .replace("T", " ")
      .replace(/(\.\d+)?Z$/, " UTC");
    const pid = countOf(fields.pid, "pid");
    const host = text("host");
    const name = `labform ${text("command")} (pid ${pid}) of ${text("user")} on ${host}, since ${since}`;
    return { name, pid, host, ...(fields.id === undefined ? {} : { id: text("id") }) };
  } catch {
    // It has the lock and has not written its name yet, or cannot.
    return { name: "another labform" };
  }
}
