import type { Finding } from "../../src/core/doctor.ts";
import type { Ports } from "../../src/core/ports.ts";
import type { ExamineRequest, HostDirectories } from "../../src/core/provider.ts";
import { capabilitiesOf } from "./capabilities.ts";
import { type Found, findUbridge, type Installed } from "./installed.ts";

/** What links need of this host, and what carries them. */
export async function examineHost(
  ports: Ports,
  directories: HostDirectories,
  request: ExamineRequest,
): Promise<readonly Finding[]> {
  const { path } = request.settings;
  const found = await findUbridge(ports, directories.lab, typeof path === "string" ? path : null);
  const installed = found && "version" in found ? found : undefined;
  return [
    describeUbridge(found),
    describeEngine(installed, request),
    await examineTaps(ports, installed),
    ...(await examineBuiltin(ports, directories)),
  ];
}

/** That a lab cannot do without it is an error of its plan. */
function describeUbridge(found: Found | undefined): Finding {
  const subject = "uBridge";
  if (found === undefined) return { subject, level: "note", text: "not installed; labform's own bridge needs none" };
  if ("problem" in found) return { subject, level: "warning", text: found.problem };
  const { path, version, socketOption } = found;
  if (socketOption !== undefined) {
    return { subject, level: "ok", text: `version ${version} (${path}), with a private control socket` };
  }
  return {
    subject,
    level: "note",
    text: `version ${version} (${path}), without a private control socket: any account of this host could command it`,
    fix: 'labform takes it only where a lab says engine = "ubridge". Versions from 1.0 on can have a private socket.',
  };
}

function describeEngine(installed: Installed | undefined, { settings, lab }: ExamineRequest): Finding {
  const { engine } = settings;
  const links = lab && lab.links.length > 0 ? `${lab.links.length} in the lab, ` : "";
  const text = (carrier: string): Finding => ({ subject: "links", level: "ok", text: `${links}carried by ${carrier}` });
  if (engine === "ubridge") return text('uBridge, as provider "ubridge" says');
  if (engine === "builtin") return text('labform\'s own bridge, as provider "ubridge" says');
  if (installed?.socketOption !== undefined) return text(`uBridge ${installed.version}: engine = "auto" takes it`);
  const why = installed ? "the installed uBridge has no private control socket" : "there is no uBridge";
  return text(`labform's own bridge: engine = "auto", and ${why}`);
}

/** Only uBridge can use devices of the host: Node has no ioctl. */
async function examineTaps(ports: Ports, installed: Installed | undefined): Promise<Finding> {
  const subject = "tap devices";
  const refused = (text: string, fix: string): Finding => ({ subject, level: "note", text, fix });
  const problem = await whyNoTun(ports);
  if (problem) return refused(problem.text, problem.fix);
  if (!installed) {
    return refused("not to be had without uBridge", "Links between nodes need none; ends on the host's devices do.");
  }
  const capabilities = await capabilitiesOf(ports, installed.path);
  if ("unknown" in capabilities) return refused(`cannot be told: ${capabilities.unknown}`, setcap(installed.path));
  const { held } = capabilities;
  const missing = (["cap_net_admin", "cap_net_raw"] as const).filter((one) => !held.has(one));
  if (missing.length === 0) {
    return { subject, level: "ok", text: "uBridge may use them, and the host's interfaces" };
  }
  return refused(`uBridge has no ${missing.map((one) => one.toUpperCase()).join(" and no ")}`, setcap(installed.path));
}

function setcap(path: string): string {
  return `To let uBridge use devices of the host: sudo setcap cap_net_admin,cap_net_raw=ep ${path}`;
}

async function whyNoTun({ files, host }: Ports): Promise<{ readonly text: string; readonly fix: string } | undefined> {
  const device = "/dev/net/tun";
  try {
    await files.access(device, "read");
    await files.access(device, "write");
    return undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") {
      const fix = "Load the kernel's module (sudo modprobe tun), or pass the device into the container.";
      return { text: `there is no ${device}`, fix };
    }
    const fix = `Allow it, as with: sudo chmod a+rw ${device}. Making a tap also takes CAP_NET_ADMIN.`;
    return { text: `the account ${host.userName} may not open ${device}`, fix };
  }
}

/** Said only when it is wrong. */
async function examineBuiltin({ files }: Ports, { programs }: HostDirectories): Promise<readonly Finding[]> {
  const program = `${programs}/bridge.js`;
  try {
    await files.access(program, "read");
    return [];
  } catch {
    const fix = "It comes with labform, so the installation is incomplete. Install labform again.";
    return [{ subject: "bridge", level: "error", text: `labform's own program ${program} is missing`, fix }];
  }
}
