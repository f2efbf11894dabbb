import { renameSync, symlinkSync, utimesSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import type { Ports } from "../../../../src/core/ports.ts";
import type { Instance } from "../../../../src/core/state.ts";
import type { Json, PlannedAttributes } from "../../../../src/core/values.ts";
import { UNKNOWN } from "../../../../src/core/values.ts";
import { messages, TestLab } from "../support.ts";
import { disk, MIB, qemuImg, rawImage, withDisks } from "./support.ts";

let lab: TestLab;

async function open(change?: (ports: Ports) => Ports): Promise<void> {
  lab = await TestLab.open({}, change);
}

afterEach(() => lab.close());

type Disks = { readonly [label: string]: { readonly [name: string]: Json } };

async function complaints(disks: Disks, rest: PlannedAttributes = {}): Promise<string> {
  const { diagnostics } = await lab.plan({ ...withDisks(disks), ...rest });
  return messages(diagnostics.filter((one) => one.severity === "error"));
}

/** As an apply leaves it, turned off. */
async function made(disks: Disks): Promise<Instance> {
  if (!lab.instances.has("service.keeper")) await lab.keeper();
  return { ...(await lab.perform("prepare", await lab.planned(withDisks(disks)))), status: "ok" };
}

describe("disks that cannot be", () => {
  it.each([
    ["a label that is no file name", { "../x": { size: "1G" } }, /^A disk cannot be named "..\/x"/],
    ["neither image nor size", { hda: {} }, /^Disk hda has neither image nor size/],
    ["a size that is none", { hda: { size: "1 GB" } }, /^size of disk hda is "1 GB"\nIt must be a whole number of MiB/],
    ["an empty disk that is only read", { hda: { size: "1G", readonly: true } }, /^Disk hda is empty and readonly/],
    ["a format without image", { hda: { size: "1G", format: "raw" } }, /^Disk hda has a format, but no image/],
    [
      "readonly on ide",
      { hda: { image: "a.img", readonly: true } },
      /cannot be readonly on ide\nQEMU's IDE and SATA disks/,
    ],
    [
      "readonly with a size",
      { hda: { image: "a.img", readonly: true, interface: "virtio", size: "1G" } },
      /readonly and has a size/,
    ],
    [
      "a fifth disk on ide",
      Object.fromEntries(["hda", "hdb", "c", "d", "e"].map((label) => [label, { size: "1M" }])),
      /^There is no place for disk e on ide\nAt most 4 disks fit there; put some on interface = "sata"/,
    ],
  ])("are refused: %s", async (_what, disks, expected) => {
    await open();
    rawImage(lab, "a.img");
    expect(await complaints(disks as Disks)).toMatch(expected);
  });

  it("are refused where the board has no such bus", async () => {
    await open();
    const arm = { platform: "aarch64", machine: "virt", qemu_binary: "/usr/bin/qemu-system-x86_64" };
    expect(await complaints({ hda: { size: "1M" } }, arm)).toContain("Machine virt has no ide bus for disk hda");
  });

  it("are refused when the image is missing, dangling or of another format, by disk and path", async () => {
    await open();
    symlinkSync("/nowhere/base.img", `${lab.directories.lab}/link.img`);
    rawImage(lab, "a.img");
    expect(await complaints({ hda: { image: "none.img" }, hdb: { image: "link.img" } })).toMatch(
      /^Image of disk hda \S+\/none.img does not exist[^]*Image of disk hdb \S+\/link.img is a dangling link\nIt is a link to \/nowhere/,
    );
    expect(await complaints({ hda: { image: "a.img", format: "qcow2" } })).toMatch(
      /^Image of disk hda \S+\/a.img is no qcow2\nIt ended with exit code 1. It said: [^]*The command: \S*qemu-img info/,
    );
  });

  it("are refused when their size is less than the image's, with both figures", async () => {
    await open();
    rawImage(lab, "a.img", 2 * MIB);
    expect(await complaints({ hda: { image: "a.img", size: "1M" } })).toMatch(
      /^size of disk hda is 1 MiB, less than its image has\n\S+\/a.img holds 2 MiB/,
    );
  });

  it("are refused when two would write to the same image, or one to another's base", async () => {
    await open();
    rawImage(lab, "a.img");
    symlinkSync("a.img", `${lab.directories.lab}/same.img`);
    const writer = { image: "a.img", linked_clone: false, format: "raw" };
    expect(await complaints({ hda: writer, hdb: { image: "same.img" } })).toMatch(
      /^Image \S+\/same.img is also that of disk hda of node.r1\nDisk hda of node.r1 has linked_clone = false/,
    );
    const second = await lab.plan(withDisks({ hda: writer }), { address: "node.r2", id: "r2-00000000" });
    expect(messages(second.diagnostics)).toMatch(/is also that of disk hda of node.r1\nBoth have linked_clone = false/);
  });

  it("are refused when one would write to what lies beneath another's image, however deep", async () => {
    await open();
    const base = rawImage(lab, "a.img");
    const over = (name: string, format: string, under: string) =>
      qemuImg("create", "-q", "-f", "qcow2", "-F", format, "-b", under, `${lab.directories.lab}/${name}`);
    over("b.qcow2", "raw", base);
    over("c.qcow2", "qcow2", `${lab.directories.lab}/b.qcow2`);
    const prior = await made({ hda: { image: "c.qcow2" } });
    const rest = { address: "node.r2", id: "r2-00000000" };
    const second = withDisks({ own: { image: "a.img", linked_clone: false, format: "raw" } });
    const expected =
      /^Image \S+\/a.img is also beneath that of disk hda of node.r1\nDisk own of node.r2 has linked_clone = false/;
    // Also where the record alone says what lies beneath.
    for (const known of [null, prior]) {
      await lab.reload();
      await lab.plan(withDisks({ hda: { image: "c.qcow2" } }), { prior: known });
      expect(messages((await lab.plan(second, rest)).diagnostics)).toMatch(expected);
      expect(await complaints({ hda: { image: "c.qcow2" } })).toMatch(
        /^Image \S+\/a.img is also that of disk own of node.r2/,
      );
    }
  });

  it("are refused when there is no qemu-img", async () => {
    await open((ports) => ({
      ...ports,
      processes: {
        ...ports.processes,
        find: async (name, directory) => (name === "qemu-img" ? undefined : ports.processes.find(name, directory)),
      },
    }));
    expect(await complaints({ hda: { size: "1G" } })).toMatch(
      /^qemu-img is not installed\nDisks are made with it. .*apt install qemu-utils/,
    );
  });

  it("are refused when the image that would be written is not writable", async () => {
    await open((ports) => ({
      ...ports,
      files: {
        ...ports.files,
        access: async (path, mode) => {
          if (mode === "write") throw Object.assign(new Error("EACCES"), { code: "EACCES" });
          await ports.files.access(path, mode);
        },
      },
    }));
    rawImage(lab, "a.img");
    expect(await complaints({ hda: { image: "a.img", linked_clone: false, format: "raw" } })).toMatch(
      /^Image of disk hda \S+a.img cannot be written\nWith linked_clone = false/,
    );
  });
});

describe("a disk's plan", () => {
  it("completes path and format, and leaves both open without a look at the host", async () => {
    await open();
    rawImage(lab, "a.img");
    qemuImg("create", "-q", "-f", "vmdk", `${lab.directories.lab}/b.vmdk`, "1M");
    const disks = withDisks({ hda: { image: "a.img" }, hdb: { image: "b.vmdk" }, hdc: { size: "1G" } });
    expect((await lab.plan(disks)).planned["disk"]).toEqual({
      hda: disk({ image: `${lab.directories.lab}/a.img`, format: "raw" }),
      hdb: disk({ image: `${lab.directories.lab}/b.vmdk`, format: "vmdk" }),
      hdc: disk({ size: "1G", format: "qcow2" }),
    });
    const offline = await lab.plan(withDisks({ hda: { image: "/nowhere.img" } }), { offline: true });
    expect(offline.diagnostics).toEqual([]);
    expect(offline.planned["disk"]).toEqual({ hda: { ...disk({ image: "/nowhere.img" }), format: UNKNOWN } });
    const later = { ...withDisks({}), disk: { hda: { ...disk(), image: UNKNOWN } } } as PlannedAttributes;
    expect((await lab.plan(later)).planned["disk"]).toEqual({ hda: { ...disk(), image: UNKNOWN, format: UNKNOWN } });
  });

  it("reads an image's content once for all nodes and runs, and again only when its file changed", async () => {
    let read = 0;
    await open((ports) => ({
      ...ports,
      files: {
        ...ports.files,
        digest: (...of) => {
          read++;
          return ports.files.digest(...of);
        },
      },
    }));
    const image = rawImage(lab, "a.img");
    const node = await made({ hda: { image: "a.img" }, hdb: { image: "a.img" } });
    expect(read).toBe(1);
    await lab.reload();
    await lab.perform("prepare", node, { prior: node });
    await lab.plan(withDisks({ hda: { image: "a.img" } }), { prior: node });
    expect(read).toBe(1);
    utimesSync(image, 1, 1);
    for (let time = 0; time < 2; time++) {
      await lab.reload();
      expect(
        await lab.plan(withDisks({ hda: { image: "a.img" }, hdb: { image: "a.img" } }), { prior: node }),
      ).toMatchObject({
        diagnostics: [],
        demands: [],
        classes: {},
      });
      expect(read).toBe(2);
    }
  });

  it("takes a restart when the same image moved, and says so", async () => {
    await open();
    const image = rawImage(lab, "a.img");
    const prior = await made({ hda: { image: "a.img" } });
    renameSync(image, `${lab.directories.lab}/b.img`);
    const plan = await lab.plan(withDisks({ hda: { image: "b.img" } }), { prior });
    expect(plan.classes).toEqual({ "disk.hda.image": "restart" });
    expect(plan.demands).toEqual([
      {
        change: "restart",
        cause: {
          kind: "host",
          summary: `the image of disk hda is the same, moved: ${image} is now ${lab.directories.lab}/b.img`,
        },
      },
    ]);
  });

  it("asks for a replacement when the image's content changed, and for a restart where nothing is lost by it", async () => {
    await open();
    rawImage(lab, "a.img");
    const disks = { hda: { image: "a.img" }, r: { image: "a.img", interface: "virtio", readonly: true } };
    const prior = await made(disks);
    rawImage(lab, "a.img");
    const same = await lab.plan(withDisks(disks), { prior });
    expect(same.demands?.map(({ change }) => change)).toEqual(["replace", "restart"]);
    expect(same.demands?.[0]?.cause).toEqual({
      kind: "host",
      summary: `the content of image ${lab.directories.lab}/a.img changed, and disk hda was made of the old one`,
      evidence: ["same size, 1 MiB, another content"],
    });
    rawImage(lab, "a.img", 2 * MIB);
    expect((await lab.plan(withDisks(disks), { prior })).demands?.[0]?.cause.evidence).toEqual([
      "it had 1 MiB and has 2 MiB",
    ]);
  });

  it("leaves another image to the schema, and never guesses the format of one that the guest writes", async () => {
    await open();
    rawImage(lab, "a.img");
    rawImage(lab, "b.img");
    const prior = await made({ hda: { image: "a.img" }, own: { image: "b.img", linked_clone: false, format: "raw" } });
    qemuImg("create", "-q", "-f", "qcow2", `${lab.directories.lab}/b.img`, "1M");
    const plan = await lab.plan(withDisks({ hda: { image: "b.img" } }), { prior });
    expect([plan.classes, plan.demands]).toEqual([{}, []]);
    const linked = await lab.plan(withDisks({ own: { image: "b.img" } }), { prior });
    expect(linked.planned["disk"]).toMatchObject({ own: { format: "raw" } });
    const anew = await complaints({ own: { image: "b.img", linked_clone: false } });
    expect(anew).toMatch(/^Disk own needs its image's format\nWith linked_clone = false [^]+ format = "raw"/);
  });

  it("lets a disk grow at once, on nvme with a restart, and never shrink", async () => {
    await open();
    const prior = await made({ hda: { size: "2M" }, n: { size: "2M", interface: "nvme" } });
    const grown = await lab.plan(withDisks({ hda: { size: "4M" }, n: { size: "4M", interface: "nvme" } }), { prior });
    expect(grown.diagnostics).toEqual([]);
    expect(grown.classes).toEqual({ "disk.n.size": "restart" });
    const shrunk = await lab.plan(withDisks({ hda: { size: "1M" } }), { prior });
    expect(messages(shrunk.diagnostics)).toMatch(/Disk hda cannot shrink to 1 MiB\nIt has 2 MiB/);
  });

  it("warns of what is lost with a disk that goes or becomes readonly", async () => {
    await open();
    rawImage(lab, "a.img");
    const prior = await made({ hda: { image: "a.img", interface: "virtio" }, hdb: { size: "1M" } });
    const { diagnostics } = await lab.plan(
      withDisks({ hda: { image: "a.img", interface: "virtio", readonly: true } }),
      { prior },
    );
    expect(messages(diagnostics)).toMatch(
      /What the guest wrote to disk hda of node.r1 will be lost\nIt becomes readonly[^]*disk hdb of node.r1 will be lost\nIt is no longer in the lab files/,
    );
    expect(diagnostics.every((one) => one.severity === "warning")).toBe(true);
  });

  it("warns once when the new disks may need more room than is free", async () => {
    await open((ports) => ({ ...ports, files: { ...ports.files, freeBytes: async () => 3 * 1024 ** 3 } }));
    const plan = async (size: string, id: string) =>
      messages((await lab.plan(withDisks({ hda: { size } }), { id, address: id })).diagnostics);
    expect(await plan("20G", "a-00000000")).toBe("");
    expect(await plan("20G", "b-00000000")).toMatch(
      /^The disks to be made may need more room than is free\nUp to this node they may grow to 40 GiB, and 3 GiB are free in /,
    );
    expect(await plan("20G", "c-00000000")).toBe("");
  });

  it("makes nothing: no overlay, no digest", async () => {
    await open();
    rawImage(lab, "a.img");
    await lab.plan(withDisks({ hda: { image: "a.img" } }));
    expect(lab.runFiles()).toEqual([]);
    await expect(lab.ports.files.list(lab.directories.nodes)).resolves.toEqual([]);
  });
});
