import { existsSync, symlinkSync } from "node:fs";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { nodeAttributes } from "../../../providers/qemu/attributes.ts";
import type { Instance } from "../../../src/core/state.ts";
import type { PlannedAttributes } from "../../../src/core/values.ts";
import { messages, TestLab } from "./support.ts";

const PATHS = (process.env["PATH"] ?? "").split(delimiter);
const has = (platform: string) => PATHS.some((path) => existsSync(join(path, `qemu-system-${platform}`)));

let lab: TestLab;
beforeEach(async () => {
  lab = await TestLab.open();
});
afterEach(async () => await lab.close());

function disk(one: string) {
  const image = { image: null, linked_clone: true, format: null, readonly: false, sha256: null, md5: null };
  return { ...image, interface: one, size: "4M" };
}

/** What QEMU says of its network adapters: name and MAC address, in its order. */
async function nicsOf(instance: Instance): Promise<readonly string[]> {
  const text = (await lab.provider.askMonitor?.(instance, "info network")) ?? "";
  return [...text.matchAll(/^(nic\d+): .*macaddr=([0-9a-f:]+)/gm)].map(([, name, mac]) => `${name} ${mac}`);
}

const BOARDS: readonly { readonly platform: string; readonly config: PlannedAttributes }[] = [
  { platform: "x86_64", config: { machine: "pc", cpu_model: "qemu64,+ssse3" } },
  { platform: "x86_64", config: { machine: "q35", max_cpus: 4, options: "-device virtio-rng-pci" } },
  { platform: "x86_64", config: { machine: "microvm", adapter_type: "virtio-net-device", adapters: 2, disk: {} } },
  { platform: "i386", config: {} },
  { platform: "aarch64", config: { cpu_model: "cortex-a57", cpus: 2 } },
  { platform: "arm", config: { adapter_type: "virtio-net-pci" } },
];

describe("a node runs on", () => {
  for (const { platform, config } of BOARDS) {
    const machine = String(config["machine"] ?? "its usual machine");
    it.skipIf(!has(platform))(`${platform}, ${machine}, with its adapters in order and a disk`, async () => {
      const disks = { hda: disk("virtio"), data: disk("scsi") };
      const node = await lab.running({ platform, ram: 64, adapters: 30, disk: disks, ...config });
      const [live] = await lab.read(node);
      expect(live).toMatchObject({ condition: "present" });
      const { adapter } = nodeAttributes(node.attributes);
      expect(await nicsOf(node)).toEqual(adapter.map(({ mac_address: mac }, at) => `nic${at} ${mac}`));
      expect(await lab.provider.askMonitor?.(node, "info status")).toContain("running");
    });
  }
});

describe("what an executable does not offer is told at plan", () => {
  const complaints = async (config: PlannedAttributes, offline = false) =>
    messages((await lab.plan({ ram: 32, ...config }, { offline })).diagnostics);

  it("a machine", async () => {
    const text = await complaints({ machine: "q36" });
    expect(text).toMatch(
      /qemu-system-x86_64 has no machine "q36"\nDid you mean "q35"\? All are listed by: .* -machine help/,
    );
    expect(await complaints({ machine: "virtualbox" })).toMatch(/Some that it has: .*\bpc, q35/);
    expect(await complaints({ machine: "q36" }, true)).toBe("");
  });

  it("a CPU model, whose features are QEMU's to judge", async () => {
    expect(await complaints({ cpu_model: "qemu46,+ssse3" })).toContain(
      'has no CPU model "qemu46"\nDid you mean "qemu64"?',
    );
    expect(await complaints({ cpu_model: "qemu64,+nosuchthing" })).toBe("");
    expect(await complaints({ cpu_model: "qemu46" }, true)).toBe("");
  });

  it("more processors than the machine has", async () => {
    expect(await complaints({ max_cpus: 256 })).toContain(
      "max_cpus = 256 is more than machine pc has\nIt takes 255 at most.",
    );
    expect(await complaints({ max_cpus: 256, machine: "q35" })).toBe("");
    expect(await complaints({ cpus: 300 })).toContain("cpus = 300 is more than machine pc has");
    expect(await complaints({ cpus: 4, max_cpus: 2 }, true)).toContain("max_cpus = 2 is less than cpus = 4");
  });

  it("the host's own processor without KVM", async () => {
    expect(await complaints({ cpu_model: "host,-svm", accel: "tcg" })).toContain("cpu_model host needs KVM");
  });

  it.skipIf(!has("arm"))("another platform", async () => {
    const path = PATHS.map((one) => join(one, "qemu-system-arm")).find((one) => existsSync(one));
    const link = join(lab.directories.lab, "emulator");
    symlinkSync(path as string, link);
    expect(await complaints({ qemu_binary: link, platform: "aarch64" })).toContain(
      `${link} emulates arm, but platform is aarch64\nSet platform = "arm"`,
    );
  });
});

describe("options of a node", () => {
  it("come last, and take the place of what labform would give", async () => {
    const uuid = "11111111-2222-3333-4444-555555555555";
    const options = ["-uuid", uuid, "-vga", "none", "-smbios", "type=1,serial=%vm-name%"];
    const node = await lab.running({ ram: 32, adapters: 2, options });
    const line = String(node.attributes["command_line"]);
    expect(line).toMatch(new RegExp(` -uuid ${uuid} -vga none -smbios type=1,serial=r1$`));
    expect(line.match(/-uuid/g)).toHaveLength(1);
    expect(line).not.toContain("VGA");
    expect(await lab.provider.askMonitor?.(node, "info uuid")).toContain(uuid);
    expect(await nicsOf(node)).toHaveLength(2);
  });

  it("are planned as their words, so another way to write them is no change", async () => {
    const { planned } = await lab.plan({ ram: 32, options: "-rtc 'base=localtime'" });
    expect(planned["options"]).toEqual(["-rtc", "base=localtime"]);
    expect((await lab.plan(planned)).planned["options"]).toEqual(planned["options"]);
  });

  it("that count instructions do without KVM", async () => {
    const icount = { options: ["-icount", "shift=auto"] };
    const { planned } = await lab.plan({ ram: 32, accel: "auto", ...icount });
    expect(planned["accel"]).toBe("tcg");
    expect(messages((await lab.plan({ accel: "kvm", ...icount }, { offline: true })).diagnostics)).toContain(
      'options has -icount, but accel is "kvm"',
    );
  });

  it("may reach the host's files where the lab says so", async () => {
    const options = ["-drive", "if=none,id=x,driver=null-co"];
    expect(messages((await lab.plan({ options })).diagnostics)).toContain("options has -drive if=none,id=x");
    const settings = { ...lab.settings, allow_unsafe_options: true };
    expect(messages((await lab.plan({ options }, { settings })).diagnostics)).toBe("");
  });
});
