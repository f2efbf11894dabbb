import type { ProviderFactory } from "../../src/core/provider.ts";
import { qemuSchema } from "./schema.ts";
import { upgrade } from "./upgrade.ts";

/** Nodes under QEMU, and the keeper beside them. What makes them is loaded when it is used. */
export const qemu: ProviderFactory = {
  schema: qemuSchema,
  upgrade,
  async load(ports, host) {
    const { QemuProvider } = await import("./provider.ts");
    return new QemuProvider(ports, host);
  },
};
