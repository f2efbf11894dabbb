import type { ProviderFactory } from "../../src/core/provider.ts";
import { ubridgeSchema } from "./schema.ts";

/** Links, and the bridge that carries them. What makes them is loaded when it is used. */
export const ubridge: ProviderFactory = {
  schema: ubridgeSchema,
  async load(ports, host) {
    const { UbridgeProvider } = await import("./provider.ts");
    return new UbridgeProvider(ports, host);
  },
};
