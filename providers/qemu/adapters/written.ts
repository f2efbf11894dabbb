import type { Planned, PlannedAttributes } from "../../../src/core/values.ts";
import { UNKNOWN } from "../../../src/core/values.ts";

/** What an adapter block says; null where it says nothing. A record from before an argument was there lacks it. */
export interface WrittenAdapter {
  readonly type: Planned;
  readonly mac_address: Planned;
  readonly name: Planned;
  readonly user_network: Planned;
}

/** The adapter blocks of a node, by their labels. */
export function writtenAdapters({ adapter_settings: blocks }: PlannedAttributes): ReadonlyMap<string, WrittenAdapter> {
  if (blocks === null || blocks === undefined || blocks === UNKNOWN || typeof blocks !== "object") return new Map();
  const written = new Map<string, WrittenAdapter>();
  for (const [label, block] of Object.entries(blocks as { readonly [label: string]: Partial<WrittenAdapter> })) {
    const { type = null, mac_address = null, name = null, user_network = null } = block;
    written.set(label, { type, mac_address, name, user_network });
  }
  return written;
}
