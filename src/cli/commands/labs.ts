import { formatBytes } from "../../core/doctor.ts";
import type { HostLab } from "../../core/workspaces.ts";
import { recordedDocument } from "../../ui/documents.ts";
import type { Cell } from "../../ui/table.ts";
import { renderTable } from "../../ui/table.ts";
import type { CommonOptions, Context, ExitCode } from "../context.ts";
import { byName, memoryOf, runningNodes, sinceOf } from "../hostLabs.ts";

/** The labs of this account on this host: from the registry, their states and /proc; no lab file and no QEMU is asked. */
export async function run(context: Context, common: CommonOptions): Promise<ExitCode> {
  const labs = [...(await context.labs())].sort(byName);
  if (common.json) {
    context.stdout.write(`${JSON.stringify(recordedDocument({ labs: labs.map(document) }))}\n`);
  } else if (labs.length === 0) {
    context.stdout.write("No lab of yours runs on this host.\n");
  } else {
    const header = ["LAB", "WORKSPACE", "NODES", "MEMORY", "UP", "DIRECTORY"];
    const rows = labs.map((lab) => row(lab, context));
    context.stdout.write(renderTable(header, rows, { colour: common.colour, width: context.stdout.columns ?? 100 }));
  }
  return 0;
}

function row(lab: HostLab, { ports, environment }: Context): readonly Cell[] {
  const since = sinceOf(lab);
  const memory = memoryOf(lab);
  return [
    lab.name,
    lab.workspace,
    nodesCell(lab),
    memory === 0 ? "-" : formatBytes(memory),
    since === undefined ? "-" : spanOf(ports.clock.now() - since),
    directoryCell(lab, environment.HOME),
  ];
}

function nodesCell(lab: HostLab): Cell {
  if (lab.running.length === 0) return { text: "nothing runs", tone: "dim" };
  const running = runningNodes(lab);
  const text = lab.nodes === undefined ? String(running) : `${running}/${lab.nodes}`;
  return running === lab.nodes ? { text, tone: "good" } : { text, tone: "warning" };
}

function directoryCell({ directory, isThere, nodes }: HostLab, home: string | undefined): Cell {
  const path = home && directory.startsWith(`${home}/`) ? `~${directory.slice(home.length)}` : directory;
  if (!isThere) return { text: `gone: ${path}`, tone: "bad" };
  return nodes === undefined ? { text: `no state: ${path}`, tone: "bad" } : path;
}

/** `45s`, `12m`, `3h 5m`, `2d 4h` */
function spanOf(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  if (minutes === 0) return `${seconds}s`;
  if (hours === 0) return `${minutes}m`;
  return hours < 24 ? `${hours}h ${minutes % 60}m` : `${Math.floor(hours / 24)}d ${hours % 24}h`;
}

function document(lab: HostLab) {
  const since = sinceOf(lab);
  return {
    name: lab.name,
    workspace: lab.workspace,
    directory: lab.directory,
    directory_exists: lab.isThere,
    lineage: lab.lineage,
    nodes_running: runningNodes(lab),
    nodes_recorded: lab.nodes ?? null,
    memory_bytes: memoryOf(lab),
    running_since: since === undefined ? null : new Date(since).toISOString(),
    processes: lab.running.map(({ address, identity, usage }) => ({
      address,
      pid: identity.pid,
      memory_bytes: usage?.residentBytes ?? null,
    })),
  };
}
