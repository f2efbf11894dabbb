import type { OlderRecord, UpgradedRecord } from "../../src/core/provider.ts";
import type { BlockSchema, NestedBlockSchema } from "../../src/core/schema.ts";
import type { Attributes, Json } from "../../src/core/values.ts";
import type { DiskRecords } from "./disks/record.ts";
import { recordedDigests } from "./disks/record.ts";
import { qemuSchema } from "./schema.ts";

/** A record of a node of an older labform as this one has it; the keeper's has one version. */
export function upgrade({ type, version: _, ...record }: OlderRecord): UpgradedRecord {
  if (type !== "node") throw new Error(`${type} has one version`);
  return withNewArguments(record);
}

/** Version 1 had not yet what GNS3 has of disks, firmware, names, screens, and shares of the processor. */
function withNewArguments({ attributes, ...rest }: UpgradedRecord): UpgradedRecord {
  const adapters = (attributes["adapter"] ?? []) as readonly { readonly name: string }[];
  const computed = {
    port: Object.fromEntries(adapters.map((adapter) => [adapter.name, adapter])),
    digests: recordedDigests((rest.private["disks"] ?? {}) as unknown as DiskRecords),
  } as unknown as Attributes;
  return { ...rest, attributes: { ...filled(qemuSchema.resources["node"] as BlockSchema, attributes), ...computed } };
}

/** What a block that did not have an argument stands for: its default, else none. */
function filled({ attributes, blocks = {} }: BlockSchema, recorded: Attributes): Attributes {
  const all: { [name: string]: Json } = { ...recorded };
  for (const [name, { default: value = null }] of Object.entries(attributes)) all[name] = recorded[name] ?? value;
  for (const [name, block] of Object.entries(blocks)) {
    const attribute = block.attribute ?? name;
    all[attribute] = filledBlock(block, recorded[attribute] ?? null);
  }
  return all;
}

function filledBlock(block: NestedBlockSchema, recorded: Json): Json {
  if (block.nesting === "single") return recorded && filled(block, recorded as Attributes);
  const labels = Object.entries((recorded ?? {}) as Attributes);
  return Object.fromEntries(labels.map(([label, one]) => [label, filled(block, one as Attributes)]));
}
