import { fail } from "../../src/core/diagnostics.ts";
import type { Processes, ProcessIdentity } from "../../src/core/ports.ts";

/** QEMU and the keeper end within milliseconds of SIGTERM; who needs longer hangs. */
const TERM_MS = 3000;
/** A process in the kernel's hands (a stalled disk or network file) does not even die of SIGKILL. */
const KILL_MS = 5000;

/**
 * Ends a process that is proven to be ours; one that is gone already is a success. A stopped one (SIGSTOP) is woken,
 * or it would not see SIGTERM. `tell` is told when SIGTERM was not enough. Rejects with `Failure` when it outlives SIGKILL or cannot be seen from here.
 */
export async function endProcess(
  processes: Processes,
  identity: ProcessIdentity,
  what: string,
  address: string,
  tell: (message: string) => void = () => {},
): Promise<void> {
  if (processes.status(identity) === "elsewhere") refuseElsewhere(identity, what, address);
  processes.signal(identity, "SIGTERM");
  processes.signal(identity, "SIGCONT");
  if (await processes.waitForExit(identity, TERM_MS)) return;
  tell(`${what} (pid ${identity.pid}) did not end within ${TERM_MS / 1000} s of SIGTERM: it is killed`);
  processes.signal(identity, "SIGKILL");
  if (await processes.waitForExit(identity, KILL_MS)) return;
  fail(`${what} (pid ${identity.pid}) cannot be ended`, {
    address,
    detail: `It was sent SIGTERM, then SIGKILL, and is still there ${(TERM_MS + KILL_MS) / 1000} s later. Usually the kernel waits for a disk or a network file system; see: cat /proc/${identity.pid}/stack`,
  });
}

export function refuseElsewhere(identity: ProcessIdentity, what: string, address: string): never {
  fail(`${what} of ${address} was started in another container of this host`, {
    address,
    detail: `It has pid ${identity.pid} in the pid namespace ${identity.pidNamespace}, and from here it can be neither seen nor ended. Run labform where it was started. If that container is gone, so is all that ran in it: then remove .labform and begin anew.`,
  });
}
