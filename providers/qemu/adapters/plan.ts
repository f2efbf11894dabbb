import type { Diagnostic } from "../../../src/core/diagnostics.ts";
import { errorDiagnostic } from "../../../src/core/diagnostics.ts";
import type { PlanAnswer } from "../../../src/core/provider.ts";
import type { Instance } from "../../../src/core/state.ts";
import type { Planned, PlannedAttributes } from "../../../src/core/values.ts";
import { formatPath, samePlanned, UNKNOWN } from "../../../src/core/values.ts";
import { formatMac, parseMac } from "../mac.ts";
import { faultInFormat, portNames } from "./portNames.ts";
import { writtenAdapters } from "./written.ts";

export interface AdapterPlan {
  /** Each adapter with its id, address and name, in order. */
  readonly adapter: Planned;
  /** The same by name. */
  readonly port: Planned;
}

interface PlannedAdapter {
  readonly id: string;
  readonly mac_address: Planned;
  readonly name: Planned;
}

/** What the adapters of the node `id` are called by labform, by the guest and by the user. `mac`: of adapter 0. */
export function planAdapters(config: PlannedAttributes, id: string, mac: number | typeof UNKNOWN): AdapterPlan {
  const { adapters } = config;
  if (typeof adapters !== "number") return { adapter: UNKNOWN, port: UNKNOWN };
  const names = namesByFormat(config, adapters);
  const written = writtenAdapters(config);
  const adapter = Array.from({ length: adapters }, (_, at): PlannedAdapter => {
    const own = written.get(String(at));
    return {
      id: `${id}/${at}`,
      mac_address: addressOf(own?.mac_address ?? null, mac, at),
      name: own?.name ?? names?.[at] ?? UNKNOWN,
    };
  });
  return { adapter: adapter as readonly object[] as Planned, port: byName(adapter) };
}

/** Undefined while it is not known. One with a fault is told by the check of arguments. */
function namesByFormat(config: PlannedAttributes, adapters: number): readonly string[] | undefined {
  const { port_name_format: format, port_segment_size: size, first_port_name: first } = config;
  if (typeof format !== "string" || typeof size !== "number" || first === UNKNOWN) return undefined;
  if (faultInFormat(format) !== undefined) return undefined;
  return portNames(adapters, { format, segmentSize: size, first: typeof first === "string" ? first : null });
}

/** One that is no address was reported by the check of arguments. */
function addressOf(own: Planned, base: number | typeof UNKNOWN, at: number): Planned {
  if (own === UNKNOWN) return UNKNOWN;
  const given = typeof own === "string" ? parseMac(own) : undefined;
  if (given !== undefined) return formatMac(given);
  return base === UNKNOWN ? UNKNOWN : formatMac(base + at);
}

function byName(adapters: readonly PlannedAdapter[]): Planned {
  if (adapters.some(({ name }) => name === UNKNOWN)) return UNKNOWN;
  return Object.fromEntries(adapters.map((one) => [String(one.name), one])) as object as Planned;
}

/** Two adapters of one address, or of one name. */
export function checkTwins(planned: Planned): readonly Diagnostic[] {
  if (!Array.isArray(planned)) return [];
  const adapters = planned as readonly object[] as readonly PlannedAdapter[];
  return [
    ...twins(adapters, "mac_address").map(({ one, other, value }) =>
      errorDiagnostic(`Adapters ${one} and ${other} have the same MAC address: ${value}`, {
        detail: `Adapter n has the node's mac_address plus n, unless its block says otherwise: change mac_address in the block adapter "${other}" or "${one}".`,
      }),
    ),
    ...twins(adapters, "name").map(({ one, other, value }) =>
      errorDiagnostic(`Adapters ${one} and ${other} have the same name: ${JSON.stringify(value)}`, {
        detail: `A port is found by its name. Change name in the block adapter "${other}" or "${one}", or port_name_format, so that it tells all adapters apart.`,
      }),
    ),
  ];
}

/** The first pair is enough: where a format does not count, all names are the same. */
function twins(adapters: readonly PlannedAdapter[], what: "mac_address" | "name") {
  const first = new Map<Planned, number>();
  for (const [other, { [what]: value }] of adapters.entries()) {
    const one = first.get(value);
    if (one !== undefined && value !== UNKNOWN) return [{ one, other, value: String(value) }];
    first.set(value, other);
  }
  return [];
}

/**
 * What is only told otherwise takes no restart: other names, an address or a type in another place. Read off what the
 * guest would see of each adapter.
 */
export function adapterClasses(planned: PlannedAttributes, prior: Instance | null): NonNullable<PlanAnswer["classes"]> {
  if (!prior) return {};
  const before = prior.attributes;
  const olds = adapterHardware(before);
  const news = adapterHardware(planned);
  const same = news.map((one, at) => samePlanned(one, olds[at]));
  const classes: { [path: string]: "live" } = {};
  for (const label of new Set([...writtenAdapters(before).keys(), ...writtenAdapters(planned).keys()])) {
    const [old, now] = [before, planned].map((one) => writtenAdapters(one).get(label));
    if (!same[Number(label)] || samePlanned({ ...old }, { ...now })) continue;
    const block = ["adapter_settings", label];
    for (const path of [block, [...block, "type"], [...block, "mac_address"]]) classes[formatPath(path)] = "live";
  }
  if (olds.length === news.length && same.every(Boolean)) {
    for (const name of ["adapter", "adapter_type", "mac_address"]) {
      if (!samePlanned(before[name], planned[name])) classes[name] = "live";
    }
  }
  return classes;
}

/** What a guest sees of the adapters, in order. */
export function adapterHardware(attributes: PlannedAttributes): readonly { readonly [what: string]: Planned }[] {
  const { adapter, adapter_type: type = null } = attributes;
  if (!Array.isArray(adapter)) return [];
  const written = writtenAdapters(attributes);
  return (adapter as readonly object[] as readonly PlannedAdapter[]).map(({ id, mac_address }, at) => {
    const own = written.get(String(at));
    return { id, mac_address, type: own?.type ?? type, user_network: own?.user_network ?? null };
  });
}
