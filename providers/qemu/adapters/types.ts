import type { Diagnostic } from "../../../src/core/diagnostics.ts";
import { errorDiagnostic } from "../../../src/core/diagnostics.ts";
import type { PlannedAttributes } from "../../../src/core/values.ts";
import { UNKNOWN } from "../../../src/core/values.ts";
import type { Binaries, Binary } from "../binary.ts";
import { notOffered } from "../offers/check.ts";
import { pciRoot } from "../pci.ts";
import { writtenAdapters } from "./written.ts";

/** Listed among network devices, but no adapter with one cable (tried: neither has a `netdev`). */
const NO_ADAPTERS: { readonly [type: string]: string } = {
  rocker: "rocker is a whole switch, whose ports the guest makes itself",
  pvrdma: "pvrdma is a part of a vmxnet3 and has no cable of its own",
};

/** What is usual, for whoever has to choose another. */
const USUAL = "Usual ones are e1000, virtio-net-pci, vmxnet3 and rtl8139.";

/**
 * Whether the executable has the adapters' types, and the machine a bus for them. `had`: what this executable was found
 * to have before.
 */
export async function checkAdapterTypes(
  binary: Binary,
  planned: PlannedAttributes,
  had: PlannedAttributes,
  binaries: Binaries,
): Promise<readonly Diagnostic[]> {
  const wanted = typesOf(planned);
  const before = planned["machine"] === had["machine"] ? typesOf(had) : new Map<string, number>();
  if ([...wanted.keys()].every((type) => before.has(type))) return [];
  const { adapters, devices } = await binaries.offers(binary);
  return [...wanted].flatMap(([type, first]) => {
    const bus = Object.hasOwn(adapters, type) ? adapters[type] : undefined;
    if (bus === undefined && devices.includes(type)) return [refusal(binary, type, first, "is no network adapter")];
    if (bus === undefined) return [notOffered(binary, "network adapter", type, plugable(adapters, planned))];
    const whyNot = NO_ADAPTERS[type];
    if (whyNot !== undefined) return [refusal(binary, type, first, `takes no cable: ${whyNot}`)];
    if (fits(bus, planned)) return [];
    return [refusal(binary, type, first, `sits on a bus of kind ${bus}, and adapters are on the machine's PCI bus`)];
  });
}

/** By type, the first adapter that has it. Of what is not known nothing is said. */
function typesOf(attributes: PlannedAttributes): ReadonlyMap<string, number> {
  const { adapters, adapter_type: common } = attributes;
  const types = new Map<string, number>();
  if (typeof adapters !== "number") return types;
  const written = writtenAdapters(attributes);
  for (let at = 0; at < adapters; at++) {
    const type = written.get(String(at))?.type ?? common;
    if (typeof type === "string" && !types.has(type)) types.set(type, at);
  }
  return types;
}

/** Where the board's buses are known, adapters are placed on PCI; elsewhere QEMU finds the bus. */
function fits(bus: string, { platform, machine = null }: PlannedAttributes): boolean {
  if (bus === "PCI" || typeof platform !== "string" || machine === UNKNOWN) return true;
  return pciRoot(platform, machine as string | null) === undefined;
}

function plugable(adapters: { readonly [name: string]: string }, planned: PlannedAttributes): readonly string[] {
  const names = Object.entries(adapters).filter(([name, bus]) => !NO_ADAPTERS[name] && fits(bus, planned));
  return names.map(([name]) => name);
}

function refusal({ path }: Binary, type: string, adapter: number, why: string): Diagnostic {
  return errorDiagnostic(`${type} cannot be the type of adapter ${adapter}: it ${why}`, {
    detail: `${USUAL} What there is is listed by: ${path} -device help`,
    subject: `QEMU binary ${path}`,
  });
}
