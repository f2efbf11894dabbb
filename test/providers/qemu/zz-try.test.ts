import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { notesOf } from "../../../providers/qemu/notes.ts";
import { TestLab } from "./support.ts";
for (const [type, adapters, machine] of [["virtio-net-pci", 30, "pc"], ["e1000", 60, "pc"], ["e1000", 60, "q35"], ["virtio-net-pci", 275, "pc"]] as const)
it(`guest ${type} ${adapters} ${machine}`, async () => {
  const lab = await TestLab.open();
  try {
    const t0 = Date.now();
    const n = await lab.running({ ram: adapters > 100 ? 512 : 160, adapters, machine, adapter_type: type, kernel_image: "/work/main/.cache/guest/vmlinux", initrd: "/work/main/.cache/guest/initrd", kernel_command_line: "console=ttyS0 quiet", ready: { console: "ready", timeout_s: 100 } });
    const t1 = Date.now();
    await lab.perform("ready", n).catch((e) => console.log(e.diagnostics));
    console.log("start", t1 - t0, "ready", Date.now() - t1);
    const net = (await import("node:net")).connect((n.attributes.console as any).port, "127.0.0.1");
    await new Promise((r) => net.once("connect", r));
    await new Promise((r) => setTimeout(r, 500));
    net.write("\rfor i in /sys/class/net/eth*; do echo $i $(cat $i/address); done\r");
    await new Promise((r) => setTimeout(r, 8000));
    const log = readFileSync(n.attributes.directory + "/console.log", "utf8");
    const got = new Map([...log.matchAll(/net\/eth(\d+) ([0-9a-f:]{17})/g)].map((m) => [Number(m[1]), m[2]]));
    const want = (n.attributes.adapter as any[]).map((a) => a.mac_address);
    console.log(type, adapters, machine, "seen", got.size, "in order", want.filter((m, i) => got.get(i) === m).length);
    net.write("poweroff -f\r");
    await lab.ports.processes.waitForExit(notesOf(n).process!, 8000);
    const [live] = await lab.read(n);
    console.log(live.condition, (live as any).cause);
    net.destroy();
  } finally { await lab.close(); }
}, 200000);
