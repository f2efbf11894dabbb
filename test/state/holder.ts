import { createPorts } from "../../src/system/index.ts";
import { createStateAccess } from "../../state/access.ts";

/** A labform that holds a lab's lock, for tests that kill it: opens, begins, records without end. */
const [labDirectory = "", workspace = "default"] = process.argv.slice(2);
const access = createStateAccess({
  ports: createPorts(),
  labDirectory,
  workspace,
  programs: "/",
  labformVersion: "0.1.0",
});
const store = await access.open({ command: "apply", lockTimeoutMs: 0, onWait: () => {} });
const { lineage, serial, registry } = store.state;
const time = "2026-01-31T12:00:00Z";
await store.record({ record: "begin", lineage, serial: serial + 1, registry, command: "apply", lab: null, time });
process.stdout.write("holds\n");
for (let n = 0; ; n++) {
  await Promise.all(
    ["a", "b", "c"].map((name) =>
      store.record({
        record: "outcome",
        operation: "start",
        instance: {
          address: `node.${name}${n % 50}`,
          kind: "node",
          provider: "qemu",
          schemaVersion: 1,
          id: `${name}-${n % 50}`,
          status: "ok",
          attributes: { n },
          sensitive: [],
          dependencies: [],
          private: {},
        },
      }),
    ),
  );
  process.stdout.write(`${n}\n`);
  if (n % 7 === 0) await store.checkpoint();
}
