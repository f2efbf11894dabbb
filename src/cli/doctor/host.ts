import { type Finding, formatBytes } from "../../core/doctor.ts";
import type { Files, Ports } from "../../core/ports.ts";

const SCARCE_MEMORY = 512 * 1024 ** 2;

/** What any lab needs of a host, whoever makes its nodes. */
export async function examineHost(
  ports: Ports,
  lab: { readonly nodes: number; readonly links: number },
): Promise<readonly Finding[]> {
  const found = [
    await examineCpu(ports),
    await examineMemory(ports),
    await examineOpenFiles(ports.files, lab),
    await examineLogin(ports),
  ];
  return found.filter((one) => one !== undefined);
}

async function examineCpu({ host }: Ports): Promise<Finding> {
  const { count, architecture } = await host.cpu();
  return { subject: "CPUs", level: "ok", text: `${count}, ${architecture}` };
}

async function examineMemory({ host }: Ports): Promise<Finding> {
  const subject = "memory";
  const { totalBytes, availableBytes } = await host.memory();
  const text = `${formatBytes(availableBytes)} of ${formatBytes(totalBytes)} are available`;
  if (availableBytes >= SCARCE_MEMORY) return { subject, level: "ok", text };
  const fix = "A host that runs out of memory ends one of its processes, a node perhaps. End what is not needed.";
  return { subject, level: "warning", text: `only ${text}`, fix };
}

/** What a service holds open in any case, and what its clients may take. */
const BASE_FILES = 200;
/** The keeper's sockets of one node: consoles and monitors, to their clients and to QEMU. */
const FILES_A_NODE = 8;
/** The bridge's sockets of one link, and its capture. */
const FILES_A_LINK = 5;

/** The limit is inherited by all that labform starts. Node raises it to the hard one when it starts (src/node.cc). */
async function examineOpenFiles(
  files: Files,
  lab: { readonly nodes: number; readonly links: number },
): Promise<Finding | undefined> {
  const subject = "open files";
  const text = await files.readText("/proc/self/limits").catch(() => "");
  const limit = /^Max open files\s+(\d+|unlimited)/m.exec(text)?.[1];
  if (limit === undefined) return undefined;
  const needed = BASE_FILES + Math.max(FILES_A_NODE * lab.nodes, FILES_A_LINK * lab.links);
  const said = `each process may have ${limit}`;
  if (limit === "unlimited" || Number(limit) >= needed) return { subject, level: "ok", text: said };
  const fix = "Raise the hard limit, as with: ulimit -Hn 65536, or nofile in /etc/security/limits.conf.";
  return { subject, level: "warning", text: `${said}, and the lab's keeper or bridge may need ${needed}`, fix };
}

const LOGIND = "/etc/systemd/logind.conf";

/**
 * systemd ends what a session left running, where it is told to (logind.conf(5)). Drop-ins come after the file, by
 * name; a line that is commented out tells what was chosen when systemd was built.
 */
async function examineLogin({ files, host }: Ports): Promise<Finding | undefined> {
  const exists = (path: string) =>
    files.stat(path).then(
      () => true,
      () => false,
    );
  // Root is excepted by default (KillExcludeUsers).
  if (host.uid === 0 || !(await exists("/run/systemd/system"))) return undefined;
  const dropIns = (await files.list(`${LOGIND}.d`).catch(() => [])).filter((name) => name.endsWith(".conf")).toSorted();
  const paths = [LOGIND, ...dropIns.map((name) => `${LOGIND}.d/${name}`)];
  const texts = await Promise.all(paths.map((path) => files.readText(path).catch(() => "")));
  if (!killsUserProcesses(texts)) return undefined;
  return {
    subject: "logout",
    level: "warning",
    text: "systemd ends all processes of a session when you log out, labs too (KillUserProcesses)",
    fix: `Set KillUserProcesses=no in ${LOGIND}, or run labform so: systemd-run --user --scope labform apply, after loginctl enable-linger.`,
  };
}

export function killsUserProcesses(texts: readonly string[]): boolean {
  let kills = /^#\s*KillUserProcesses\s*=\s*(?:yes|true|on|1)\s*$/m.test(texts[0] ?? "");
  for (const text of texts) {
    for (const [, value = ""] of text.matchAll(/^\s*KillUserProcesses\s*=\s*(\S+)\s*$/gm)) {
      kills = /^(?:yes|true|on|1)$/i.test(value);
    }
  }
  return kills;
}
