import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { deflateRawSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Importer, project } from "./importer.ts";

let importer: Importer;
beforeEach(() => {
  importer = new Importer();
});
afterEach(() => importer.close());

/** A project of one QEMU node with these properties and whatever else. */
function projectOf(properties: object, more: object = {}): object {
  const node = { name: "R1", node_id: "1", node_type: "qemu", compute_id: "local", properties, ...more };
  return { name: "one", type: "topology", revision: 9, version: "2.2", topology: { nodes: [node], links: [] } };
}

/** An archive of one file, whose last bytes are its directory. */
function zip(name: string, text: string): Buffer {
  const packed = deflateRawSync(text);
  const header = (signature: number, size: number, fields: readonly (readonly [number, number, number])[]) => {
    const bytes = Buffer.alloc(size);
    bytes.writeUInt32LE(signature, 0);
    for (const [at, length, value] of fields) bytes.writeUIntLE(value, at, length);
    return Buffer.concat([bytes, Buffer.from(size === 22 ? "" : name)]);
  };
  const local = Buffer.concat([
    header(0x04034b50, 30, [
      [8, 2, 8],
      [26, 2, name.length],
    ]),
    packed,
  ]);
  const entry = header(0x02014b50, 46, [
    [10, 2, 8],
    [20, 4, packed.length],
    [24, 4, text.length],
    [28, 2, name.length],
  ]);
  return Buffer.concat([
    local,
    entry,
    header(0x06054b50, 22, [
      [12, 4, entry.length],
      [16, 4, local.length],
    ]),
  ]);
}

describe("importing a project", () => {
  it("takes a directory that holds one, and an archive that GNS3 exported", async () => {
    expect((await importer.import(project("office"))).lab).toBe("office");
    importer.write("one.gns3project", zip("project.gns3", JSON.stringify(projectOf({ ram: 512 }))));
    expect((await importer.import("one.gns3project")).lab).toBe("one");
    expect(importer.read("lab/main.lab.hcl")).toContain("ram = 512");
  });

  it("tells at once what has no counterpart, and what was made", async () => {
    const { exitCode, stdout } = await importer.run("import", "gns3", project("builtins"));
    expect(exitCode).toBe(0);
    expect(stdout).toContain("main.lab.hcl          2 nodes, 1 network, 0 links");
    expect(stdout).toContain('Dynamips node "R1": topology.nodes[4] = "R1": no counterpart.');
    expect(importer.read("builtins/main.lab.hcl")).toContain('lab "builtins" {}');
  });

  it("writes over nothing unless told to, and never into another lab", async () => {
    const args = ["import", "gns3", project("office"), "-out=lab"];
    expect((await importer.run(...args)).exitCode).toBe(0);
    const again = await importer.run(...args);
    expect(again.exitCode).toBe(1);
    expect(again.stderr).toContain("What would be written is there already");
    expect((await importer.run(...args, "-force")).exitCode).toBe(0);
    importer.write("lab/other.lab.hcl", 'lab "other" {}\n');
    expect((await importer.run(...args, "-force")).stderr).toContain("There is a lab in that directory already");
  });

  it.each([
    ["{", "is no JSON"],
    ['{ "type": "settings" }', "is no GNS3 project"],
    [JSON.stringify({ ...projectOf({}), revision: 4 }), "is of GNS3 1.x"],
  ])("refuses what is none it can read: %s", async (text, summary) => {
    importer.write("a.gns3", text);
    const { exitCode, stderr } = await importer.run("import", "gns3", "a.gns3");
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`a.gns3 ${summary}`);
  });

  it("refuses a directory with none or several, a broken archive and another format", async () => {
    mkdirSync(join(importer.directory, "empty"));
    const refused = async (...args: readonly string[]) => (await importer.run("import", ...args)).stderr;
    expect(await refused("gns3", "empty")).toContain("empty holds no GNS3 project");
    for (const name of ["a.gns3", "b.gns3"]) importer.write(`empty/${name}`, "{}");
    expect(await refused("gns3", "empty")).toContain("empty holds several GNS3 projects");
    importer.write("x.gns3project", "PK");
    expect(await refused("gns3", "x.gns3project")).toContain("x.gns3project is no whole zip archive");
    expect(await refused("gns3", "nowhere.gns3")).toContain("There is no nowhere.gns3");
    expect(await refused("eve", "a.unl")).toContain("labform imports nothing called eve");
  });
});

describe("QEMU options of a project", () => {
  it.each([
    ["-nographic -enable-kvm", "", "apart"],
    ["-no-kvm -cpu max", 'accel = "tcg"', "taken"],
    ["-machine type=q35,accel=kvm:tcg", 'machine = "q35"', "taken"],
    ["-m size=1G -smp cpus=3,cores=3", "ram = 1024", "taken"],
    ["-uuid 3f2a9c1d-5b7e-8809-9a2b-3c4d5e6f7081 -rtc base=utc", "3f2a9c1d", "taken"],
    ["-drive file=/etc/shadow,if=virtio", "", "lost"],
    ["-device vfio-pci,host=01:00.0", "", "lost"],
    ["-device loader,file=/etc/passwd -usb", '["-usb"]', "lost"],
    ["-netdev user,id=n -device e1000,netdev=n", "", "lost"],
    ["-chardev socket,path=/tmp/x,id=c", "", "lost"],
    ["-fw_cfg name=opt/x,file=/etc/passwd", "", "lost"],
    ["-vnc :1 -monitor stdio -loadvm a", "", "lost"],
    ["-whatever 3", "", "lost"],
    ["stray words", "", "lost"],
    ["-append 'a b' -name \"%vm-name%,x\"", 'kernel_command_line = "a b"', "taken"],
    ["-smbios type=1,serial=%project-id%,uuid=%console-port%", "", "lost"],
    ["'open", "", "lost"],
  ])("%s", async (options, written, outcome) => {
    const { properties } = await importer.importText(projectOf({ options, kernel_image: "vmlinuz" }));
    expect(importer.read("lab/main.lab.hcl").replace(/ +/g, " ")).toContain(written);
    expect(properties.find(({ path }) => path.endsWith(".options"))?.outcome).toBe(outcome);
  });
});

describe("a switch with the world behind it", () => {
  const joined = (...nodes: readonly object[]) => ({
    ...projectOf({ adapters: 1 }),
    topology: {
      nodes,
      links: [
        {
          nodes: nodes.map((_, at) => ({ node_id: String(at), adapter_number: 0, port_number: 0 })),
          filters: {},
          suspend: false,
        },
      ],
    },
  });
  const named = (at: number, type: string, ports: readonly object[]) => ({
    name: type,
    node_id: String(at),
    node_type: type,
    properties: { ports_mapping: ports },
  });

  it("is a valid lab, and the cable is in it or told as lost", async () => {
    const nat = named(1, "nat", [{ interface: "virbr0", name: "nat0", port_number: 0, type: "ethernet" }]);
    const { properties } = await importer.importText(joined(named(0, "ethernet_switch", []), nat));
    const isIn = importer.read("lab/main.lab.hcl").includes("{ nat = {} }");
    expect(properties.some(({ path, outcome }) => path === "topology.links[0]" && outcome === "lost")).toBe(!isIn);
  });

  it.each([
    ["access", 1, "access", 1, 1],
    ["dot1q", 1, "dot1q", 1, 1],
    ["access", 10, "access", 20, 2],
    ["dot1q", 1, "access", 1, 2],
  ])("and one of %s %i on one of %s %i are so many networks: %i", async (type, vlan, other, otherVlan, networks) => {
    const port = (kind: string, number: number) => [{ name: "e0", port_number: 0, type: kind, vlan: number }];
    const switches = [
      named(0, "ethernet_switch", port(type, vlan)),
      named(1, "ethernet_switch", port(other, otherVlan)),
    ];
    expect((await importer.importText(joined(...switches))).counts.networks).toBe(networks);
  });
});
