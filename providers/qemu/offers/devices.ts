import type { Diagnostic } from "../../../src/core/diagnostics.ts";
import { errorDiagnostic } from "../../../src/core/diagnostics.ts";
import type { PlannedAttributes } from "../../../src/core/values.ts";
import { agentDevices } from "../agent/check.ts";
import type { Binaries, Binary } from "../binary.ts";
import { consoleDevices } from "../consoles/check.ts";
import { diskDevices } from "../disks/check.ts";
import { firmwareDevices } from "../firmware/check.ts";
import type { Needs } from "./needs.ts";

/** Each: the devices that what it speaks of needs, as far as it is known. */
const TOPICS: readonly ((attributes: PlannedAttributes) => Needs)[] = [
  diskDevices,
  agentDevices,
  consoleDevices,
  firmwareDevices,
];

/**
 * The devices that a node needs beside its adapters and the executable does not have. `had`: what this executable was
 * found to have all devices for before.
 */
export async function checkDevices(
  binary: Binary,
  planned: PlannedAttributes,
  had: PlannedAttributes,
  binaries: Binaries,
): Promise<readonly Diagnostic[]> {
  const needed = TOPICS.flatMap((needsOf) => [...needsOf(planned)]);
  const before = new Set(TOPICS.flatMap((needsOf) => [...needsOf(had).keys()]));
  if (needed.every(([device]) => before.has(device))) return [];
  const devices = await binaries.devices(binary);
  return needed
    .filter(([device]) => !devices.has(device))
    .map(([device, { who, remedy }]) =>
      errorDiagnostic(`${binary.path} has no ${device}, which ${who} needs`, {
        detail: `What it has is listed by: ${binary.path} -device help. ${remedy}`,
        subject: `QEMU binary ${binary.path}`,
      }),
    );
}
