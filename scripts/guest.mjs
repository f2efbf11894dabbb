// Builds the guest the examples and tests boot, in .cache/guest, of the parts that `labform guest build` has.
//   vmlinux
//   initrd          obeys the power button (ACPI)
//   initrd-noacpi   the same without button, evdev and their reader: a guest that ignores a polite request to stop
//   initrd-disks    as initrd, with every disk controller labform offers and ext2; larger, so only for tests of disks
//   initrd-agent    as initrd, with QEMU's guest agent; where .cache/agent has it
// Needs what scripts/install.sh brings. Does nothing when everything is there and of these sources.
// With --kernel it only fetches Debian's kernel into .cache/kernel, with the modules of all of these, where it is not there.
import { createHash } from "node:crypto";
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { bundle } from "./bundle.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const cache = join(root, ".cache");
const kernel = join(cache, "kernel");
const guest = join(cache, "guest");
const agent = join(cache, "agent");
const sources = join(root, "providers/qemu/guest");

const disks = ["virtio_blk", "ata_piix", "ahci", "virtio_scsi", "nvme", "sd_mod", "crc32c_generic", "ext4"];
const agentDriver = "virtio_console";

/** The product's parts, as plain JavaScript. */
async function loadParts() {
  const outfile = join(cache, `guestParts.${process.pid}.mjs`);
  const lines = [
    ...["busybox", "initialRoot", "kernel", "kernelImage", "modules", "parts"].map(
      (name) => `export * from "./providers/qemu/guest/${name}.ts";`,
    ),
    'export { createPorts } from "./src/system/index.ts";',
  ];
  await mkdir(cache, { recursive: true });
  try {
    await bundle({ stdin: { contents: lines.join("\n"), resolveDir: root }, outfile });
    return await import(outfile);
  } finally {
    await rm(outfile, { force: true });
  }
}

async function hostOf(parts) {
  const scratch = await mkdtemp(join(cache, "scratch."));
  return { ports: parts.createPorts(), scratch, tell: (line) => console.error(`guest: ${line}`) };
}

/** The kernel, and what we need of its modules, laid out as /lib/modules/VERSION. */
const image = join(kernel, "vmlinuz");
const modules = join(kernel, "modules");

async function fetchKernel(parts) {
  const host = await hostOf(parts);
  const names = [...parts.NETWORK, ...parts.POWER, ...disks, agentDriver];
  try {
    if (await isKernelThere(parts, host, names)) return;
    const found = await parts.fetchKernel(host);
    if ("problem" in found) throw new Error(found.problem);
    const kept = join(host.scratch, "kernel");
    await mkdir(join(kept, "modules"), { recursive: true });
    await writeFile(join(kept, "vmlinuz"), found.image);
    await writeFile(join(kept, "version"), `${found.from}\n`);
    for (const name of ["modules.order", "modules.builtin"]) {
      await cp(join(found.modules.path, name), join(kept, "modules", name));
    }
    for (const { name, data } of await parts.readModules(host, found.modules, names)) {
      const path = join(kept, "modules", found.modules.loadable.get(name));
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, data);
    }
    await rm(kernel, { recursive: true, force: true });
    await rename(kept, kernel);
  } finally {
    await rm(host.scratch, { recursive: true, force: true });
  }
}

/** One that an older labform fetched may be laid out otherwise, or not have all the modules. */
async function isKernelThere(parts, host, names) {
  try {
    await readFile(image);
    return (await parts.readModules(host, await parts.readModuleDirectory(host, modules), names)).length > 0;
  } catch {
    return false;
  }
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

/** Whole or not at all, whoever builds at the same moment. */
async function put(name, data) {
  const temporary = join(guest, `.${name}.${process.pid}`);
  await writeFile(temporary, data);
  await rename(temporary, join(guest, name));
}

async function digestOfSources(withAgent) {
  const digest = createHash("sha256");
  for (const { data } of withAgent ?? []) if (data) digest.update(data);
  digest.update(await readFile(join(kernel, "version")));
  for (const path of ["/bin/busybox", "/usr/bin/busybox"]) {
    digest.update(await readFile(path).catch(() => new Uint8Array()));
  }
  for (const entry of await readdir(sources, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    digest.update(entry.name).update(await readFile(join(entry.parentPath ?? entry.path, entry.name)));
  }
  return digest.update(await readFile(fileURLToPath(import.meta.url))).digest("hex");
}

/** Returns false when there was nothing to do. */
async function buildGuest() {
  const withAgent = await readAgent();
  const wanted = await digestOfSources(withAgent).catch(() => "");
  const built = await readFile(join(guest, "built-from"), "utf8").catch(() => "");
  if (wanted !== "" && built === wanted) return false;
  const parts = await loadParts();
  await fetchKernel(parts);
  const host = await hostOf(parts);
  try {
    const { program: busybox } = await (await parts.findBusybox(host, undefined)).take();
    const directory = await parts.readModuleDirectory(host, modules);
    const texts = await parts.readTexts(host.ports.files, join(sources, "root"));
    const initrd = async (names, more) =>
      parts.initialRoot({ texts, busybox, modules: await parts.readModules(host, directory, names), more });
    const usual = [...parts.NETWORK, ...parts.POWER];
    await mkdir(guest, { recursive: true });
    await put("vmlinux", (await parts.unpackKernel(host, await readFile(image))).data);
    await put("initrd", await initrd(usual));
    await put("initrd-noacpi", await initrd(parts.NETWORK));
    await put("initrd-disks", await initrd([...usual, ...disks]));
    if (withAgent) await put("initrd-agent", await initrd([...usual, agentDriver], withAgent));
    await put("built-from", await digestOfSources(withAgent));
  } finally {
    await rm(host.scratch, { recursive: true, force: true });
  }
  return true;
}

try {
  if (process.argv.includes("--kernel")) await fetchKernel(await loadParts());
  else if (await buildGuest()) console.log("guest: built .cache/guest/{vmlinux,initrd,initrd-noacpi,initrd-disks}");
} catch (error) {
  console.error(["guest:", error.message, ...(error.diagnostics ?? []).map(({ detail }) => detail)].join(" "));
  process.exitCode = 1;
}
