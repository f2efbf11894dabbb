import { afterEach, describe, expect, it } from "vitest";
import { withQmp } from "../../../../providers/qemu/node/qmp.ts";
import type { Json } from "../../../../src/core/values.ts";
import { messages, TestLab } from "../support.ts";
import { MIB, qemuImg, rawImage, withDisks } from "./support.ts";

let lab: TestLab;

afterEach(() => lab.close());

type Disks = { readonly [label: string]: { readonly [name: string]: Json } };

/** Empty disks, so many on each interface. */
function disksOn(counts: { readonly [one: string]: number }): Disks {
  const disks = Object.entries(counts).flatMap(([one, count]) =>
    Array.from({ length: count }, (_, at) => [
      `${one}-${String(at).padStart(3, "0")}`,
      { interface: one, size: one === "floppy" ? "1440K" : "1M" },
    ]),
  );
  return Object.fromEntries(disks);
}

async function complaints(disks: Disks, rest: { readonly [name: string]: Json } = {}): Promise<string> {
  const { diagnostics } = await lab.plan({ ...withDisks(disks), ...rest });
  return messages(diagnostics.filter((one) => one.severity === "error"));
}

/** What QEMU has, by the id or path of the device; null for what is attached to none. */
async function attached(id: string): Promise<readonly { readonly qdev?: string; readonly inserted?: Json }[]> {
  const drives = await withQmp(lab.ports, lab.directories.run, id, 5000, (qmp) => qmp.execute("query-block"));
  return drives as readonly { readonly qdev?: string; readonly inserted?: Json }[];
}

/** As many as each takes: on `ide` of pc the CD drive's place too. */
const MOST = { sata: 6, virtio: 8, nvme: 8, usb: 15, sd: 4, floppy: 2 };

describe("as many disks as each bus takes", () => {
  it.each([
    ["pc", { ...MOST, ide: 4, scsi: 256, none: 3 }],
    ["q35", { virtio: 8, nvme: 8, usb: 15, sd: 4, floppy: 2, ide: 4, sata: 2, scsi: 7, none: 1 }],
  ])("run on %s at once", async (machine, counts) => {
    lab = await TestLab.open();
    const disks = disksOn(counts);
    const running = await lab.running({ ...withDisks(disks), machine });
    const found = (await attached(running.id)).filter(({ inserted }) => inserted);
    // A disk with interface none is there, and attached to nothing.
    expect(found).toHaveLength(Object.keys(disks).length - counts.none);
    const nodes = await withQmp(lab.ports, lab.directories.run, running.id, 5000, (qmp) =>
      qmp.execute("query-named-block-nodes", { flat: true }),
    );
    expect(JSON.stringify(nodes)).toContain('"disk-none-000"');
  });

  it.each(Object.entries({ ...MOST, ide: 4, scsi: 256 }))("are no more on %s than %i", async (one, most) => {
    lab = await TestLab.open();
    const labels = Object.keys(disksOn({ [one]: most + 1 }));
    expect(await complaints(disksOn({ [one]: most }))).toBe("");
    expect(await complaints(disksOn({ [one]: most + 1 }))).toMatch(
      new RegExp(`^There is no place for disk ${labels.at(-1)} on ${one}\nAt most ${most} disks fit there; .`),
    );
  });

  it("are none where the board has no such bus", async () => {
    lab = await TestLab.open();
    const arm = { platform: "aarch64", machine: "virt", qemu_binary: "/usr/bin/qemu-system-x86_64" };
    expect(await complaints(disksOn({ floppy: 1 }), arm)).toContain(
      "Machine virt has no floppy bus for disk floppy-000",
    );
  });
});

describe("a disk that its interface cannot take", () => {
  it.each(["ide", "sata", "sd"])("is refused: readonly on %s", async (one) => {
    lab = await TestLab.open();
    rawImage(lab, "a.img");
    expect(await complaints({ hda: { image: "a.img", interface: one, readonly: true } })).toMatch(
      new RegExp(
        `^Disk hda cannot be readonly on ${one}\nQEMU's IDE and SATA disks and SD cards have no write protection`,
      ),
    );
  });

  it("is refused: a card whose size is no power of two, with one that is, and a floppy that is too large", async () => {
    lab = await TestLab.open();
    rawImage(lab, "a.img", 3 * MIB);
    expect(await complaints({ card: { image: "a.img", interface: "sd" } })).toMatch(
      /^Disk card has 3 MiB, which no SD card has\n.+ Set size = "4M"/,
    );
    expect(await complaints({ card: { image: "a.img", interface: "sd", size: "4M" } })).toBe("");
    expect(await complaints({ fda: { size: "4M", interface: "floppy" } })).toMatch(
      /^Disk fda has 4 MiB, too much for a floppy\n.+ size = "1440K"/,
    );
  });

  it("is not refused: readonly on every other, and QEMU takes them so", async () => {
    lab = await TestLab.open();
    qemuImg("create", "-q", "-f", "raw", `${lab.directories.lab}/floppy.img`, "1440K");
    const one = (name: string) => ({ image: "floppy.img", interface: name, readonly: true });
    const names = ["virtio", "scsi", "nvme", "usb", "floppy", "none"];
    const running = await lab.running(withDisks(Object.fromEntries(names.map((name) => [`r-${name}`, one(name)]))));
    const protectedOnes = (await attached(running.id)).filter(
      ({ inserted }) => (inserted as { readonly ro?: boolean } | undefined)?.ro,
    );
    expect(protectedOnes).toHaveLength(names.length - 1);
  });

  it("grows at once on usb, and with a restart where QEMU or the guest does not see it", async () => {
    lab = await TestLab.open();
    await lab.keeper();
    const sized = (card: string, floppy: string, stick: string) =>
      withDisks({
        card: { size: card, interface: "sd" },
        fda: { size: floppy, interface: "floppy" },
        stick: { size: stick, interface: "usb" },
      });
    const prior = await lab.perform("prepare", await lab.planned(sized("1M", "720K", "1M")));
    const plan = await lab.plan(sized("2M", "1440K", "2M"), { prior });
    expect(plan.classes).toEqual({ "disk.card.size": "restart", "disk.fda.size": "restart" });
  });
});
