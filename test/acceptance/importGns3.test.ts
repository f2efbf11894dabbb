import { mkdirSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bootableDisk } from "../support/bootable.ts";
import { guest } from "../support/guest.ts";
import { TestLab } from "../support/lab.ts";
import { TelnetClient } from "../support/telnet.ts";

function node(name: string, type: string, properties: object): object {
  return { name, node_id: name, node_type: type, compute_id: "local", console_type: "telnet", properties };
}

function link(...ends: readonly (readonly [string, number])[]): object {
  // A switch counts ports, all else adapters.
  const nodes = ends.map(([name, number]) => {
    const isSwitch = name === "Switch";
    return { node_id: name, adapter_number: isSwitch ? 0 : number, port_number: isSwitch ? number : 0 };
  });
  return { link_id: ends.join(), nodes, filters: { delay: [5, 0] }, suspend: false };
}

const ports = [10, 10, 20].map((vlan, at) => ({ name: `Ethernet${at}`, port_number: at, type: "access", vlan }));

const project = {
  name: "office",
  type: "topology",
  revision: 9,
  version: "2.2.54",
  topology: {
    nodes: [
      node("PC1", "vpcs", {}),
      node("PC2", "vpcs", {}),
      node("Host 3", "qemu", {
        adapter_type: "virtio-net-pci",
        adapters: 2,
        kernel_image: "linux",
        initrd: "initrd",
        kernel_command_line: "console=ttyS0 quiet labform.name=host3 labform.ip=10.0.0.3/24,10.0.1.3/24",
        ram: 96,
      }),
      node("Wall", "qemu", { adapters: 1, hda_disk_image: "wall.img", hda_disk_interface: "ide", ram: 32 }),
      node("Switch", "ethernet_switch", { ports_mapping: ports }),
    ],
    links: [
      link(["PC1", 0], ["Switch", 0]),
      link(["PC2", 0], ["Switch", 1]),
      link(["Host 3", 0], ["Switch", 2]),
      link(["Host 3", 1], ["Wall", 0]),
    ],
  },
};

/** A project of GNS3's with small guests in place of its images. */
describe("a lab imported from GNS3", () => {
  let lab: TestLab;
  const on = async (name: string, line: string) => {
    const { console: front } = lab.instance(`node.${name}`).attributes;
    const telnet = await TelnetClient.connect(front.host, front.port);
    try {
      return await telnet.command(line, 60_000);
    } finally {
      telnet.close();
    }
  };
  const labform = async (...args: readonly string[]) => {
    const result = await lab.run(args);
    expect(result.exitCode, result.stdout + result.stderr).toBe(0);
    return result.stdout;
  };

  beforeAll(() => {
    lab = new TestLab();
    lab.write("office.gns3", JSON.stringify(project));
    for (const [name, address] of [
      ["PC1", "10.0.0.1 255.255.255.0"],
      ["PC2", "10.0.0.2/24"],
    ]) {
      mkdirSync(lab.path(`project-files/vpcs/${name}`), { recursive: true });
      lab.write(`project-files/vpcs/${name}/startup.vpc`, `set pcname ${name}\nip ${address}\n`);
    }
    writeFileSync(lab.path("wall.img"), bootableDisk("wall is up"));
  });
  afterAll(() => lab.close());

  it("runs as its project says, once it is said where its images are", async () => {
    await labform("import", "gns3", "office.gns3", "-out=.");
    const { kernel, initrd } = guest();
    lab.write(
      "images.auto.vars.hcl",
      `image_directory = "."
guest = { kernel = "${kernel}", initrd = "${initrd}" }
images = {
  linux      = { path = "${kernel}" }
  initrd     = { path = "${initrd}" }
  "wall.img" = { path = "wall.img" }
}
`,
    );
    expect(await labform("apply", "-auto-approve")).toContain("Apply complete");
    expect(await on("PC1", "ping -c 3 -W 5 10.0.0.2")).toMatch(/[123] packets received/);
    // In another VLAN.
    expect(await on("PC1", "ping -c 2 -W 1 10.0.0.3")).toContain(" 0 packets received");
    await labform("destroy", "-auto-approve");
    expect(lab.processes()).toEqual([]);
  });
});
