import type { Diagnostic } from "../../../src/core/diagnostics.ts";
import { errorDiagnostic, warningDiagnostic } from "../../../src/core/diagnostics.ts";
import { suggestionText } from "../../../src/core/suggestion.ts";
import type { Path } from "../../../src/core/values.ts";
import type { CheckTools } from "./check.ts";
import { deviceNames, findDevice, isDeviceName, packetHolder } from "./devices.ts";
import { deviceProgram, lacksSocat, mayUse, setcap } from "./rights.ts";

export async function checkInterface(
  { name }: { readonly name: string },
  path: Path,
  tools: CheckTools,
): Promise<readonly Diagnostic[]> {
  const refuse = (summary: string, detail: string) => [errorDiagnostic(summary, { detail, path })];
  const { files } = tools.ports;
  const device = isDeviceName(name) ? await findDevice(files, name) : undefined;
  if (!device) {
    return refuse(`This host has no interface ${JSON.stringify(name)}`, suggestionText(name, await deviceNames(files)));
  }
  if (!device.ethernet)
    return refuse(`${name} carries no Ethernet frames`, "A link can end at Ethernet interfaces only.");
  if (!device.up) return refuse(`The interface ${name} is down`, `Bring it up: sudo ip link set ${name} up`);
  const program = await deviceProgram(tools);
  if (program === undefined) return tools.engine === "builtin" ? [lacksSocat(path)] : [];
  if (!(await mayUse(tools, program, "cap_net_raw"))) {
    return refuse(
      `This account may not use the interface ${name}`,
      `That takes CAP_NET_RAW, which ${program} lacks. Give it: ${setcap(program, ["cap_net_raw"])}`,
    );
  }
  const holder = tools.isNew ? await packetHolder(files, device.index) : undefined;
  if (holder === undefined || holder.directory === tools.run) return [];
  return [
    warningDiagnostic(`The interface ${name} is listened at by ${holder.name} too`, {
      detail: "Both receive all that arrives there. If it is another link, each guest's frames reach both.",
      path,
    }),
  ];
}
