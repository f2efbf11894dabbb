import { parseAddress } from "../src/core/addresses.ts";
import { fail } from "../src/core/diagnostics.ts";
import type { ProviderFactory } from "../src/core/provider.ts";
import { schemaName } from "../src/core/provider.ts";
import type { Instance, State } from "../src/core/state.ts";
import { instanceViolations } from "./invariants.ts";
import type { Recorded } from "./read.ts";

/** What this labform knows of the records of a provider; undefined where it has no such provider. */
export type RecordKeepers = (provider: string) => Pick<ProviderFactory, "schema" | "upgrade"> | undefined;

/**
 * A state as this version of labform has it: records of older schemas are upgraded by their providers, in memory; a
 * command that changes something writes them down. Rejects records of newer schemas: what they mean is not known here.
 */
export function upgradeState(state: State, keepers: RecordKeepers | undefined, labformVersion: string): State {
  if (!keepers) return state;
  const upgraded = new Map<string, Instance>();
  const newer: Newer[] = [];
  for (const instance of state.instances.values()) {
    const keeper = keepers(instance.provider);
    const type = schemaName(instance.kind, parseAddress(instance.address)?.name ?? "");
    const version = keeper?.schema.resources[type]?.version;
    if (!keeper || version === undefined || version === instance.schemaVersion) continue;
    if (instance.schemaVersion > version) newer.push({ instance, version });
    else upgraded.set(instance.address, upgradeInstance(instance, type, version, keeper));
  }
  if (newer.length > 0) refuseNewer(newer, state.labformVersion, labformVersion);
  if (upgraded.size === 0) return state;
  const instances = [...state.instances].map(([address, one]) => [address, upgraded.get(address) ?? one] as const);
  return { ...state, instances: new Map(instances) };
}

/** As `upgradeState`, for a state that is to be written again: also where a command has nothing else to write. */
export function upgradeRecorded(
  recorded: Recorded,
  keepers: RecordKeepers | undefined,
  labformVersion: string,
): Recorded {
  const state = upgradeState(recorded.state, keepers, labformVersion);
  return state === recorded.state ? recorded : { ...recorded, state, isUpgraded: true };
}

/** What comes out of an upgrade is checked as what comes out of a file is: it is written to one. */
function upgradeInstance(
  instance: Instance,
  type: string,
  version: number,
  { schema, upgrade }: Pick<ProviderFactory, "schema" | "upgrade">,
): Instance {
  const { address, schemaVersion, attributes, sensitive } = instance;
  if (!upgrade) throw new Error(`the provider ${schema.name} cannot upgrade version ${schemaVersion} of its ${type}`);
  const result = upgrade({ type, version: schemaVersion, attributes, sensitive, private: instance.private });
  const upgraded = { ...instance, ...result, schemaVersion: version };
  const violations = instanceViolations(address, upgraded);
  if (violations.length > 0) throw new Error(`upgraded by ${schema.name}: ${violations.join("; ")}`);
  return upgraded;
}

interface Newer {
  readonly instance: Instance;
  /** The highest that is known here. */
  readonly version: number;
}

function refuseNewer(all: readonly Newer[], writer: string, labformVersion: string): never {
  const [{ instance, version }] = all as [Newer, ...Newer[]];
  const { address, kind, provider, schemaVersion } = instance;
  const others = ["", " So is one more.", ` So are ${all.length - 1} more.`][Math.min(all.length - 1, 2)];
  fail(`${address} was written by a newer labform`, {
    address,
    detail: `It is recorded in version ${schemaVersion} of what the provider ${provider} keeps of a ${kind}, and labform ${labformVersion} knows versions up to ${version}.${others} The state was last written by labform ${writer}: use that version or a later one for this lab. Nothing was changed.`,
  });
}
