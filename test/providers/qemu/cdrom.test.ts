import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import { withQmp } from "../../../providers/qemu/node/qmp.ts";
import type { OperationContext, PlanRequest } from "../../../src/core/provider.ts";
import type { Instance } from "../../../src/core/state.ts";
import type { Json, PlannedAttributes } from "../../../src/core/values.ts";
import { bootableCd, bootableDisk, LOCK_TRAY } from "../../support/bootable.ts";
import { disk, rawImage } from "./disks/support.ts";
import { failureOf, messages, TestLab } from "./support.ts";

let lab: TestLab;

afterEach(() => lab.close());

const SMALL = { ram: 16, adapters: 0 };

async function open(): Promise<void> {
  lab = await TestLab.open();
  for (const name of ["a", "b"]) writeFileSync(pathOf(name), bootableCd(`from CD ${name}`));
}

function pathOf(name: string): string {
  return `${lab.directories.lab}/${name}.iso`;
}

async function ask(node: Instance, command: string, args: { readonly [name: string]: Json } = {}): Promise<Json> {
  return await withQmp(lab.ports, lab.directories.run, node.id, 5000, (qmp) => qmp.execute(command, args));
}

/** What is in the drive; undefined where there is no drive. */
async function inDrive(node: Instance): Promise<string | null | undefined> {
  const drives = (await ask(node, "query-block")) as readonly {
    readonly qdev?: string;
    readonly tray_open?: boolean;
    readonly inserted?: { readonly file: string };
  }[];
  const drive = drives.find(({ qdev }) => qdev === "cdrom");
  expect(drive?.tray_open ?? false, "the tray is open").toBe(false);
  return drive && (drive.inserted?.file ?? null);
}

/** One live change, as an apply makes it: what is wanted is in the intent already, what was before only in `prior`. */
async function insert(
  node: Instance,
  image: string | null,
  more: Partial<OperationContext> = {},
  arguments_: { readonly [name: string]: Json } = {},
): Promise<Instance> {
  const wanted = { ...node.attributes, ...arguments_, cdrom_image: image };
  const context = { wanted, prior: node, services: new Map(), ...more };
  return { ...(await lab.perform("update", { ...node, attributes: wanted }, context)), status: "ok" };
}

async function complaints(config: PlannedAttributes, rest: Partial<PlanRequest> = {}): Promise<string> {
  return messages((await lab.plan({ ...SMALL, ...config }, rest)).diagnostics);
}

async function untilSaid(node: Instance, word: string): Promise<void> {
  const log = `${lab.directories.nodes}/${node.id}/console.log`;
  const said = () => (existsSync(log) ? readFileSync(log, "utf8") : "");
  await expect.poll(said, { timeout: 60_000, interval: 100 }).toContain(word);
}

describe("the CD of a running node", () => {
  it.each(["pc", "q35"])(
    "is put in, changed and taken out on %s, and QEMU keeps none of the old open",
    async (machine) => {
      await open();
      const running = await lab.running({ ...SMALL, machine });
      const { pid } = running.attributes;
      expect(await inDrive(running)).toBeNull();
      let node = running;
      for (const image of [pathOf("a"), pathOf("b"), null, null, pathOf("a")]) {
        node = await insert(node, image);
        expect(await inDrive(node)).toBe(image);
        expect(node.attributes).toMatchObject({ pid, cdrom_image: image });
      }
      expect(JSON.stringify(await ask(node, "query-named-block-nodes"))).not.toContain("b.iso");
    },
  );

  it("is the one it starts with, which QEMU lets go of when another comes", async () => {
    await open();
    const running = await lab.running({ ...SMALL, cdrom_image: "a.iso" });
    expect(running.attributes["cdrom_image"]).toBe(pathOf("a"));
    expect(await inDrive(running)).toBe(pathOf("a"));
    await insert(running, pathOf("b"));
    expect(JSON.stringify(await ask(running, "query-named-block-nodes"))).not.toContain("a.iso");
  });

  it("stays as it is when the other cannot be opened, and QEMU's words say why, without a path that is sensitive", async () => {
    await open();
    const running = await lab.running({ ...SMALL, cdrom_image: "a.iso" });
    expect(await failureOf(insert(running, pathOf("none")))).toMatch(
      /^The CD of node.r1 could not be changed\nQEMU \(pid \d+\): .*Could not open '\S+none.iso': No such file or directory/,
    );
    expect(await inDrive(running)).toBe(pathOf("a"));
    const hidden = await failureOf(insert({ ...running, sensitive: [["cdrom_image"]] }, pathOf("none")));
    expect(hidden).toContain("Could not open '(sensitive value)'");
    expect(hidden).not.toContain("none.iso");
  });

  it("is read from QEMU where an update was cut off, and not asked for otherwise", async () => {
    await open();
    const running = await lab.running(SMALL);
    await insert(running, pathOf("a"));
    const pending = { operation: "update", token: "", since: "" } as const;
    const [cut] = await lab.read({ ...running, pending });
    expect(cut).toMatchObject({ condition: "present", instance: { attributes: { cdrom_image: pathOf("a") } } });
    const [plain] = await lab.read(running);
    expect(plain?.instance.attributes["cdrom_image"]).toBeNull();
  });

  it("boots the guest, before a disk that holds a system too, and the one that comes in its place does after a reset", async () => {
    await open();
    writeFileSync(`${lab.directories.lab}/disk.img`, bootableDisk("from the disk"));
    const running = await lab.running({
      ...SMALL,
      cdrom_image: "a.iso",
      boot_priority: "dc",
      disk: { hda: disk({ image: "disk.img" }) },
    });
    await untilSaid(running, "from CD a");
    const changed = await insert(running, pathOf("b"));
    const reset = await lab.perform("reload", changed);
    await untilSaid(reset, "from CD b");
    expect(reset.attributes["pid"]).toBe(running.attributes["pid"]);
    const empty = await insert(reset, null);
    await lab.perform("reload", empty);
    await untilSaid(empty, "from the disk");
  });
});

describe("a guest that holds the tray", () => {
  it("is given stop_timeout_s, then the tray is forced open, and that is told", async () => {
    await open();
    writeFileSync(`${lab.directories.lab}/disk.img`, bootableDisk("tray locked", LOCK_TRAY));
    const running = await lab.running({
      ...SMALL,
      cdrom_image: "a.iso",
      stop_timeout_s: 1,
      disk: { hda: disk({ image: "disk.img" }) },
    });
    await untilSaid(running, "tray locked");
    const waited: string[] = [];
    const told: string[] = [];
    const listening = {
      tell: (line: string) => void told.push(line),
      waiting: (what: string) => void waited.push(what),
    };
    const stopped = new AbortController();
    const interrupting = { waiting: () => stopped.abort(), signal: stopped.signal };
    expect(await failureOf(insert(running, pathOf("b"), interrupting))).toMatch(
      /^Waiting for the guest of node.r1 to let go of its CD was interrupted/,
    );
    expect(await inDrive(running)).toBe(pathOf("a"));
    const node = await insert(running, pathOf("b"), listening);
    expect(await inDrive(node)).toBe(pathOf("b"));
    expect(waited).toContain("the guest to let go of its CD");
    expect(told).toEqual(["the tray of the CD drive is forced open: the guest still held it after 1 s"]);
  });

  it("is warned of by the plan, where there is a CD to be taken from it", async () => {
    await open();
    const prior = await lab.running({ ...SMALL, cdrom_image: "a.iso" });
    const changed = await lab.plan({ ...SMALL, cdrom_image: "b.iso" }, { prior });
    expect(changed.classes).toEqual({});
    expect(messages(changed.diagnostics)).toMatch(
      /^The CD of node.r1 may be taken from its guest\n.+ still holds it after 30 s \(stop_timeout_s\).+ forced open/,
    );
    expect(await complaints({ cdrom_image: "a.iso" }, { prior })).toBe("");
    const empty = { ...prior, attributes: { ...prior.attributes, cdrom_image: null } };
    expect(await complaints({ cdrom_image: "a.iso" }, { prior: empty })).toBe("");
  });
});

describe("a CD that cannot be", () => {
  it("is refused with its role and path", async () => {
    await open();
    expect(await complaints({ cdrom_image: "none.iso" })).toMatch(/^CD image \S+\/none.iso does not exist\n/);
  });

  it("is searched in the lab's directory, then in the image directory", async () => {
    await open();
    lab.settings = { ...lab.settings, image_directory: lab.directories.nodes };
    writeFileSync(`${lab.directories.nodes}/far.iso`, bootableCd("far"));
    const { planned } = await lab.plan({ ...SMALL, cdrom_image: "far.iso" });
    expect(planned["cdrom_image"]).toBe(`${lab.directories.nodes}/far.iso`);
  });

  it("is refused where a disk has the drive's place, by name; without a CD the disk simply has it", async () => {
    await open();
    const hdc = { disk: { hdc: disk({ size: "1M" }) } };
    expect(await complaints({ ...hdc, cdrom_image: "a.iso" })).toMatch(
      /^cdrom_image and disk hdc have the same place\n.+master of the second IDE bus.+another label or interface/,
    );
    expect(await complaints({ machine: "q35", ...hdc, cdrom_image: "a.iso" })).toMatch(/the third SATA port/);
    const elsewhere = { disk: { hdc: disk({ size: "1M", interface: "virtio" }) } };
    expect(await complaints({ ...elsewhere, cdrom_image: "a.iso" })).toBe("");
    const named = ["p", "q", "r", "s"].map((label) => [label, disk({ size: "1M" })] as const);
    expect(await complaints({ disk: Object.fromEntries(named.slice(0, 3)), cdrom_image: "a.iso" })).toBe("");
    expect(await complaints({ disk: Object.fromEntries(named), cdrom_image: "a.iso" })).toMatch(
      /^cdrom_image and disk s have the same place/,
    );
    expect(await inDrive(await lab.running({ ...SMALL, ...hdc }))).toBeUndefined();
  });

  it("takes a restart where there is no drive yet", async () => {
    await open();
    const arm = { platform: "aarch64", machine: "virt", qemu_binary: "qemu-system-aarch64", cpu_model: "cortex-a57" };
    const prior = await lab.planned({ ...SMALL, ...arm });
    const first = await lab.plan({ ...SMALL, ...arm, cdrom_image: "a.iso" }, { prior });
    expect(first.classes).toEqual({ cdrom_image: "restart" });
    const second = { ...prior, attributes: { ...prior.attributes, cdrom_image: pathOf("b") } };
    expect((await lab.plan({ ...SMALL, ...arm, cdrom_image: "a.iso" }, { prior: second })).classes).toEqual({});
    const running = await lab.running({ ...SMALL, ...arm, cdrom_image: "a.iso" });
    expect(await inDrive(await insert(running, pathOf("b")))).toBe(pathOf("b"));
  });

  it("is refused while a guest writes to it, by name; and so is a kernel", async () => {
    await open();
    rawImage(lab, "own.img");
    const own = { disk: { hda: disk({ image: "own.img", linked_clone: false, format: "raw" }) } };
    expect(await complaints(own)).toBe("");
    const other = { address: "node.r2", id: "r2-00000000" };
    for (const [name, role] of [["cdrom_image", "CD image"] as const, ["kernel_image", "kernel image"] as const]) {
      expect(await complaints({ [name]: "own.img" }, other)).toMatch(
        /^Image \S+\/own.img is also that of disk hda of node.r1\nDisk hda of node.r1 has linked_clone = false/,
      );
      expect(await complaints(own)).toContain(`own.img is also the ${role} of node.r2`);
      expect(await complaints({}, other)).toBe("");
      await lab.reload();
      await complaints(own);
    }
  });
});
