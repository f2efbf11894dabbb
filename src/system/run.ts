import type { Host, Processes, RunResult } from "../core/ports.ts";
import { allowedEnvironment } from "./environment.ts";

/**
 * In a process group of its own: at the timeout all of it is killed, so a grandchild that holds the output cannot keep
 * labform waiting, and a Ctrl-C at the terminal is labform's to handle.
 */
export async function run(host: Host, ...[command, args, options]: Parameters<Processes["run"]>): Promise<RunResult> {
  const { execa } = await import("execa");
  const child = execa(command, args, {
    env: allowedEnvironment(host.environment),
    extendEnv: false,
    ...(options?.directory === undefined ? {} : { cwd: options.directory }),
    ...(options?.input ? { input: options.input } : { stdin: "ignore" as const }),
    detached: true,
    cleanup: false,
    reject: false,
    stripFinalNewline: false,
  });
  const { pid } = child;
  const timer =
    options?.timeoutMs === undefined || pid === undefined
      ? undefined
      : setTimeout(() => killGroup(pid), options.timeoutMs);
  const onAbort = () => {
    if (pid !== undefined) killGroup(pid);
  };
  options?.signal?.addEventListener("abort", onAbort, { once: true });
  if (options?.signal?.aborted) onAbort();
  const result = await child.finally(() => {
    clearTimeout(timer);
    options?.signal?.removeEventListener("abort", onAbort);
  });
  const { cause } = result;
  if (result.exitCode === undefined && result.signal === undefined) {
    throw cause instanceof Error ? cause : new Error(`${command} could not be run`, { cause });
  }
  return {
    exitCode: result.exitCode ?? null,
    signal: result.signal ?? null,
    stdout: result.stdout,
    stderr: result.stderr,
  };
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It ended in this instant.
  }
}
