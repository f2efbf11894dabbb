import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { PlanAnswer } from "../../../../src/core/provider.ts";
import type { Json } from "../../../../src/core/values.ts";
import { UNKNOWN } from "../../../../src/core/values.ts";
import { failureOf, messages, TestLab } from "../support.ts";
import { rawImage, withDisks } from "./support.ts";

let cache: string;
let lab: TestLab;
/** What was read of images, by algorithm. */
let read: string[];

beforeEach(async () => {
  cache = mkdtempSync(join(tmpdir(), "labform-cache-"));
  lab = await open();
});

afterEach(async () => {
  await lab.close();
  rmSync(cache, { recursive: true });
});

/** With a cache that no other test writes to. */
async function open(): Promise<TestLab> {
  read = [];
  return await TestLab.open({}, (ports) => ({
    ...ports,
    host: { ...ports.host, environment: { ...ports.host.environment, XDG_CACHE_HOME: cache } },
    files: {
      ...ports.files,
      digest: (path, algorithm, signal) => {
        read.push(algorithm);
        return ports.files.digest(path, algorithm, signal);
      },
    },
  }));
}

function digestOf(path: string, algorithm: "sha256" | "md5"): string {
  return createHash(algorithm).update(readFileSync(path)).digest("hex");
}

async function planned(disks: { readonly [label: string]: { readonly [name: string]: Json } }): Promise<PlanAnswer> {
  return await lab.plan(withDisks(disks));
}

async function complaints(disk: { readonly [name: string]: Json }): Promise<string> {
  return messages((await planned({ hda: disk })).diagnostics);
}

const OTHER = { sha256: "0".repeat(64), md5: "f".repeat(32) };

describe("what an image must be", () => {
  it("is held against the image, and an error has both digests", async () => {
    const path = rawImage(lab, "a.img");
    for (const name of ["sha256", "md5"] as const) {
      const real = digestOf(path, name);
      expect(await complaints({ image: "a.img", [name]: real.toUpperCase() })).toBe("");
      const message = await complaints({ image: "a.img", [name]: OTHER[name] });
      expect(message).toMatch(new RegExp(`^Image of disk hda ${path} is not the one that its ${name} names\n`));
      expect(message).toContain(`is ${real}, and the disk block says ${OTHER[name]}. Put the image there`);
    }
  });

  it("is held again at apply: the image may be another by then", async () => {
    const path = rawImage(lab, "a.img");
    await lab.keeper();
    const sha256 = digestOf(path, "sha256");
    const node = await lab.planned(withDisks({ hda: { image: "a.img", sha256 } }));
    rawImage(lab, "a.img");
    expect(await failureOf(lab.perform("prepare", node))).toMatch(/is not the one that its sha256 names/);
  });

  it.each([
    ["no digest", { image: "a.img", sha256: "12" }, /^sha256 of disk hda is "12"\nIt must be 64 hexadecimal digits/],
    ["no image", { size: "1M", md5: OTHER.md5 }, /^Disk hda has md5, but no image/],
    [
      "an image that is written to",
      { image: "a.img", format: "raw", linked_clone: false, sha256: OTHER.sha256 },
      /^Disk hda has sha256 and linked_clone = false\nThe guest writes to the image itself/,
    ],
  ])("cannot be said: %s", async (_what, disk, expected) => {
    rawImage(lab, "a.img");
    expect(await complaints(disk)).toMatch(expected);
  });
});

describe("an image", () => {
  it("is read only where a digest is named, once for all plans and labs, and again when its file changed", async () => {
    const path = rawImage(lab, "a.img");
    await planned({ hda: { image: "a.img" } });
    expect(read).toEqual([]);
    const named = { hda: { image: path, sha256: digestOf(path, "sha256") }, hdb: { image: path } };
    for (let time = 0; time < 2; time++) {
      expect(messages((await planned(named)).diagnostics)).toBe("");
      await lab.reload();
    }
    expect(read).toEqual(["sha256"]);
    const other = await TestLab.open({}, () => lab.ports);
    try {
      expect(messages((await other.plan(withDisks(named))).diagnostics)).toBe("");
      expect(read).toEqual(["sha256"]);
    } finally {
      await other.close();
    }
    await planned({ hda: { image: path, md5: digestOf(path, "md5") } });
    expect(read).toEqual(["sha256", "md5"]);
    utimesSync(path, 1, 1);
    await planned(named);
    expect(read).toEqual(["sha256", "md5", "sha256"]);
  });

  it("has its digests shown, known at plan where it was read before", async () => {
    const path = rawImage(lab, "a.img");
    const [sha256, md5] = [digestOf(path, "sha256"), digestOf(path, "md5")];
    const disks = { hda: { image: "a.img" }, hdb: { image: "a.img", md5 }, own: { size: "1M" } };
    const before = await planned({ hda: { image: "a.img" }, own: { size: "1M" } });
    expect(before.planned["digests"]).toEqual({ hda: { sha256: UNKNOWN, md5: null } });
    await lab.keeper();
    const node = await lab.perform("prepare", await lab.planned(withDisks(disks)));
    const digests = { hda: { sha256, md5: null }, hdb: { sha256, md5 } };
    expect(node.attributes["digests"]).toEqual(digests);
    await lab.reload();
    expect((await lab.plan(withDisks(disks), { prior: node })).planned["digests"]).toEqual(digests);
    const offline = await lab.plan(withDisks(disks), { prior: node, offline: true });
    expect(offline.planned["digests"]).toEqual(digests);
    expect((await planned({ own: { size: "1M" } })).planned["digests"]).toBeNull();
    expect(read).toEqual(["sha256", "md5"]);
  });

  it("is read again where what was kept of it is odd, and what is kept of images that are gone goes", async () => {
    const path = rawImage(lab, "a.img");
    const disk = { hda: { image: "a.img", sha256: digestOf(path, "sha256") } };
    await planned(disk);
    const directory = `${cache}/labform/qemu/images`;
    const [name] = readdirSync(directory);
    writeFileSync(`${directory}/${name}`, '{"stamp":"');
    for (let at = 0; at < 200; at++) {
      const gone = `${directory}/${at.toString(16).padStart(16, "0")}.json`;
      writeFileSync(gone, '{"path":"/nonexistent/image"}');
    }
    await lab.reload();
    expect(messages((await planned(disk)).diagnostics)).toBe("");
    expect(read).toEqual(["sha256", "sha256"]);
    expect(readdirSync(directory)).toEqual([name]);
    expect(existsSync(path)).toBe(true);
  });
});
