// Makes base.qcow2 beside this file: a disk of 48 MiB that boots by itself. It has two partitions: one with a boot loader,
// a kernel and an initial root, and one with a file system for what the guest writes. Neither root nor loop devices are
// needed; the programs are, and where they are missing they are installed (Debian, as root or through sudo) or named.
import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const cache = fileURLToPath(new URL("../../.cache/", import.meta.url));
/** Stage 1 of the boot: in the first sector, it starts the active partition's own first sector. */
const bootCode = "/usr/lib/syslinux/mbr/mbr.bin";

const MiB = 1024 * 1024;
const SECTOR = 512;
/** In MiB. */
const boot = { start: 1, size: 23 };
const data = { start: 24, size: 24 };

/** What the guest runs once it is up: it counts its boots on the disk, so that one can see which disk it is. */
const counts =
  "mkdir -p /disk; mount -t ext4 /dev/vda2 /disk; echo boot >> /disk/boots; sync; echo this disk was booted $(wc -l < /disk/boots) times";
const loader = `SERIAL 0
DEFAULT linux
LABEL linux
  LINUX vmlinuz
  INITRD initrd
  APPEND console=ttyS0 quiet labform.name=disk labform.run="${counts}"
`;

function installMissing() {
  const path = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/sbin"];
  process.env.PATH = path.join(delimiter);
  const packages = new Map([
    ["syslinux", "syslinux"],
    ["mformat", "mtools"],
    ["mke2fs", "e2fsprogs"],
    ["qemu-img", "qemu-utils"],
  ]);
  const missing = [...packages]
    .filter(([program]) => !path.some((directory) => existsSync(join(directory, program))))
    .map(([, name]) => name);
  if (!existsSync(bootCode)) missing.push("syslinux-common");
  if (missing.length === 0) return;
  const install = ["--no-install-recommends", "install", ...missing];
  const asRoot = process.getuid?.() === 0 ? [] : ["sudo", "-n"];
  const apt = (list) => {
    const [program, ...words] = [...asRoot, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-y", ...list];
    run(program, words, { stdio: ["ignore", 2, 2] });
  };
  try {
    if (asRoot.length > 0) run("sudo", ["-n", "true"], { stdio: "ignore" });
  } catch {
    throw new Error(`programs are missing; as root, run: apt-get ${install.join(" ")}`);
  }
  try {
    apt(install);
  } catch {
    // Old or missing lists of packages are the usual reason; the second failure is real.
    apt(["update"]);
    apt(install);
  }
}

function run(program, list, options = { stdio: ["ignore", "ignore", "inherit"] }) {
  execFileSync(program, list, options);
}

/** The first sector: boot code, the table of partitions, and the mark that ends it. */
function firstSector() {
  const sector = Buffer.alloc(SECTOR);
  readFileSync(bootCode).copy(sector);
  const entry = (number, { start, size }, type, active) => {
    const at = 446 + 16 * number;
    // Cylinders, heads and sectors are given as "too large": the count of sectors behind them is what is used.
    sector.fill(0xff, at, at + 8);
    sector[at] = active ? 0x80 : 0;
    sector[at + 4] = type;
    sector.writeUInt32LE((start * MiB) / SECTOR, at + 8);
    sector.writeUInt32LE((size * MiB) / SECTOR, at + 12);
  };
  entry(0, boot, 0x0c, true);
  entry(1, data, 0x83, false);
  sector.writeUInt16LE(0xaa55, 510);
  return sector;
}

function build(work) {
  const disk = join(work, "disk.raw");
  writeFileSync(disk, firstSector());
  truncateSync(disk, (data.start + data.size) * MiB);

  const partition = `${disk}@@${boot.start}M`;
  const shape = { "-T": (boot.size * MiB) / SECTOR, "-h": 255, "-s": 63, "-H": (boot.start * MiB) / SECTOR };
  run("mformat", ["-i", partition, ...Object.entries(shape).flat().map(String)]);
  writeFileSync(join(work, "syslinux.cfg"), loader);
  run("mcopy", ["-i", partition, join(cache, "kernel/vmlinuz"), "::vmlinuz"]);
  run("mcopy", ["-i", partition, join(cache, "guest/initrd-disks"), "::initrd"]);
  run("mcopy", ["-i", partition, join(work, "syslinux.cfg"), "::syslinux.cfg"]);
  run("syslinux", ["--install", "--offset", `${boot.start * MiB}`, disk]);

  const tree = join(work, "tree");
  mkdirSync(tree);
  writeFileSync(join(tree, "README"), "This file is of the base image.\n");
  const offset = `offset=${data.start * MiB}`;
  run("mke2fs", ["-q", "-t", "ext2", "-d", tree, "-E", offset, disk, `${data.size * 1024}`]);

  // Whole or not at all: a lab may use the one that is there.
  const unfinished = join(here, ".base.qcow2");
  run("qemu-img", ["convert", "-f", "raw", "-O", "qcow2", disk, unfinished]);
  renameSync(unfinished, join(here, "base.qcow2"));
}

for (const file of ["kernel/vmlinuz", "guest/initrd-disks"]) {
  if (!existsSync(join(cache, file))) throw new Error(`.cache/${file} is missing: scripts/guest.mjs builds it`);
}
installMissing();
const work = mkdtempSync(join(tmpdir(), "labform-image-"));
try {
  build(work);
} finally {
  rmSync(work, { recursive: true, force: true });
}
console.log("base.qcow2 is made");
