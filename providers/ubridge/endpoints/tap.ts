import type { Diagnostic } from "../../../src/core/diagnostics.ts";
import { errorDiagnostic } from "../../../src/core/diagnostics.ts";
import type { Path } from "../../../src/core/values.ts";
import type { CheckTools } from "./check.ts";
import { type Device, findDevice, isDeviceName, tapHolder } from "./devices.ts";
import { deviceProgram, lacksSocat, mayUse, setcap } from "./rights.ts";

export async function checkTap(
  { name }: { readonly name: string },
  path: Path,
  tools: CheckTools,
): Promise<readonly Diagnostic[]> {
  const refuse = (summary: string, detail: string) => [errorDiagnostic(summary, { detail, path })];
  if (!isDeviceName(name)) {
    return refuse(
      `${JSON.stringify(name)} is no name of a tap device`,
      "Linux takes up to 15 letters, digits, dots, dashes and underscores.",
    );
  }
  const { ports } = tools;
  const program = await deviceProgram(tools);
  if (program === undefined) return tools.engine === "builtin" ? [lacksSocat(path)] : [];
  const device = await findDevice(ports.files, name);
  const mayMake = await mayUse(tools, program, "cap_net_admin");
  const make = `sudo ip tuntap add dev ${name} mode tap user ${ports.host.userName} && sudo ip link set ${name} up`;
  if (!device) {
    if (tools.engine === "ubridge") {
      return refuse(`There is no tap device ${name}`, `uBridge could make it and not bring it up. Make it: ${make}`);
    }
    if (mayMake) return [];
    return refuse(
      `There is no tap device ${name}, and this account may make none`,
      `That takes CAP_NET_ADMIN. Make it for this account: ${make}. Or give socat the right: ${setcap(program, ["cap_net_admin"])}`,
    );
  }
  const wrong = unfit(name, device);
  if (wrong) return refuse(...wrong);
  const { owner } = device.tun ?? { owner: null };
  if (!mayMake && owner !== ports.host.uid) {
    const whose = owner === null ? "to no account" : `to the account with uid ${owner}`;
    return refuse(
      `The tap device ${name} may not be used`,
      `It belongs ${whose}, and the right to use any (CAP_NET_ADMIN) is missing. Make it for this account: sudo ip link delete ${name} && ${make}. Or give the right: ${setcap(program, ["cap_net_admin"])}`,
    );
  }
  if (!device.up && (tools.engine === "ubridge" || !mayMake)) {
    return refuse(`The tap device ${name} is down`, `No frame passes it. Bring it up: sudo ip link set ${name} up`);
  }
  const holder = tools.isNew ? await tapHolder(ports.files, name) : undefined;
  if (holder === undefined || holder.directory === tools.run) return [];
  return refuse(
    `The tap device ${name} is in use`,
    `${holder.name} has it open, and a tap has one user. Name another tap, or end that.`,
  );
}

function unfit(name: string, { tun }: Device): [summary: string, detail: string] | undefined {
  if (!tun) return [`${name} is no tap device`, `It is an interface of another kind: { interface = "${name}" }.`];
  if (!tun.isTap)
    return [`${name} is a tun device`, "It carries IP packets without Ethernet, so no link can end there. Name a tap."];
  if (!tun.multiQueue) return undefined;
  return [
    `The tap device ${name} has several queues`,
    `It was made with multi_queue. Make it without: sudo ip link delete ${name}, then again.`,
  ];
}
