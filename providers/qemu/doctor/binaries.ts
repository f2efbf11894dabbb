import { dirname } from "node:path";
import { Failure } from "../../../src/core/diagnostics.ts";
import type { Finding } from "../../../src/core/doctor.ts";
import type { Ports } from "../../../src/core/ports.ts";
import type { ExamineRequest } from "../../../src/core/provider.ts";
import type { Binaries, Binary } from "../binary.ts";
import { binaryName, OLDEST, platformOfBinary } from "../binary.ts";
import { locateQemuImg } from "../disks/qemuImg.ts";
import { PLATFORMS } from "../schema/machine.ts";
import { qemuSettings } from "../settings.ts";

export interface ExaminedBinaries {
  /** Those that can be used, in the order of the platforms' names. */
  readonly usable: readonly Binary[];
  readonly findings: readonly Finding[];
}

/** Every QEMU that nodes without qemu_binary would be given, and those the lab's nodes name. */
export async function examineBinaries(
  ports: Ports,
  binaries: Binaries,
  request: ExamineRequest,
): Promise<ExaminedBinaries> {
  const directory = qemuSettings(request.settings).binary_directory ?? undefined;
  const found = await Promise.all(PLATFORMS.map((platform) => ports.processes.find(binaryName(platform), directory)));
  const used = new Set((request.lab?.nodes ?? []).flatMap(binaryOf));
  const searched = new Set(found.filter((path) => path !== undefined));
  const paths = [...new Set([...searched, ...used])];
  const usable: Binary[] = [];
  const failures: { readonly path: string; readonly failure: Failure }[] = [];
  for (const path of paths) {
    try {
      usable.push(await binaries.inspect(path));
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      // One that only a node names is the plan's to tell, with its place.
      if (searched.has(path)) failures.push({ path, failure: error });
    }
  }
  const hopeless = usable.length === 0 && (request.lab === null || request.lab.nodes.length > 0);
  const findings = failures.map(({ path, failure }): Finding => {
    const [diagnostic] = failure.diagnostics;
    const level = used.has(path) || hopeless ? "error" : "warning";
    return { subject: "QEMU", level, text: failure.message, fix: diagnostic?.detail };
  });
  if (paths.length === 0) findings.push(nothingFound(directory, hopeless ? "error" : "warning"));
  return { usable, findings: [...groups(usable), ...findings] };
}

/** The binary a node is to run, where it is known. */
function binaryOf({ attributes }: { readonly attributes: { readonly [name: string]: unknown } }): readonly string[] {
  const path = attributes["qemu_binary"];
  return typeof path === "string" && path.startsWith("/") ? [path] : [];
}

function nothingFound(directory: string | undefined, level: Finding["level"]): Finding {
  const where = directory === undefined ? "on PATH" : `in ${directory}`;
  return {
    subject: "QEMU",
    level,
    text: `there is no qemu-system-… program ${where}`,
    fix: `Install QEMU ${OLDEST.join(".")} or later (on Debian and Ubuntu: qemu-system-x86 and qemu-utils), or say where it is with binary_directory in provider "qemu".`,
  };
}

/** One line for all that were installed together. */
function groups(usable: readonly Binary[]): readonly Finding[] {
  const byKind = new Map<string, Binary[]>();
  for (const binary of usable) {
    const key = JSON.stringify([dirname(binary.path), binary.version, binary.sandbox]);
    byKind.set(key, [...(byKind.get(key) ?? []), binary]);
  }
  return [...byKind.values()].map((group): Finding => {
    const [{ path, version, sandbox }] = group as [Binary, ...Binary[]];
    const names = group.map((one) => platformOfBinary(one.path) ?? one.path.slice(one.path.lastIndexOf("/") + 1));
    const text = `version ${version} in ${dirname(path)} for ${names.join(", ")}`;
    if (sandbox) return { subject: "QEMU", level: "ok", text: `${text}, with its sandbox` };
    const fix =
      "It was built without seccomp, so a guest that takes QEMU over can start programs. Take a QEMU that has it, as distributions' packages do.";
    return { subject: "QEMU", level: "note", text: `${text}, without a sandbox`, fix };
  });
}

/** qemu-img makes and grows disks. */
export async function examineImageTool(
  ports: Ports,
  beside: string | undefined,
  request: ExamineRequest,
): Promise<Finding> {
  const subject = "qemu-img";
  const { processes } = ports;
  const path = await locateQemuImg(processes, beside ?? null);
  const level = (request.lab?.nodes ?? []).some(({ attributes }) => hasDisks(attributes)) ? "error" : "warning";
  const fix =
    "Nodes with disks cannot be made without it. Install it (on Debian and Ubuntu: qemu-utils), on PATH or beside QEMU.";
  if (path === undefined) return { subject, level, text: "there is none on PATH", fix };
  try {
    const { stdout, stderr } = await processes.run(path, ["--version"], { timeoutMs: 10_000 });
    const version = /version (\d+\.\d+(?:\.\d+)?)/.exec(stdout)?.[1];
    if (version !== undefined) return { subject, level: "ok", text: `version ${version} (${path})` };
    const said = `${stdout}${stderr}`.trim().split("\n")[0] || "nothing";
    return { subject, level, text: `${path} does not say its version but: ${said}`, fix };
  } catch (error) {
    return { subject, level, text: `${path} cannot be run (${(error as Error).message})`, fix };
  }
}

function hasDisks(attributes: { readonly [name: string]: unknown }): boolean {
  const { disk } = attributes;
  return typeof disk === "object" && disk !== null && Object.keys(disk).length > 0;
}
