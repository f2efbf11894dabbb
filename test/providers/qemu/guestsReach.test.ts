import { readFileSync } from "node:fs";
import { afterEach, expect, it } from "vitest";
import { listener } from "../../../providers/qemu/attributes.ts";
import { guest } from "../../support/guest.ts";
import { TestLab } from "./support.ts";

let lab: TestLab;
afterEach(() => lab.close());

it("a guest on a user network reaches neither another node's monitor nor its console", async () => {
  lab = await TestLab.open({ monitor: true });
  const other = await lab.running({ ram: 32, adapters: 0 }, { address: "node.r2", id: "r2-00000002" });
  const ports = ["monitor", "console"].map((name) => listener(other.attributes[name])?.port);
  const tries = ports.map((port) => `nc -w 5 10.0.2.2 ${port} </dev/null >/tmp/said; cat /tmp/said >/dev/ttyS0`);
  const attacker = await lab.running({
    ...{ ram: 96, adapter_type: "virtio-net-pci", adapter_settings: { "0": { user_network: { forward: {} } } } },
    ...{ kernel_image: guest().kernel, initrd: guest().initrd },
    kernel_command_line: `console=ttyS0 quiet labform.ip=10.0.2.15/24 labform.run="${tries.join("; ")}; echo tried >/dev/ttyS0"`,
    ready: { console: "tried", console_match: null, tcp: null, timeout_s: 60 },
  });
  await lab.perform("ready", attacker);
  const said = readFileSync(`${lab.directories.nodes}/${attacker.id}/console.log`, "utf8");
  expect(said).toContain("[monitor of node.r2: this port is for processes of its owner's account on this host]");
  expect(said).toContain("[console of node.r2: this port is for processes of its owner's account on this host;");
  expect(said).not.toContain("(qemu)");
});
