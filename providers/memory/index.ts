import type { ProviderFactory } from "../../src/core/provider.ts";
import { memorySchema } from "./schema.ts";
import type { World } from "./world.ts";

/** The provider of one world. Neither ports nor directories are used: nothing of the real host is touched. */
export function memoryProvider(world: World): ProviderFactory {
  return {
    schema: memorySchema,
    load: async () => (await import("./provider.ts")).createMemoryProvider(world),
  };
}
