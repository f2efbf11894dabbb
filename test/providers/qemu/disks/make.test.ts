import { chmodSync, existsSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import { withQmp } from "../../../../providers/qemu/node/qmp.ts";
import { notesOf } from "../../../../providers/qemu/notes.ts";
import type { Ports } from "../../../../src/core/ports.ts";
import type { OperationContext } from "../../../../src/core/provider.ts";
import type { Instance } from "../../../../src/core/state.ts";
import type { Attributes } from "../../../../src/core/values.ts";
import { failureOf, TestLab } from "../support.ts";
import { hasPattern, infoOf, MIB, overlayOf, qemuImg, rawImage, withDisks, writePattern } from "./support.ts";

let lab: TestLab;

async function open(change?: (ports: Ports) => Ports): Promise<void> {
  lab = await TestLab.open({}, change);
  await lab.keeper();
}

afterEach(() => lab.close());

type Disks = Parameters<typeof withDisks>[0];

/** One operation of a node towards these disks, as the applier asks for it. */
async function perform(
  operation: "stage" | "prepare" | "update" | "remove",
  node: Instance,
  disks: Disks,
  rest: Partial<OperationContext> = {},
): Promise<Instance> {
  const { attributes } = await lab.planned(withDisks(disks), { prior: node });
  const ports = { console: node.attributes["console"] ?? null, monitor: node.attributes["monitor"] ?? null };
  const wanted: Attributes = { ...attributes, ...ports };
  return await lab.perform(operation, node, { wanted, prior: node, ...rest });
}

async function made(disks: Disks): Promise<Instance> {
  return { ...(await lab.perform("prepare", await lab.planned(withDisks(disks)))), status: "ok" };
}

describe("preparing a node", () => {
  it("makes overlays with the image's format said, as large as asked for, and leaves the image alone", async () => {
    await open();
    const image = rawImage(lab, "a, b.img");
    const content = readFileSync(image);
    chmodSync(image, 0o400);
    const node = await made({
      hda: { image: "a, b.img" },
      hdb: { image: "a, b.img", size: "8M" },
      data: { size: "3" },
    });
    expect(infoOf(overlayOf(lab, node, "hda"))).toMatchObject({
      format: "qcow2",
      "virtual-size": MIB,
      "full-backing-filename": image,
      "backing-filename-format": "raw",
    });
    expect(infoOf(overlayOf(lab, node, "hdb"))).toMatchObject({ "virtual-size": 8 * MIB });
    expect(infoOf(overlayOf(lab, node, "data"))["virtual-size"]).toBe(3 * MIB);
    expect(infoOf(overlayOf(lab, node, "data"))["full-backing-filename"]).toBeUndefined();
    expect(readFileSync(image).equals(content)).toBe(true);
  });

  it("asks qemu-img once for overlays that are alike, and nothing a guest wrote is in the others", async () => {
    const asked: string[] = [];
    await open((ports) => ({
      ...ports,
      processes: {
        ...ports.processes,
        run: (command, args, options) => {
          if (args[0] === "create") asked.push(args.join(" "));
          return ports.processes.run(command, args, options);
        },
      },
    }));
    const image = rawImage(lab, "a.img");
    const first = await made({ hda: { image: "a.img" }, hdb: { image: "a.img" }, hdc: { image: "a.img", size: "8M" } });
    writePattern(overlayOf(lab, first, "hda"));
    const second = await lab.perform(
      "prepare",
      await lab.planned(withDisks({ hda: { image: "a.img" } }), { address: "node.r2", id: "r2-3f2a9c1d" }),
    );
    expect(asked).toHaveLength(2);
    expect(second.id).not.toBe(first.id);
    const fresh = `${lab.directories.lab}/fresh.qcow2`;
    qemuImg("create", "-q", "-f", "qcow2", "-F", "raw", "-b", image, fresh, String(MIB));
    for (const overlay of [overlayOf(lab, first, "hdb"), overlayOf(lab, second, "hda")]) {
      expect(readFileSync(overlay).equals(readFileSync(fresh))).toBe(true);
    }
  });

  it("again keeps what the guest wrote, and grows what is to be larger", async () => {
    await open();
    rawImage(lab, "a.img");
    const node = await made({ hda: { image: "a.img" } });
    writePattern(overlayOf(lab, node, "hda"));
    const again = await perform("prepare", node, { hda: { image: "a.img", size: "2M" } });
    expect(hasPattern(overlayOf(lab, node, "hda"))).toBe(true);
    expect(infoOf(overlayOf(lab, node, "hda"))["virtual-size"]).toBe(2 * MIB);
    expect(notesOf(again).disks?.["hda"]?.bytes).toBe(2 * MIB);
  });

  it("does not trust an overlay that an interrupted run left unrecorded", async () => {
    await open();
    rawImage(lab, "a.img");
    const planned = await lab.planned(withDisks({ hda: { image: "a.img" } }));
    await lab.ports.files.makeDirectory(`${lab.directories.nodes}/${planned.id}`);
    writeFileSync(overlayOf(lab, planned, "hda"), "half of an overlay");
    const node = await lab.perform("prepare", planned);
    expect(infoOf(overlayOf(lab, node, "hda"))["format"]).toBe("qcow2");
  });

  it("rebases the overlay when the image moved, and the guest's writes stay", async () => {
    await open();
    const image = rawImage(lab, "a.img");
    const node = await made({ hda: { image: "a.img" } });
    writePattern(overlayOf(lab, node, "hda"));
    const moved = `${lab.directories.lab}/moved.img`;
    renameSync(image, moved);
    const after = await perform("prepare", node, { hda: { image: "moved.img" } });
    expect(infoOf(overlayOf(lab, node, "hda"))).toMatchObject({
      "full-backing-filename": moved,
      "backing-filename-format": "raw",
    });
    expect(hasPattern(overlayOf(lab, node, "hda"))).toBe(true);
    expect((await lab.plan(withDisks({ hda: { image: "moved.img" } }), { prior: after })).demands).toEqual([]);
  });

  it("refuses an overlay whose image got another content since the plan, or that someone rebased", async () => {
    await open();
    rawImage(lab, "a.img");
    const other = rawImage(lab, "other.img");
    const node = await made({ hda: { image: "a.img" } });
    qemuImg("rebase", "-u", "-f", "qcow2", "-F", "raw", "-b", other, overlayOf(lab, node, "hda"));
    expect(await failureOf(perform("prepare", node, { hda: { image: "a.img" } }))).toMatch(
      /^The overlay of disk hda lies over another image than labform gave it\n\S+hda.qcow2 lies over \S+other.img, and was made over \S+a.img[^]*apply -replace='node.r1'/,
    );
    rawImage(lab, "a.img");
    expect(await failureOf(perform("prepare", node, { hda: { image: "a.img" } }))).toMatch(
      /^The content of the image of disk hda changed since the plan was made\n/,
    );
  });

  it("that is interrupted while an image is read says so, also where it is read to compare it", async () => {
    await open();
    const image = rawImage(lab, "a.img");
    const interrupted = { signal: AbortSignal.abort() };
    const planned = await lab.planned(withDisks({ hda: { image: "a.img" } }));
    const words = new RegExp(
      `^Reading image ${image} was interrupted\nIt is read whole, .+ The next run reads it again`,
    );
    expect(await failureOf(lab.perform("prepare", planned, interrupted))).toMatch(words);
    const node = await made({ hda: { image: "a.img" } });
    utimesSync(image, 1, 1);
    const again = lab.perform("prepare", node, { prior: node, ...interrupted });
    expect(await failureOf(again)).toMatch(words);
  });

  it("removes the overlay of a disk that is no longer wanted", async () => {
    await open();
    const node = await made({ hda: { size: "1M" }, hdb: { size: "1M" } });
    const after = await perform("prepare", node, { hda: { size: "1M" } });
    expect(existsSync(overlayOf(lab, node, "hdb"))).toBe(false);
    expect(Object.keys(notesOf(after).disks ?? {})).toEqual(["hda"]);
  });

  it("tells of a full disk with what is free, and leaves no half of an overlay", async () => {
    let full = true;
    await open((ports) => ({
      ...ports,
      files: { ...ports.files, freeBytes: async () => 512 },
      processes: {
        ...ports.processes,
        run: async (command, args, options) => {
          const result = await ports.processes.run(command, args, options);
          if (!full || args[0] !== "create") return result;
          return { ...result, exitCode: 1, stderr: "qemu-img: x.qcow2: No space left on device\n" };
        },
      },
    }));
    const planned = await lab.planned(withDisks({ hda: { size: "1M" } }));
    const path = overlayOf(lab, planned, "hda");
    const message = await failureOf(lab.perform("prepare", planned));
    expect(message).toContain(`${path} could not be made\nThe disk is full: 512 bytes are free in `);
    expect(message).toContain("It ended with exit code 1. It said: qemu-img: x.qcow2: No space left on device");
    expect(message).toMatch(/The command: \S+qemu-img create -q -f qcow2 \S+hda.qcow2 1048576$/);
    expect(existsSync(path)).toBe(false);
    full = false;
    await lab.perform("prepare", planned);
    expect(existsSync(path)).toBe(true);
  });
});

describe("a node that is made anew", () => {
  it("is staged beside the running one, and then has the new image and nothing of the old", async () => {
    await open();
    const image = rawImage(lab, "a.img");
    const running = await lab.running(withDisks({ hda: { image: "a.img" }, own: { size: "1M" } }));
    rawImage(lab, "a.img", 2 * MIB);
    const disks = { hda: { image: "a.img" } };
    const anew = { anew: true };
    await perform("stage", running, disks, anew);
    expect(lab.ports.processes.status(notesOf(running).process as never)).toBe("alive");
    const staged = `${lab.directories.nodes}/${running.id}/next/hda.qcow2`;
    const { ino } = await import("node:fs").then(({ statSync }) => statSync(staged));
    const stopped = await lab.perform("stop", running, anew);
    const removed = await lab.perform("remove", stopped, anew);
    expect(existsSync(overlayOf(lab, running, "hda"))).toBe(false);
    expect(existsSync(staged)).toBe(true);
    const node = await perform("prepare", removed, disks, anew);
    const { statSync } = await import("node:fs");
    expect(statSync(overlayOf(lab, node, "hda")).ino).toBe(ino);
    expect(infoOf(overlayOf(lab, node, "hda"))).toMatchObject({
      "full-backing-filename": image,
      "virtual-size": 2 * MIB,
    });
    expect(existsSync(overlayOf(lab, node, "own"))).toBe(false);
    expect(existsSync(`${lab.directories.nodes}/${running.id}/next`)).toBe(false);
  });

  it("costs nothing when what is to come cannot be made", async () => {
    await open();
    rawImage(lab, "a.img");
    const running = await lab.running(withDisks({ hda: { image: "a.img" } }));
    const { attributes } = await lab.planned(withDisks({ hda: { image: rawImage(lab, "b.img") } }));
    rmSync(`${lab.directories.lab}/b.img`);
    const context = { wanted: attributes, prior: running, anew: true };
    expect(await failureOf(lab.perform("stage", running, context))).toContain("b.img does not exist");
    expect((await lab.read(running))[0]?.condition).toBe("present");
    expect(existsSync(overlayOf(lab, running, "hda"))).toBe(true);
  });

  it("leaves nothing staged for a later start that is not one", async () => {
    await open();
    const node = await made({ hda: { size: "1M" } });
    await perform("stage", node, { hda: { size: "2M" } }, { anew: true });
    await perform("prepare", node, { hda: { size: "1M" } });
    expect(existsSync(`${lab.directories.nodes}/${node.id}/next`)).toBe(false);
    expect(infoOf(overlayOf(lab, node, "hda"))["virtual-size"]).toBe(MIB);
  });
});

describe("a node with disks", () => {
  it("starts with every interface, written to, read only and not linked, and grows them while it runs", async () => {
    await open();
    const image = rawImage(lab, "own.img");
    const disks = (size: string): Disks => ({
      hda: { image: rawImage(lab, "a.img") },
      v: { size, interface: "virtio" },
      s: { size, interface: "scsi" },
      t: { size, interface: "sata" },
      flash: { image: "a.img", interface: "nvme", readonly: true },
      own: { image: "own.img", interface: "virtio", linked_clone: false, format: "raw" },
    });
    const small = disks("1M");
    const running = await lab.running(withDisks(small));
    const grown = { ...small, v: { ...small["v"], size: "4M" }, own: { ...small["own"], size: "2M" } } as Disks;
    const after = await perform("update", running, grown);
    expect(infoOf(overlayOf(lab, running, "v"))["virtual-size"]).toBe(4 * MIB);
    expect(infoOf(overlayOf(lab, running, "s"))["virtual-size"]).toBe(MIB);
    expect(readFileSync(image).length).toBe(2 * MIB);
    expect(notesOf(after).disks).toMatchObject({ v: { bytes: 4 * MIB }, own: { kind: "image", bytes: 2 * MIB } });
    await lab.perform("stop", after);
    await lab.perform("remove", after);
    expect(existsSync(image)).toBe(true);
  });

  it("says which disk QEMU did not let grow, and why", async () => {
    await open();
    const running = await lab.running(withDisks({ n: { size: "1M", interface: "nvme" } }));
    const message = await failureOf(perform("update", running, { n: { size: "2M", interface: "nvme" } }));
    expect(message).toMatch(/^Disk n of node.r1 could not be grown from 1 MiB to 2 MiB\nQEMU \(pid \d+\): .+/);
  });

  it("is told to hang, and found broken, when QEMU does not answer to a disk's growth", async () => {
    await open();
    const running = await lab.running(withDisks({ v: { size: "1M", interface: "virtio" } }));
    // It serves one client at a time: to another it is silent.
    await withQmp(lab.ports, lab.directories.run, running.id, 5000, async () => {
      const message = await failureOf(perform("update", running, { v: { size: "2M", interface: "virtio" } }));
      expect(message).toMatch(/^Disk v of node.r1 could not be grown from 1 MiB to 2 MiB\nQEMU \(pid \d+\) hangs/);
      expect((await lab.read(running))[0]?.condition).toBe("broken");
    });
  });

  it("whose overlay is gone is broken, running or not, and says what is lost", async () => {
    await open();
    const running = await lab.running(withDisks({ hda: { size: "1M" } }));
    rmSync(overlayOf(lab, running, "hda"));
    const summary = `the overlay of disk hda is gone, with what the guest wrote: ${overlayOf(lab, running, "hda")}`;
    expect((await lab.read(running))[0]).toMatchObject({ condition: "broken", cause: { kind: "host", summary } });
    const stopped = await lab.perform("stop", running);
    expect((await lab.read(stopped))[0]).toMatchObject({ condition: "broken", cause: { kind: "host", summary } });
    const node = await perform("prepare", stopped, { hda: { size: "1M" } });
    expect(existsSync(overlayOf(lab, node, "hda"))).toBe(true);
  });

  it("shows an image that is sensitive neither in the record nor in qemu.log", async () => {
    await open();
    rawImage(lab, "secret.img");
    const planned = await lab.planned(withDisks({ hda: { image: "secret.img", linked_clone: false, format: "raw" } }));
    const prepared = await lab.perform("prepare", { ...planned, sensitive: [["disk", "hda", "image"]] });
    const running = await lab.perform("start", prepared);
    const log = readFileSync(`${lab.directories.nodes}/${running.id}/qemu.log`, "utf8");
    for (const text of [String(running.attributes["command_line"]), log]) {
      expect(text).toContain("filename=(sensitive value)");
      expect(text).not.toContain("secret.img");
    }
    const named = await withQmp(lab.ports, lab.directories.run, running.id, 2000, (qmp) =>
      qmp.execute("query-named-block-nodes"),
    );
    expect(JSON.stringify(named)).toContain("secret.img");
  });
});
