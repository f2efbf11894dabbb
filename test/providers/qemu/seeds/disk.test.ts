import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { fatDisk } from "../../../../providers/qemu/seeds/fat.ts";
import { hasErrors } from "../../../../src/core/diagnostics.ts";
import type { Json } from "../../../../src/core/values.ts";
import { UNKNOWN } from "../../../../src/core/values.ts";
import { messages, TestLab } from "../support.ts";

const CLOUD_INIT = { user_data: null, meta_data: null, network_config: null };
/** Where a config_disk's only partition begins. */
const PARTITION = 32 * 512;

let labs: TestLab[] = [];
const directories: string[] = [];

afterEach(async () => {
  for (const lab of labs) await lab.close();
  labs = [];
  for (const one of directories.splice(0)) rmSync(one, { recursive: true });
});

async function openLab(): Promise<TestLab> {
  const lab = await TestLab.open();
  labs.push(lab);
  return lab;
}

/** What mtools reads in an image. */
function listed(image: string, offset = 0): string {
  return execFileSync("mdir", ["-b", "-i", `${image}@@${offset}`, "::"], { encoding: "utf8" });
}

function contentOf(image: string, name: string, offset = 0): Buffer {
  return execFileSync("mcopy", ["-n", "-i", `${image}@@${offset}`, `::${name}`, "-"], { maxBuffer: 2 ** 24 });
}

function written(bytes: Uint8Array): string {
  const directory = mkdtempSync(join(tmpdir(), "labform-fat-"));
  directories.push(directory);
  writeFileSync(join(directory, "disk.img"), bytes);
  return join(directory, "disk.img");
}

async function prepared(config: { readonly [name: string]: Json }): Promise<(name: string) => string> {
  const lab = await openLab();
  await lab.keeper();
  const node = await lab.perform("prepare", await lab.planned(config));
  return (name) => join(lab.directories.nodes, node.id, `${name}.img`);
}

async function refused(config: { readonly [name: string]: unknown }): Promise<string> {
  const { diagnostics } = await (await openLab()).plan(config as never);
  expect(hasErrors(diagnostics)).toBe(true);
  return messages(diagnostics);
}

describe("a FAT disk of texts", () => {
  const names = ["a", "README.TXT", "user-data", "Startup Config of Router 1.cfg", ".hidden", "x.tar.gz", "A+B.cfg"];
  const many = Array.from({ length: 120 }, (_, at) => `startup-config-${at}.cfg`);
  const files = [...names, ...many].map((name, at) => ({ name, data: Buffer.from(name.repeat(at * 7)) }));

  it.each([0, PARTITION])("is read by mtools as it was written, at %d", (offset) => {
    const image = written(fatDisk("cidata", files, offset !== 0));
    expect(listed(image, offset).trim().split("\n")).toEqual(files.map(({ name }) => `::/${name}`));
    for (const { name, data } of files.filter((_, at) => at % 9 === 0 || at < names.length)) {
      expect(contentOf(image, name, offset).equals(data), name).toBe(true);
    }
  });

  it("has its label, and a table with one partition where appliances look for one", () => {
    const plain = execFileSync("mdir", ["-i", written(fatDisk("cidata", files, false)), "::"], { encoding: "utf8" });
    expect(plain).toContain("Volume in drive : is cidata");
    const table = Buffer.from(fatDisk("CONFIG", files, true)).subarray(446, 512);
    expect([table[4], table.readUInt32LE(8) * 512, table.readUInt16LE(64)]).toEqual([1, PARTITION, 0xaa55]);
  });

  it("is the same whenever it is made, and holds as much as a floppy disk", () => {
    expect(Buffer.from(fatDisk("cidata", files, false)).equals(fatDisk("cidata", files, false))).toBe(true);
    const data = Buffer.alloc(2800 * 1024, "x");
    const image = written(fatDisk("CONFIG", [{ name: "big", data }], true));
    expect(contentOf(image, "big", PARTITION).equals(data)).toBe(true);
  });
});

describe("cloud_init", () => {
  const metaOf = (image: string) => contentOf(image, "meta-data").toString();

  it("is a disk that cloud-init takes, for its owner's eyes only", async () => {
    const cloud_init = {
      user_data: "#cloud-config\n",
      meta_data: "local-hostname: r1\n",
      network_config: "version: 2\n",
    };
    const image = (await prepared({ cloud_init }))("cloud_init");
    expect(statSync(image).mode & 0o777).toBe(0o600);
    expect(listed(image).trim().split("\n")).toEqual(["::/user-data", "::/meta-data", "::/network-config"]);
    expect(contentOf(image, "user-data").toString()).toBe("#cloud-config\n");
    expect(contentOf(image, "network-config").toString()).toBe("version: 2\n");
    expect(metaOf(image)).toMatch(/^instance-id: labform-[0-9a-f]{16}\nlocal-hostname: r1\n$/);
  });

  it("gives other texts another instance-id, the same ones the same, and leaves the guest's own as it is", async () => {
    const idOf = async (given: object) =>
      metaOf((await prepared({ cloud_init: { ...CLOUD_INIT, ...given } }))("cloud_init"));
    const one = await idOf({ user_data: "one" });
    expect(await idOf({ user_data: "one" })).toBe(one);
    expect(await idOf({ user_data: "two" })).not.toBe(one);
    const json = JSON.parse(await idOf({ meta_data: '{"local-hostname":"r1"}' }));
    expect(json).toEqual({ "instance-id": expect.stringMatching(/^labform-/), "local-hostname": "r1" });
    expect(await idOf({ meta_data: "---\na: b\n" })).toMatch(/^---\ninstance-id: labform-.*\na: b\n$/);
    for (const own of ['{"instance-id": "mine"}', '"instance-id": mine\n'])
      expect(await idOf({ meta_data: own })).toBe(own);
  });

  it("is refused when empty, too large, or not to be given an instance-id", async () => {
    expect(await refused({ cloud_init: CLOUD_INIT })).toContain("cloud_init has nothing in it");
    const large = await refused({ cloud_init: { ...CLOUD_INIT, user_data: "x".repeat(3_000_000) } });
    expect(large).toContain("cloud_init takes 3.0 MB, which is too much");
    expect(large).toContain("the largest file is user-data with 3.0 MB");
    const odd = await refused({ cloud_init: { ...CLOUD_INIT, meta_data: "{a: secret}" } });
    expect(odd).toContain("neither a JSON object nor YAML by lines");
    expect(odd).not.toContain("secret");
  });
});

describe("config_disk", () => {
  it("has its files in one partition, and goes when it is no longer wanted", async () => {
    const lab = await openLab();
    await lab.keeper();
    const config_disk = { files: { "ios_config.txt": "hostname r1\n", "b.cfg": "" } };
    const image = join(lab.directories.nodes, "r1-3f2a9c1d", "config_disk.img");
    const prior = await lab.perform("prepare", await lab.planned({ config_disk }));
    expect(listed(image, PARTITION).trim().split("\n")).toEqual(["::/b.cfg", "::/ios_config.txt"]);
    expect(contentOf(image, "ios_config.txt", PARTITION).toString()).toBe("hostname r1\n");
    const { attributes } = await lab.planned({}, { prior });
    await lab.perform("prepare", { ...prior, attributes }, { wanted: attributes });
    expect(() => statSync(image)).toThrow("ENOENT");
  });

  it.each([
    ["a/b", "there are no directories on the disk"],
    ["ümlaut", "only ASCII characters"],
    ["a?", "FAT has no ? in names"],
    ["end.", "FAT drops dots and spaces"],
    ["", "it is empty"],
  ])("refuses a file named %j", async (name, why) => {
    expect(await refused({ config_disk: { files: { [name]: "" } } })).toContain(why);
  });

  it("refuses names that FAT takes for one, none at all, and too much; what is not known yet is not judged", async () => {
    expect(await refused({ config_disk: { files: { "a.txt": "", "A.TXT": "" } } })).toContain('has "A.TXT" twice');
    expect(await refused({ config_disk: { files: {} } })).toContain("config_disk has no files");
    const long = await refused({ config_disk: { files: { ["x".repeat(256)]: "" } } });
    expect(long).toContain("it has 256 characters, and 255 are allowed");
    const files = Object.fromEntries(Array.from({ length: 2801 }, (_, at) => [`f${at}`, ""]));
    expect(await refused({ config_disk: { files } })).toContain("config_disk takes 2.9 MB");
    const { diagnostics } = await (await openLab()).plan({ config_disk: { files: { a: UNKNOWN } } } as never);
    expect(hasErrors(diagnostics)).toBe(false);
  });
});

describe("the disks of texts inside QEMU", () => {
  it.each(["pc", "q35"])("are read-only virtio disks behind all others on %s", async (machine) => {
    const lab = await openLab();
    const cloud_init = { ...CLOUD_INIT, user_data: "x" };
    const node = await lab.running({ machine, ram: 32, cloud_init, config_disk: { files: { a: "b" } } });
    const blocks = await lab.provider.askMonitor?.(node, "info block");
    expect(blocks).toMatch(/seed-cloud_init: .*cloud_init\.img \(raw, read-only\)/);
    expect(blocks).toMatch(/seed-config_disk: .*config_disk\.img \(raw, read-only\)/);
    const pci = String(await lab.provider.askMonitor?.(node, "info pci"));
    const last = pci.split(/^ {2}Bus/m).filter((one) => one.includes("1af4:1001"));
    expect(last.map((one) => /device +(\d+)/.exec(one)?.[1])).toEqual(["31", "31"]);
    expect(readFileSync(join(lab.directories.nodes, node.id, "qemu.log"), "utf8")).not.toMatch(/^qemu-system/m);
  });
});
