import { decompress, formOf } from "./decompress.ts";
import { hasPvhEntry, isX86Elf } from "./elf.ts";
import type { GuestHost } from "./host.ts";

/** Offsets in a bzImage: Linux's Documentation/arch/x86/boot.rst, "The Real-Mode Kernel Header". */
const SETUP_SECTORS = 0x1f1;
const HEADER_MAGIC = 0x202;
const LOAD_FLAGS = 0x236;
const PAYLOAD_OFFSET = 0x248;
const PAYLOAD_LENGTH = 0x24c;
/** Of the flags: it has a 64-bit kernel. */
const IS_64_BIT = 1;

export function isX86Kernel(data: Buffer): boolean {
  if (isX86Elf(data)) return true;
  const isBzImage = data.length > 0x260 && data.toString("latin1", HEADER_MAGIC, HEADER_MAGIC + 4) === "HdrS";
  return isBzImage && (data.readUInt16LE(LOAD_FLAGS) & IS_64_BIT) !== 0;
}

export interface BootableKernel {
  readonly data: Buffer;
  /** Why it is left as it was packed. */
  readonly packed?: string;
}

/**
 * The kernel as QEMU boots it fastest. Distributions ship it so that it unpacks itself at each boot, which takes seconds
 * under emulation; QEMU also boots the unpacked one. One that cannot be unpacked here stays as it is, and boots later.
 */
export async function unpackKernel(host: GuestHost, image: Buffer): Promise<BootableKernel> {
  if (isX86Elf(image)) return { data: image };
  const start = ((image[SETUP_SECTORS] || 4) + 1) * 512 + image.readUInt32LE(PAYLOAD_OFFSET);
  const payload = image.subarray(start, start + image.readUInt32LE(PAYLOAD_LENGTH));
  const form = formOf(payload);
  if (form === undefined) return { data: image, packed: "labform does not know how it is packed" };
  // Linux appends the unpacked size to every form but gzip, which has it by itself.
  const stream = form.name === "gzip" ? payload : payload.subarray(0, -4);
  const result = await decompress(host, form, stream);
  if ("problem" in result) return { data: image, packed: result.problem };
  const { data } = result;
  if (!isX86Elf(data) || !hasPvhEntry(data)) return { data: image, packed: "it was built without CONFIG_PVH" };
  return { data };
}
