// A kernel as distributions ship it unpacks itself when it boots. Under emulation Debian's takes 6 s for that, and the
// host a tenth of it; QEMU boots the unpacked one too (its PVH entry point, CONFIG_PVH).
import { spawnSync } from "node:child_process";

const XZ = Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]);
const ELF = Buffer.from([0x7f, 0x45, 0x4c, 0x46]);

/**
 * The ELF kernel inside a bzImage that is compressed with xz, as those of Debian 12 are. Offsets: Linux's
 * Documentation/arch/x86/boot.rst, "The Real-Mode Kernel Header".
 * @param {Buffer} bzImage
 */
export function unpackKernel(bzImage) {
  const setupSectors = bzImage[0x1f1] || 4;
  const start = (setupSectors + 1) * 512 + bzImage.readUInt32LE(0x248);
  // The last four bytes are the unpacked size, no part of the xz stream.
  const payload = bzImage.subarray(start, start + bzImage.readUInt32LE(0x24c) - 4);
  if (!payload.subarray(0, XZ.length).equals(XZ)) throw new Error("the kernel is not compressed with xz");
  const { status, stdout, stderr, error } = spawnSync("xz", ["--decompress", "--stdout"], {
    input: payload,
    maxBuffer: 2 ** 28,
  });
  if (error) throw new Error(`xz, of Debian's xz-utils, cannot be started: ${error.message}`);
  if (status !== 0 || !stdout.subarray(0, ELF.length).equals(ELF)) {
    throw new Error(`xz did not find a kernel in the bzImage: ${stderr}`);
  }
  return stdout;
}
