import type { Instance } from "../../src/core/state.ts";
import { LAB, type SimulatedHost } from "./host.ts";
import { imageAt } from "./programs/qemuImg.ts";
import type { PlannedChange } from "./scenario.ts";

interface WantedDisk {
  readonly image: string | null;
  readonly readonly: boolean;
  readonly size: string | null;
}

/** What guests wrote to each overlay that is there, by its path. */
export function writings({ disk }: SimulatedHost): ReadonlyMap<string, readonly number[]> {
  const found = new Map<string, readonly number[]>();
  const nodes = `${LAB}/.labform/default/nodes`;
  for (const [id, node] of disk.find(nodes)?.entries ?? []) {
    for (const name of node.entries.keys()) {
      const path = `${nodes}/${id}/${name}`;
      if (name.endsWith(".qcow2")) found.set(path, writtenTo(disk, path));
    }
  }
  return found;
}

/** Nothing for what a killed qemu-img left: no guest has had it. */
function writtenTo(disk: SimulatedHost["disk"], path: string): readonly number[] {
  try {
    return imageAt(disk, path).written;
  } catch {
    return [];
  }
}

/** What an apply lost of what guests had written, though its plan did not say so. */
export function lostWritings(
  host: SimulatedHost,
  before: ReadonlyMap<string, readonly number[]>,
  plan: readonly PlannedChange[],
  idOf: (address: string) => string | undefined,
): readonly string[] {
  const keeps = ({ action, causes }: PlannedChange) =>
    ["update", "wait", "stop"].includes(action) ||
    (["restart", "start"].includes(action) && !causes.some((one) => /gone|being removed/.test(one)));
  const announced = new Set(plan.filter((one) => !keeps(one)).map(({ address }) => idOf(address)));
  const after = writings(host);
  return [...before].flatMap(([path, earlier]) => {
    const now = after.get(path);
    const id = path.split("/").at(-2);
    if (!now || announced.has(id) || earlier.every((one, at) => now[at] === one)) return [];
    return [`what guests wrote to ${path} (${String(earlier)}) was lost (${String(now)}), and no plan said so`];
  });
}

/** What is wrong with a node's disks once its plan is empty: what it has is what is recorded, and nothing beside it. */
export function diskFaults({ disk }: SimulatedHost, node: Instance): readonly string[] {
  const directory = `${LAB}/.labform/default/nodes/${node.id}`;
  const disks = Object.entries((node.attributes["disk"] ?? {}) as unknown as { readonly [label: string]: WantedDisk });
  const overlays = disks.filter(([, one]) => !one.readonly);
  const there = [...(disk.find(directory)?.entries.keys() ?? [])].filter((name) => !name.endsWith(".log")).sort();
  const wanted = overlays.map(([label]) => `${label}.qcow2`).sort();
  if (String(there) !== String(wanted)) {
    return [`in the directory of ${node.address} are ${String(there)}, and should be ${String(wanted)}`];
  }
  return overlays.flatMap(([label, { image, size }]) => {
    const { backing, backingFormat, bytes } = imageAt(disk, `${directory}/${label}.qcow2`);
    const faults: string[] = [];
    if ((backing ?? null) !== image || (image !== null && backingFormat !== "raw")) {
      faults.push(`disk ${label} of ${node.address} lies over ${backing} (${backingFormat}), and should over ${image}`);
    }
    if (size !== null && bytes !== Number(size) * 1024 * 1024) {
      faults.push(`disk ${label} of ${node.address} has ${bytes} bytes, and should have ${size} MiB`);
    }
    return faults;
  });
}
