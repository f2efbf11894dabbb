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
      const holder = await holderOf(ports, layout);
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
    const holder = await holderOf(ports, layout);
    if (left <= 0) {
      fail(`The lab is locked by ${holder}`, {
        subject: subjectOf(place),
        detail:
          options.lockTimeoutMs > 0
            ? `It was waited for ${options.lockTimeoutMs / 1000} s. Run the command again when that one has ended, or wait longer with -lock-timeout.`
            : "Run the command again when that one has ended, or wait for it: -lock-timeout=60s.",
      });
    }
    if (!told) options.onWait(holder);
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
    // Another who asks lets go of it at once; a command does not.
    for (let tries = 0; tries < 5; tries++) {
      if (tries > 0) await ports.clock.sleep(glancePauseMs);
      const lock = await ports.files.tryLock(layout.lock);
      if (!lock) continue;
      await lock.release();
      return undefined;
    }
    return await holderOf(ports, layout);
  });
}

async function named(lock: FileLock, ports: Ports, layout: Layout, command: string): Promise<FileLock> {
  const { pid } = process;
  const { userName: user, hostName: host } = ports.host;
  const since = new Date(ports.clock.now()).toISOString();
  const holder = `${JSON.stringify({ pid, user, host, command, since }, null, 2)}\n`;
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

/** For people: `labform apply (pid 4711) of alice on build1, since 2026-01-31 12:00:00 UTC`. */
async function holderOf(ports: Ports, layout: Layout): Promise<string> {
  try {
    const fields = fieldsOf(JSON.parse(await ports.files.readText(layout.lockHolder)), "");
    const name = (field: string) => textOf(fields[field], field);
    const since = name("since")
      .replace("T", " ")
      .replace(/(\.\d+)?Z$/, " UTC");
    const pid = countOf(fields.pid, "pid");
    return `labform ${name("command")} (pid ${pid}) of ${name("user")} on ${name("host")}, since ${since}`;
  } catch {
    // It has the lock and has not written its name yet, or cannot.
    return "another labform";
  }
}
