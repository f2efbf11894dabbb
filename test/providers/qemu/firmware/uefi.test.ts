import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { findUefi } from "../../../../providers/qemu/firmware/uefi.ts";
import { hasErrors } from "../../../../src/core/diagnostics.ts";
import type { Files, Ports } from "../../../../src/core/ports.ts";
import { UNKNOWN } from "../../../../src/core/values.ts";
import { messages, TestLab } from "../support.ts";

let labs: TestLab[] = [];

afterEach(async () => {
  for (const lab of labs) await lab.close();
  labs = [];
});

async function openLab(change?: (ports: Ports) => Ports): Promise<TestLab> {
  const lab = await TestLab.open({}, change);
  labs.push(lab);
  return lab;
}

/** A host on which these files are there and nothing else. */
function hostWith(files: { readonly [path: string]: string }): Pick<Files, "list" | "readText" | "access"> {
  const refuse = () => Promise.reject(Object.assign(new Error("nothing is there"), { code: "ENOENT" }));
  return {
    list: async (directory) => {
      const names = Object.keys(files).filter((path) => path.startsWith(`${directory}/`));
      return names.length > 0 ? names.map((path) => path.slice(directory.length + 1)) : refuse();
    },
    readText: async (path) => files[path] ?? refuse(),
    access: async (path) => (path in files ? undefined : refuse()),
  };
}

function described(code: string, change: object = {}, machines = ["pc-i440fx-*", "pc-q35-*"]): string {
  const file = (name: string) => ({ filename: `/fw/${name}`, format: name.endsWith(".qcow2") ? "qcow2" : "raw" });
  return JSON.stringify({
    "interface-types": ["uefi"],
    mapping: { device: "flash", executable: file(code), "nvram-template": file("vars") },
    targets: [{ architecture: "x86_64", machines }],
    features: ["acpi-s3"],
    ...change,
  });
}

const FLASH = { "/fw/code": "", "/fw/other": "", "/fw/vars": "", "/fw/code.qcow2": "" };
const find = (files: object, platform = "x86_64", machine: string | null = "pc") =>
  findUefi(hostWith({ ...FLASH, ...files }) as Files, platform, machine);

describe("the UEFI firmware of a board", () => {
  it("is the first that a package describes for it", async () => {
    const files = {
      "/usr/share/qemu/firmware/60-b.json": described("other"),
      "/usr/share/qemu/firmware/50-a.json": described("code"),
      "/usr/share/qemu/firmware/40-broken.json": "{",
    };
    expect(await find(files)).toEqual({ code: "/fw/code", template: "/fw/vars" });
    expect(await find(files, "x86_64", null)).toEqual({ code: "/fw/code", template: "/fw/vars" });
    expect(await find(files, "x86_64", "pc-q35-7.2")).toEqual({ code: "/fw/code", template: "/fw/vars" });
    expect(await find(files, "x86_64", "microvm")).toBeUndefined();
    expect(await find(files, "i386")).toBeUndefined();
  });

  it("is one without Secure Boot, that is there, in the format it is described with", async () => {
    const unwanted = [
      described("other", { features: ["requires-smm", "secure-boot"] }),
      described("other", { "interface-types": ["bios"] }),
      described("other", { mapping: { device: "memory", filename: "/fw/other" } }),
      described("other", { mapping: { ...JSON.parse(described("other")).mapping, mode: "stateless" } }),
      described("missing"),
      described("other", {
        mapping: { ...JSON.parse(described("other")).mapping, executable: { filename: "/fw/other", format: "qcow2" } },
      }),
    ];
    const files = Object.fromEntries(unwanted.map((text, at) => [`/usr/share/qemu/firmware/${at}.json`, text]));
    expect(await find(files)).toBeUndefined();
    const good = { ...files, "/usr/share/qemu/firmware/90.json": described("code.qcow2") };
    expect(await find(good)).toEqual({ code: "/fw/code.qcow2", template: "/fw/vars" });
  });

  it("is the administrator's where /etc describes one of the same name", async () => {
    const files = {
      "/usr/share/qemu/firmware/50-a.json": described("code"),
      "/etc/qemu/firmware/50-a.json": described("other"),
    };
    expect((await find(files))?.code).toBe("/fw/other");
  });

  it("is at a usual place where nothing is described", async () => {
    const at = (...paths: string[]) => Object.fromEntries(paths.map((path) => [path, ""]));
    const old = at("/usr/share/OVMF/OVMF_CODE.fd", "/usr/share/OVMF/OVMF_VARS.fd");
    expect((await find(old))?.code).toBe("/usr/share/OVMF/OVMF_CODE.fd");
    const both = { ...old, ...at("/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/share/OVMF/OVMF_VARS_4M.fd") };
    expect((await find(both))?.template).toBe("/usr/share/OVMF/OVMF_VARS_4M.fd");
    const arm = at("/usr/share/AAVMF/AAVMF_CODE.fd", "/usr/share/AAVMF/AAVMF_VARS.fd");
    expect((await find(arm, "aarch64", "virt"))?.code).toBe("/usr/share/AAVMF/AAVMF_CODE.fd");
    expect(await find(arm, "aarch64", "raspi3b")).toBeUndefined();
  });
});

describe("a plan with firmware", () => {
  const nothingThere = (ports: Ports): Ports => ({
    ...ports,
    files: {
      ...ports.files,
      list: (path) => (path.includes("firmware") ? Promise.resolve([]) : ports.files.list(path)),
      access: (path, mode) => ports.files.access(path.startsWith("/usr/share/") ? "/none" : path, mode),
    },
  });

  it("says which package is missing, and where there is none at all", async () => {
    const lab = await openLab(nothingThere);
    const found = messages((await lab.plan({ uefi: true })).diagnostics);
    expect(found).toContain("No UEFI firmware for x86_64 with machine pc is installed");
    expect(found).toContain("apt install ovmf");
    const { diagnostics } = await lab.plan({ uefi: true, platform: "sparc", qemu_binary: "/bin/true" });
    expect(messages(diagnostics)).toContain("There is none for that platform. Remove uefi.");
  });

  it("refuses two firmwares, and a BIOS image that is missing, by its role", async () => {
    const lab = await openLab();
    const found = messages((await lab.plan({ uefi: true, bios_image: "seabios.bin" })).diagnostics);
    expect(found).toContain("uefi and bios_image are both set");
    expect(found).toContain(`BIOS image ${join(lab.directories.lab, "seabios.bin")} does not exist`);
  });

  it("waits for what is not known, and offline goes by the record", async () => {
    const lab = await openLab();
    expect((await lab.plan({ uefi: UNKNOWN })).planned["uefi_code"]).toBe(UNKNOWN);
    expect((await lab.plan({ uefi: true }, { offline: true })).planned["uefi_code"]).toBe(UNKNOWN);
    await lab.keeper();
    const prior = await lab.perform("prepare", await lab.planned({ uefi: true }));
    const code = prior.attributes["uefi_code"];
    expect(code).toMatch(/OVMF/);
    expect((await lab.plan({ uefi: true }, { offline: true, prior })).planned["uefi_code"]).toBe(code);
    expect((await lab.plan({ uefi: true, machine: "q35" }, { prior })).planned["uefi_code"]).toBe(code);
    expect((await lab.plan({ uefi: false }, { prior })).planned["uefi_code"]).toBeNull();
  });
});

async function until(what: () => boolean, seconds = 120): Promise<boolean> {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; ) {
    if (what()) return true;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return what();
}

describe("a node with UEFI", () => {
  it("starts with it, and keeps variables of its own from one start to the next", async () => {
    const lab = await openLab();
    const config = { uefi: true, ram: 128, adapters: 0 };
    const first = await lab.running(config);
    const directory = join(lab.directories.nodes, first.id);
    const variables = join(directory, "uefi.vars");
    const console = () => readFileSync(join(directory, "console.log"), "utf8");
    expect(await until(() => console().includes("BdsDxe")), console()).toBe(true);
    const stopped = await lab.perform("stop", first);
    const kept = { content: readFileSync(variables), file: statSync(variables).ino };
    const prepared = await lab.perform("prepare", stopped);
    expect(readFileSync(variables).equals(kept.content)).toBe(true);
    expect(statSync(variables).ino).toBe(kept.file);
    const anew = await lab.perform("prepare", prepared, { anew: true });
    expect(readFileSync(variables).equals(kept.content), "a node made anew has the template's").toBe(false);
    const { diagnostics } = await lab.plan(config, { prior: anew });
    expect(hasErrors(diagnostics)).toBe(false);
    await lab.perform("remove", anew);
    expect(existsSync(directory)).toBe(false);
  }, 180_000);
});
