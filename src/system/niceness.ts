import { readdirSync, readFileSync } from "node:fs";
import { getPriority, setPriority } from "node:os";
import { systemError } from "./systemError.ts";

/**
 * setpriority(2) changes one thread, whatever its name says. A thread inherits from the one that makes it, so it is gone
 * over until none is left that was made meanwhile. False when the process is gone.
 */
export function setNiceness(pid: number, niceness: number): boolean {
  for (;;) {
    const threads = threadsOf(pid);
    if (threads.length === 0) return false;
    if (threads.filter((thread) => change(thread, niceness)).length === 0) return true;
  }
}

/** False when it has it already, or ended meanwhile. */
function change(thread: number, niceness: number): boolean {
  try {
    if (getPriority(thread) === niceness) return false;
    setPriority(thread, niceness);
    return true;
  } catch (error) {
    // Node wraps what `os` could not do: the system's own code is in there.
    const { info } = error as { readonly info?: { readonly code: string; readonly message: string } };
    if (!info) throw error;
    if (info.code === "ESRCH") return false;
    throw systemError(info.code, info.message, `thread ${thread}`);
  }
}

function threadsOf(pid: number): readonly number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map(Number);
  } catch {
    return [];
  }
}

const CAP_SYS_NICE = 23n;

/** By the capability or, without it, by RLIMIT_NICE, which counts from 20 down (getrlimit(2)). */
export function lowestNiceness(): number {
  const capabilities = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? "0";
  if ((BigInt(`0x${capabilities}`) >> CAP_SYS_NICE) & 1n) return -20;
  const limit = /^Max nice priority\s+(\S+)/m.exec(readFileSync("/proc/self/limits", "utf8"))?.[1] ?? "0";
  return limit === "unlimited" ? -20 : 20 - Number(limit);
}
