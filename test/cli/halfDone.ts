import { join } from "node:path";
import type { Operation } from "../../src/core/lifecycle.ts";
import type { Instance } from "../../src/core/state.ts";
import type { StateStore } from "../../src/core/workspace.ts";
import { createPorts } from "../../src/system/index.ts";
import { createStateAccess } from "../../state/access.ts";
import type { Engine } from "../engine/engine.ts";

/** Records of one instance that `operation` was begun, as another labform does; the lab is locked until it is closed. */
export async function begin(
  engine: Engine,
  address: string,
  operation: Operation,
  status: Instance["status"],
): Promise<StateStore> {
  const real = createPorts();
  const environment = { ...process.env, XDG_STATE_HOME: join(engine.directory, ".state") };
  const access = createStateAccess({
    ports: { ...real, host: { ...real.host, environment } },
    labDirectory: engine.directory,
    workspace: "default",
    programs: "",
    labformVersion: "0.1.0",
  });
  const store = await access.open({ command: "apply", lockTimeoutMs: 0, onWait: () => {} });
  const { lineage, serial, registry, lab, instances } = store.state;
  const time = new Date().toISOString();
  await store.record({ record: "begin", lineage, serial: serial + 1, registry, command: "apply", lab, time });
  const pending = { operation, token: `token-${serial}`, since: time };
  await store.record({ record: "intent", instance: { ...(instances.get(address) as Instance), status, pending } });
  return store;
}

/** The same, and the labform that began it is gone: its lock is free, and no outcome is recorded. */
export async function leave(...args: Parameters<typeof begin>): Promise<void> {
  await (await begin(...args)).close();
}
