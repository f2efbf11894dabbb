import { posix } from "node:path";
import type { Processes, ProcessIdentity, ProcessStatus } from "../../../src/core/ports.ts";
import { refusal } from "../host/errors.ts";
import type { Process } from "../host/processes.ts";
import type { SimulatedHost } from "../host.ts";
import { output } from "../programs/output.ts";
import { changesImages, qemuImg, tearImage } from "../programs/qemuImg.ts";
import type { Run } from "../run.ts";

function isQemuImg(command: string): boolean {
  return posix.basename(command) === "qemu-img";
}

/** The processes of a host, as one of its labforms sees them. */
export function createProcesses(host: SimulatedHost, run: Run): Processes {
  const find = (identity: ProcessIdentity): Process | undefined => {
    const process = host.table.get(identity.pid);
    const { startTime, uid, token } = identity;
    const same = process?.startTime === startTime && process.uid === uid && process.token === token;
    return same && !process.isDead ? process : undefined;
  };
  const status = (identity: ProcessIdentity): ProcessStatus => {
    if (identity.bootId !== host.bootId) return "rebooted";
    if (identity.pidNamespace !== host.facts.pidNamespace) return "elsewhere";
    return find(identity) ? "alive" : "gone";
  };
  const identityOf = (process: Process): ProcessIdentity => ({
    pid: process.pid,
    uid: process.uid,
    startTime: process.startTime,
    bootId: host.bootId,
    pidNamespace: host.facts.pidNamespace,
    token: process.token,
  });
  return {
    spawn: (request) =>
      run.call({
        name: "spawn",
        subject: posix.basename(request.arguments[0]?.endsWith(".js") ? request.arguments[0] : request.command),
        changes: true,
        act: () => identityOf(host.table.spawn(request)),
      }),
    status,
    signal: (identity, signal) =>
      run.now(
        {
          name: signal,
          subject: `pid ${identity.pid}`,
          changes: status(identity) === "alive",
          act: () => {
            const process = status(identity) === "alive" ? find(identity) : undefined;
            if (!process) return false;
            if (signal === "SIGKILL") process.die();
            else if (signal === "SIGSTOP") process.stop();
            else if (signal === "SIGCONT") process.wake();
            else process.deliver(() => process.onTerm());
            return true;
          },
        },
        false,
      ),
    async waitForExit(identity, ms, signal) {
      const deadline = host.scheduler.now + ms;
      for (let pause = 2; ; pause = Math.min(20, pause * 2)) {
        signal?.throwIfAborted();
        const now = status(identity);
        if (now === "gone" || now === "rebooted") return true;
        const left = deadline - host.scheduler.now;
        if (left <= 0) return false;
        await new Promise<void>((resolve) => run.after(Math.min(pause, left), resolve));
      }
    },
    findByTokens(tokens) {
      const found = new Map<string, ProcessIdentity>();
      for (const process of host.table.living()) {
        if (process.uid === host.facts.uid && tokens.has(process.token)) found.set(process.token, identityOf(process));
      }
      return found;
    },
    isStopped: (identity) => find(identity)?.state === "stopped",
    setNiceness: (identity, niceness) =>
      run.now(
        {
          name: "nice",
          subject: `pid ${identity.pid}`,
          changes: status(identity) === "alive",
          act: () => {
            const process = status(identity) === "alive" ? find(identity) : undefined;
            if (process) process.niceness = niceness;
            return process !== undefined;
          },
        },
        false,
      ),
    lowestNiceness: () => (host.facts.uid === 0 ? -20 : 20),
    usage: (identity) => {
      const process = status(identity) === "alive" ? find(identity) : undefined;
      return process && { residentBytes: 64 * 1024 ** 2, startedMs: Number(process.startTime) * 10 };
    },
    socketInodes: (identity) => {
      const process = status(identity) === "alive" ? find(identity) : undefined;
      return process && host.network.socketInodes(process);
    },
    run: (command, args) =>
      run.call({
        name: "run",
        subject: [posix.basename(command), ...args].join(" "),
        changes: isQemuImg(command) && changesImages(args),
        partly: () => (isQemuImg(command) ? tearImage(host.disk, args) : undefined),
        act: () => {
          if (!host.disk.permits(host.disk.get(command, "spawn"), "execute")) throw refusal("EACCES", "spawn", command);
          if (isQemuImg(command)) return qemuImg(host.disk, args);
          return { exitCode: 0, signal: null, stdout: output(posix.basename(command), args), stderr: "" };
        },
      }),
    find: (name) =>
      run.call({
        name: "find",
        subject: name,
        changes: false,
        act: () => {
          const inode = host.disk.find(`/usr/bin/${name}`);
          return inode && host.disk.permits(inode, "execute") ? `/usr/bin/${name}` : undefined;
        },
      }),
  };
}
