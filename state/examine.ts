import { dirname } from "node:path";
import { Failure } from "../src/core/diagnostics.ts";
import type { Finding } from "../src/core/doctor.ts";
import { formatBytes } from "../src/core/doctor.ts";
import type { Ports } from "../src/core/ports.ts";
import { ifPresent, reasonOf } from "./failure.ts";
import type { Layout } from "./layout.ts";
import { ensurePrivateDirectory } from "./privateDirectory.ts";
import { registryHome } from "./registryPath.ts";

/** Below it an apply of a few nodes is likely to fail in the middle. */
const SCARCE = 1024 ** 3;

/**
 * Whether the registry and, of a lab, its data directory can be written, and the space there. What is not there yet is
 * judged by the directory it would be made in.
 */
export async function examine(
  ports: Ports,
  layout: Layout,
  labDirectory: string,
  lab: boolean,
): Promise<readonly Finding[]> {
  const findings = [await examineRegistry(ports)];
  const problem = lab ? await whyNotWritable(ports, layout.workspace) : undefined;
  if (problem !== undefined) {
    const advice =
      "labform keeps the lab's record and disks there. Make it writable for this account, or have LABFORM_DATA_DIR name another place.";
    findings.push({ subject: "data directory", level: "error", text: problem, fix: advice });
  }
  findings.push(await examineSpace(ports, lab ? layout.data : labDirectory));
  return findings;
}

async function examineRegistry(ports: Ports): Promise<Finding> {
  const subject = "registry";
  const home = registryHome(ports.host);
  if (home === undefined) {
    const text = "neither XDG_STATE_HOME nor HOME is an absolute path, so there is no place for it";
    const fix = "labform remembers there what runs and keeps its sockets. Set one of the two variables.";
    return { subject, level: "error", text, fix };
  }
  const problem = await whyNotWritable(ports, home);
  if (problem !== undefined) {
    const fix =
      "labform remembers there what runs and keeps its sockets. Make it writable for this account, or have XDG_STATE_HOME name another place.";
    return { subject, level: "error", text: problem, fix };
  }
  try {
    // Nothing is made where it is there already; then it is only judged.
    if (await ifPresent(ports.files.lstat(home))) {
      await ensurePrivateDirectory(ports, { role: "registry", path: home });
    }
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const [diagnostic] = error.diagnostics;
    return { subject, level: "error", text: `${home} cannot be trusted`, fix: diagnostic?.detail };
  }
  return { subject, level: "ok", text: `${home} can be written` };
}

async function examineSpace(ports: Ports, wanted: string): Promise<Finding> {
  const subject = "disk space";
  const path = await nearestExisting(ports, wanted);
  try {
    const free = await ports.files.freeBytes(path);
    const text = `${formatBytes(free)} are free in ${path}`;
    if (free >= SCARCE) return { subject, level: "ok", text };
    const fix =
      "Overlays grow with what guests write, and QEMU pauses or ends where the disk is full. Free some space.";
    return { subject, level: "warning", text: `only ${text}`, fix };
  } catch (error) {
    return { subject, level: "note", text: `cannot be told of ${path}: ${reasonOf(error)}` };
  }
}

/** Why this account cannot make files in `wanted`; undefined when it can. */
async function whyNotWritable(ports: Ports, wanted: string): Promise<string | undefined> {
  const path = await nearestExisting(ports, wanted);
  try {
    const { kind } = await ports.files.stat(path);
    if (kind !== "directory") return `${path} is no directory but a ${kind}`;
    await ports.files.access(path, "write");
    await ports.files.access(path, "execute");
    return undefined;
  } catch (error) {
    const what = path === wanted ? "it cannot be written" : `${wanted} cannot be made in it`;
    return `${path}: ${what} (${reasonOf(error)})`;
  }
}

/** `path`, or the first directory above it that is there. */
async function nearestExisting(ports: Ports, path: string): Promise<string> {
  for (let at = path; at !== dirname(at); at = dirname(at)) {
    try {
      await ports.files.stat(at);
      return at;
    } catch (error) {
      // What cannot be entered is there; who asks will be told why.
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") return at;
    }
  }
  return "/";
}
