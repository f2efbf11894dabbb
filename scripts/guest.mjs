// Builds the guest the examples and tests boot, in .cache/guest: Debian's kernel and an initial root of busybox and the
// modules of the network cards, about 1 MB.
//   vmlinux
//   initrd          obeys the power button (ACPI)
//   initrd-noacpi   the same without button, evdev and their reader: a guest that ignores a polite request to stop
//   initrd-disks    as initrd, with every disk controller labform offers and ext2; larger, so only for tests of disks
//   initrd-agent    as initrd, with QEMU's guest agent; where .cache/agent has it
// Needs what scripts/install.sh brings. Does nothing when everything is there and of these sources.
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { cpio } from "./cpio.mjs";
import { unpackKernel } from "./vmlinux.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const kernel = join(root, ".cache/kernel");
const guest = join(root, ".cache/guest");
const agent = join(root, ".cache/agent");
const sources = fileURLToPath(new URL("guest/", import.meta.url));

const network = ["virtio_pci", "virtio_net", "e1000"];
const power = ["button", "evdev"];
const disks = ["virtio_blk", "ata_piix", "ahci", "virtio_scsi", "nvme", "sd_mod", "crc32c_generic", "ext4"];

/** The names of the modules that `names` need, themselves included, each after those it needs. */
function inLoadingOrder(names, dependenciesOf) {
  const ordered = new Set();
  const visit = (name) => {
    if (ordered.has(name)) return;
    for (const dependency of dependenciesOf(name)) visit(dependency);
    ordered.add(name);
  };
  for (const name of names) visit(name);
  return [...ordered];
}

/** The `depends=` entry of a module's .modinfo section (Linux's scripts/mod/modpost.c). */
function dependencies(module) {
  const text = module.toString("latin1");
  const at = text.indexOf("\0depends=");
  return at === -1
    ? []
    : text
        .slice(at + 9, text.indexOf("\0", at + 9))
        .replaceAll("-", "_")
        .split(",")
        .filter(Boolean);
}

async function readModules() {
  const modules = new Map();
  for (const file of await readdir(join(kernel, "modules"))) {
    modules.set(basename(file, ".ko").replaceAll("-", "_"), await readFile(join(kernel, "modules", file)));
  }
  return modules;
}

async function findBusybox() {
  for (const path of ["/bin/busybox", "/usr/bin/busybox"]) {
    const program = await readFile(path).catch(() => undefined);
    // A dynamic one has no libraries to load in the guest.
    if (program && !program.includes("/ld-linux")) return program;
  }
  throw new Error("no static busybox in /bin or /usr/bin: scripts/install.sh installs busybox-static");
}

/** The guest agent with its libraries, as they lie in a Debian; undefined where it was not fetched. */
async function readAgent() {
  const program = await readFile(join(agent, "qemu-ga")).catch(() => undefined);
  if (!program) return undefined;
  const file = async (path, from) => ({ path, kind: "file", mode: 0o755, data: await readFile(join(agent, from)) });
  const libraries = await readdir(join(agent, "lib"));
  return [
    ...["lib/x86_64-linux-gnu", "lib64"].map((path) => ({ path, kind: "directory" })),
    await file("bin/qemu-ga", "qemu-ga"),
    // The loader's place is written in the program.
    ...(await Promise.all(
      libraries.map((name) =>
        file(name.startsWith("ld-") ? `lib64/${name}` : `lib/x86_64-linux-gnu/${name}`, `lib/${name}`),
      ),
    )),
  ];
}

async function initialRoot(modules, busybox, names, more = []) {
  const order = inLoadingOrder(names, (name) => {
    const module = modules.get(name);
    if (!module) throw new Error(`the kernel module ${name} is not in .cache/kernel/modules; remove .cache/kernel`);
    return dependencies(module);
  });
  const script = async (name, path, mode = 0o755) => ({
    path,
    kind: "file",
    mode,
    data: await readFile(join(sources, name)),
  });
  const directories = [
    "bin",
    "dev",
    "etc",
    "etc/acpi",
    "etc/acpi/PWRF",
    "lib",
    "lib/modules",
    "proc",
    "root",
    "sys",
    "tmp",
    "var",
  ];
  return cpio([
    ...[...directories, "var/log", "var/run"].map((path) => ({ path, kind: "directory" })),
    // The kernel opens it for init before anything is mounted.
    { path: "dev/console", kind: "device", major: 5, minor: 1 },
    { path: "dev/null", kind: "device", mode: 0o666, major: 1, minor: 3 },
    { path: "bin/busybox", kind: "file", mode: 0o755, data: busybox },
    ...["mount", "sh"].map((applet) => ({ path: `bin/${applet}`, kind: "link", target: "busybox" })),
    { path: "init", kind: "link", target: "bin/busybox" },
    await script("inittab", "etc/inittab", 0o644),
    await script("rc", "etc/rc"),
    await script("shell", "etc/shell"),
    await script("power-off", "etc/acpi/PWRF/00000080"),
    { path: "lib/modules/order", kind: "file", data: Buffer.from(order.map((name) => `${name}\n`).join("")) },
    ...order.map((name) => ({ path: `lib/modules/${name}.ko`, kind: "file", data: modules.get(name) })),
    ...more,
  ]);
}

/** Whole or not at all, whoever builds at the same moment. */
async function put(name, data) {
  const temporary = join(guest, `.${name}.${process.pid}`);
  await writeFile(temporary, data);
  await rename(temporary, join(guest, name));
}

async function digestOfSources(busybox, withAgent) {
  const digest = createHash("sha256").update(busybox);
  for (const { data } of withAgent ?? []) if (data) digest.update(data);
  digest.update(await readFile(join(kernel, "version")));
  for (const name of (await readdir(sources)).sort()) digest.update(name).update(await readFile(join(sources, name)));
  for (const name of ["guest.mjs", "cpio.mjs", "vmlinux.mjs"])
    digest.update(await readFile(new URL(name, import.meta.url)));
  return digest.digest("hex");
}

/** Returns false when there was nothing to do. */
async function buildGuest() {
  const busybox = await findBusybox();
  const withAgent = await readAgent();
  const wanted = await digestOfSources(busybox, withAgent);
  const built = await readFile(join(guest, "built-from"), "utf8").catch(() => "");
  if (built === wanted) return false;
  const modules = await readModules();
  await mkdir(guest, { recursive: true });
  await put("vmlinux", unpackKernel(await readFile(join(kernel, "vmlinuz"))));
  await put("initrd", gzipSync(await initialRoot(modules, busybox, [...network, ...power]), { level: 9 }));
  await put("initrd-noacpi", gzipSync(await initialRoot(modules, busybox, network), { level: 9 }));
  await put(
    "initrd-disks",
    gzipSync(await initialRoot(modules, busybox, [...network, ...power, ...disks]), { level: 9 }),
  );
  if (withAgent) {
    const names = [...network, ...power, "virtio_console"];
    await put("initrd-agent", gzipSync(await initialRoot(modules, busybox, names, withAgent), { level: 9 }));
  }
  await put("built-from", wanted);
  return true;
}

if (await buildGuest()) console.log("guest: built .cache/guest/{vmlinux,initrd,initrd-noacpi,initrd-disks}");
