import { type Finding, formatBytes } from "../../../src/core/doctor.ts";
import type { ExamineRequest } from "../../../src/core/provider.ts";
import { platformOfBinary } from "../binary.ts";
import type { PlanTools } from "../plan.ts";
import { examineAccelerators } from "./accelerators.ts";
import { examineBinaries, examineImageTool } from "./binaries.ts";
import { examinePorts } from "./ports.ts";

const MIB = 1024 * 1024;

/** What nodes need of this host. */
export async function examineHost(tools: PlanTools, request: ExamineRequest): Promise<readonly Finding[]> {
  const { ports, binaries } = tools;
  const { usable, findings } = await examineBinaries(ports, binaries, request);
  const pc = ["x86_64", "i386"].flatMap((platform) => usable.filter((one) => platformOfBinary(one.path) === platform));
  const [imageTool, accelerators, listening, keeper] = await Promise.all([
    examineImageTool(ports, usable[0]?.path, request),
    pc[0] ? tried(() => examineAccelerators(ports, request, pc[0] as (typeof pc)[number]), request) : [],
    examinePorts(ports, request),
    examineKeeper(tools),
  ]);
  return [...findings, imageTool, ...accelerators, ...listening, ...keeper, ...describeNodes(request)];
}

/** That the attempt could not be made is told like its result. */
async function tried(attempt: () => Promise<readonly Finding[]>, { signal }: ExamineRequest) {
  try {
    return await attempt();
  } catch (error) {
    if (signal.aborted) throw error;
    const text = `could not be tried: ${(error as Error).message}`;
    const fix = "The attempt needs a directory for temporary files. Have TMPDIR name one that can be written.";
    return [{ subject: "accelerators", level: "warning", text, fix } satisfies Finding];
  }
}

/** Said only when it is wrong. */
async function examineKeeper({ ports, directories }: PlanTools): Promise<readonly Finding[]> {
  const program = `${directories.programs}/keeper.js`;
  try {
    await ports.files.access(program, "read");
    return [];
  } catch {
    const fix = "It comes with labform, so the installation is incomplete. Install labform again.";
    return [{ subject: "keeper", level: "error", text: `labform's own program ${program} is missing`, fix }];
  }
}

function describeNodes({ lab }: ExamineRequest): readonly Finding[] {
  if (!lab || lab.nodes.length === 0) return [];
  const sum = (name: string) =>
    lab.nodes.reduce((all, { attributes }) => all + (typeof attributes[name] === "number" ? attributes[name] : 0), 0);
  const list = (name: string) =>
    [...new Set(lab.nodes.map(({ attributes }) => attributes[name]).filter((one) => typeof one === "string"))].join(
      ", ",
    );
  const parts = [
    `${formatBytes(sum("ram") * MIB)} of memory`,
    `${sum("cpus")} CPUs`,
    `${sum("adapters")} adapters`,
    ...(list("platform") ? [`platform ${list("platform")}`] : []),
    ...(list("accel") ? [`accelerator ${list("accel")}`] : []),
  ];
  return [{ subject: "nodes", level: "ok", text: `${lab.nodes.length} in the lab: ${parts.join(", ")}` }];
}
