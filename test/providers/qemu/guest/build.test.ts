import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import process from "node:process";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { buildGuest } from "../../../../providers/qemu/guest/build.ts";
import type { Failure } from "../../../../src/core/diagnostics.ts";
import type { GuestRequest } from "../../../../src/core/guest.ts";
import type { Ports } from "../../../../src/core/ports.ts";
import { createPorts } from "../../../../src/system/index.ts";
import { guest } from "../../../support/guest.ts";

const texts = resolve("providers/qemu/guest/root");
const kernel = resolve(".cache/kernel/vmlinuz");
const modules = resolve(".cache/kernel/modules");
const VERSION = "6.1.0-1-amd64";

let place: string;
/** Stands for the root of a host. */
let host: string;
let out: string;
let busybox: string;

beforeAll(() => void guest());
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), "labform-build-"));
  host = join(place, "host");
  out = join(place, "out");
  mkdirSync(host);
  busybox = join(place, "busybox");
  cpSync("/bin/busybox", busybox);
});
afterEach(() => rmSync(place, { recursive: true, force: true }));

function installKernel(version = VERSION): string {
  mkdirSync(join(host, "boot"), { recursive: true });
  cpSync(kernel, join(host, "boot", `vmlinuz-${version}`));
  const directory = join(host, "lib/modules", version);
  cpSync(modules, directory, { recursive: true });
  return directory;
}

/** The real world but for /boot, /lib/modules, busybox, and the programs that are not `programs`. */
function worldWith(...programs: readonly string[]): Ports {
  const real = createPorts();
  const inHost = (path: string) =>
    /^\/(boot|lib\/modules|(usr\/)?bin\/busybox$)/.test(path) ? join(host, path) : path;
  return {
    ...real,
    files: {
      ...real.files,
      list: (path) => real.files.list(inHost(path)),
      read: (path) => real.files.read(inHost(path)),
    },
    processes: {
      ...real.processes,
      find: async (name, directory) => (programs.includes(name) ? real.processes.find(name, directory) : undefined),
    },
  };
}

const said: string[] = [];

async function build(ports: Ports, request: Partial<GuestRequest> = {}) {
  said.length = 0;
  return buildGuest(ports, texts, { out, busybox, ...request, tell: (line) => said.push(line) });
}

/** What a build that fails says, its lines as one. */
async function refusal(ports: Ports, request: Partial<GuestRequest> = {}): Promise<string> {
  try {
    await build(ports, request);
  } catch (error) {
    const { diagnostics } = error as Failure;
    return diagnostics.map(({ summary, subject, detail }) => [summary, subject, detail].join(" | ")).join("\n");
  }
  throw new Error("the guest was built");
}

/** The paths in an initial root, as busybox's cpio reads them. */
function pathsIn(initrd: string): readonly string[] {
  const list = execFileSync("busybox", ["cpio", "-t"], { input: gunzipSync(readFileSync(initrd)), encoding: "utf8" });
  return list.trim().split("\n");
}

function orderIn(initrd: string): readonly string[] {
  const directory = mkdtempSync(join(place, "root-"));
  const input = gunzipSync(readFileSync(initrd));
  execFileSync("busybox", ["cpio", "-id", "lib/modules/order"], {
    cwd: directory,
    input,
    stdio: ["pipe", "pipe", "pipe"],
  });
  return readFileSync(join(directory, "lib/modules/order"), "utf8").trim().split("\n");
}

/** What the host has as its busybox. */
function installBusybox(program: string): void {
  mkdirSync(join(host, "bin"), { recursive: true });
  cpSync(program, join(host, "bin/busybox"));
}

describe("a guest", () => {
  it("is built of the kernel that is installed, unpacked, and of modules each after those it needs", async () => {
    installKernel();
    installBusybox("/bin/busybox");
    const built = await build(worldWith("xz"), { busybox: undefined });
    expect(built.madeOf).toEqual({ kernel: `/boot/vmlinuz-${VERSION}`, busybox: "/bin/busybox" });
    expect(built.notes).toEqual([]);
    expect(said).toEqual([]);
    expect(readFileSync(built.kernel).subarray(1, 4).toString()).toBe("ELF");
    const order = orderIn(built.initrd);
    expect(order).toEqual(expect.arrayContaining(["virtio_net", "virtio_pci", "e1000", "button", "evdev"]));
    expect(order.indexOf("virtio_ring")).toBeLessThan(order.indexOf("virtio"));
    expect(order.indexOf("virtio")).toBeLessThan(order.indexOf("virtio_pci"));
    expect(pathsIn(built.initrd)).toEqual(expect.arrayContaining(["init", "etc/rc", "etc/dhcp", "bin/traffic"]));
    expect(existsSync(join(out, ".building"))).toBe(false);
  });

  it("is the same to the last byte each time, whatever lay in its place", async () => {
    installKernel();
    const { initrd } = await build(worldWith());
    const first = readFileSync(initrd);
    mkdirSync(join(out, ".building/left/by/a/killed/build"), { recursive: true });
    writeFileSync(initrd, "half of it");
    await build(worldWith());
    expect(readFileSync(initrd).equals(first)).toBe(true);
  });

  it("is left as it is where it is what would be built, and built where it is not", async () => {
    installKernel();
    const world = worldWith("xz");
    const { initrd, isNew, ...rest } = await build(world);
    expect(isNew).toBe(true);
    expect(await build(world)).toEqual({ initrd, isNew: false, ...rest });
    writeFileSync(initrd, "half of it");
    expect((await build(world)).isNew).toBe(true);
    writeFileSync(busybox, Buffer.concat([readFileSync(busybox), Buffer.from("another")]));
    expect((await build(world)).isNew).toBe(true);
    installKernel("6.1.0-2-amd64");
    writeFileSync(
      join(host, "boot/vmlinuz-6.1.0-2-amd64"),
      Buffer.concat([readFileSync(kernel), Buffer.from("another")]),
    );
    expect(await build(world)).toMatchObject({ isNew: true, madeOf: { kernel: "/boot/vmlinuz-6.1.0-2-amd64" } });
  });

  it("takes modules as a distribution packs them", async () => {
    const directory = installKernel();
    const [net, pci] = ["drivers/net/virtio_net.ko", "drivers/virtio/virtio_pci.ko"].map((one) =>
      join(directory, "kernel", one),
    );
    execFileSync("xz", [net as string]);
    writeFileSync(`${pci}.gz`, gzipSync(readFileSync(pci as string)));
    rmSync(pci as string);
    const packed = await build(worldWith("xz"));
    const first = readFileSync(packed.initrd);
    const plain = await build(worldWith("xz"), { kernel, modules });
    expect(readFileSync(plain.initrd).equals(first)).toBe(true);
  });

  it("takes the later kernel, and one that lacks a driver of adapters not at all", async () => {
    installKernel("6.1.0-9-amd64");
    installKernel("6.1.0-10-amd64");
    expect((await build(worldWith())).madeOf.kernel).toBe("/boot/vmlinuz-6.1.0-10-amd64");
    const order = join(host, "lib/modules/6.1.0-10-amd64/modules.order");
    writeFileSync(order, readFileSync(order, "utf8").replace(/.*\/e1000\.ko\n/, ""));
    expect((await build(worldWith())).madeOf.kernel).toBe("/boot/vmlinuz-6.1.0-9-amd64");
  });

  it("has its kernel left packed where nothing unpacks it, and says so", async () => {
    installKernel();
    const built = await build(worldWith());
    expect(readFileSync(built.kernel).equals(readFileSync(kernel))).toBe(true);
    expect(built.notes.join()).toMatch(/stays packed.*there is no xz \(Debian: xz-utils\)/);
  });

  it("is built of a kernel that is named, and says what that cannot do", async () => {
    const directory = join(place, "modules");
    cpSync(modules, directory, { recursive: true });
    const order = join(directory, "modules.order");
    writeFileSync(order, readFileSync(order, "utf8").replace(/.*\/(e1000|button)\.ko\n/g, ""));
    const built = await build(worldWith(), { kernel, modules: directory });
    expect(built.notes.slice(0, 2)).toEqual([
      'The kernel has no e1000: adapter_type = "e1000" gives the guest no network.',
      "The kernel has no button: the guest does not obey its power button.",
    ]);
    expect((await build(worldWith(), { kernel })).notes.join()).toContain("named without its modules");
  });

  it("is shown in a node block that holds on every host with it in the same place of a home", async () => {
    installKernel();
    const world = worldWith();
    const home = { ...world, host: { ...world.host, environment: { HOME: place } } };
    expect((await build(home)).example).toContain('kernel_image        = pathexpand("~/out/vmlinux")');
    expect((await build(home, { out: join(host, "a ${b}") })).example).toContain('pathexpand("~/host/a $${b}/initrd")');
    expect((await build(world)).example).toContain(`kernel_image        = "${out}/vmlinux"`);
  });
});

describe("what a guest is made of", () => {
  /** What apt's lists say of each package; nothing where they are empty. */
  const lists = (version: string) =>
    `Package: NAME\nVersion: ${version}\nDepends: linux-image-${VERSION} (= ${version}), other\n`;

  /** apt-get and dpkg as they are where the packages are in the directory. */
  function archive(offered = lists("1")): Ports {
    const world = worldWith("dpkg-deb", "xz");
    const run: Ports["processes"]["run"] = async (command, args, options) => {
      const answer = (stdout: string) => ({ exitCode: 0, signal: null, stdout, stderr: "" });
      if (command.endsWith("apt-cache")) return answer(offered.replace("NAME", args.at(-1) as string));
      if (!command.endsWith("apt-get")) return world.processes.run(command, args, options);
      const file = join(place, `${args[2]}.deb`);
      if (existsSync(file)) {
        cpSync(file, join(options?.directory as string, `${args[2]}_1_amd64.deb`));
        return answer("");
      }
      const stderr = `N: a word\nE: Unable to locate package ${args[2]}\n`;
      return { exitCode: 100, signal: null, stdout: "", stderr };
    };
    return {
      ...world,
      processes: {
        ...world.processes,
        run,
        find: async (name) => (name.startsWith("apt") ? `/usr/bin/${name}` : world.processes.find(name)),
      },
    };
  }

  function makePackage(name: string, fill: (tree: string) => void): void {
    const tree = join(place, name);
    mkdirSync(join(tree, "DEBIAN"), { recursive: true, mode: 0o755 });
    writeFileSync(
      join(tree, "DEBIAN/control"),
      `Package: ${name}\nVersion: 1\nArchitecture: amd64\nMaintainer: a\nDescription: b\n`,
    );
    fill(tree);
    execFileSync("chmod", ["0755", join(tree, "DEBIAN")]);
    execFileSync("dpkg-deb", ["-Znone", "--build", tree, join(place, `${name}.deb`)]);
  }

  function makePackages(): void {
    makePackage(`linux-image-${VERSION}`, (tree) => {
      mkdirSync(join(tree, "boot"));
      cpSync(kernel, join(tree, "boot", `vmlinuz-${VERSION}`));
      cpSync(modules, join(tree, "lib/modules", VERSION), { recursive: true });
    });
    makePackage("busybox-static", (tree) => {
      mkdirSync(join(tree, "bin"));
      cpSync("/bin/busybox", join(tree, "bin/busybox"));
    });
  }

  it("is fetched from Debian's packages where it is not installed, and nothing of that stays", async () => {
    makePackages();
    const built = await build(archive(), { busybox: undefined });
    expect(built.madeOf).toEqual({
      kernel: `the package linux-image-${VERSION}`,
      busybox: "the package busybox-static",
    });
    expect(said).toHaveLength(2);
    expect(orderIn(built.initrd)).toContain("virtio_net");
    expect(existsSync(join(out, ".building"))).toBe(false);
  });

  it("is not fetched again until there is another, also where apt's lists are gone", async () => {
    makePackages();
    const again = (offered: string) => build(archive(offered), { busybox: undefined });
    const first = await again(lists("1"));
    expect(first.isNew).toBe(true);
    for (const offered of [lists("1"), ""]) {
      expect(await again(offered)).toEqual({ ...first, isNew: false });
      expect(said).toHaveLength(0);
    }
    expect((await again(lists("2"))).isNew).toBe(true);
  });

  it("is named with its package and the command where it is nowhere", async () => {
    const noKernel = await refusal(archive());
    expect(noKernel).toContain(`apt-get -qq download linux-image-${VERSION} failed: E: Unable to locate package`);
    expect(noKernel).toContain("apt-get update");
    expect(noKernel).toContain("apt-get install linux-image-amd64");
    expect(noKernel).toContain("-kernel=FILE -modules=DIR");
    const noBusybox = await refusal(archive(), { busybox: undefined });
    expect(noBusybox).toContain("apt-get install busybox-static");
    expect(noBusybox).toContain("-busybox=FILE");
    expect(await refusal(worldWith())).toContain("apt-cache knows no package");
  });

  it("is passed over where it does not do, and the reason is told", async () => {
    installBusybox(process.execPath);
    installKernel();
    rmSync(join(host, "lib"), { recursive: true });
    expect(await refusal(archive(), { busybox: undefined })).toContain("/bin/busybox needs libraries");
    expect(await refusal(archive())).toContain(`/boot/vmlinuz-${VERSION} has no modules in /lib/modules/${VERSION}`);
  });

  it("is refused where it was named and does not do", async () => {
    const text = join(place, "text");
    writeFileSync(text, "no kernel at all");
    const world = worldWith();
    expect(await refusal(world, { kernel: text })).toContain(`The kernel is none for this guest | kernel ${text}`);
    expect(await refusal(world, { kernel: join(place, "none") })).toContain("The kernel cannot be read");
    expect(await refusal(world, { kernel, modules: place })).toContain("There are no kernel modules in the directory");
    expect(await refusal(world, { modules })).toContain("-modules is only for a kernel that is named");
    expect(await refusal(world, { busybox: text })).toContain("It is no program for x86-64");
    expect(await refusal(world, { busybox: process.execPath })).toContain("It needs libraries");
    expect(await refusal(world, { out: join(text, "in a file") })).toContain("Name another with -out=DIR");
  });

  it("is built by one labform at a time", async () => {
    const lock = await createPorts().files.tryLock(join(place, ".lock"));
    expect(await refusal(worldWith(), { out: place })).toContain("Another labform builds a guest there");
    await lock?.release();
  });
});
