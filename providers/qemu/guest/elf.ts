/** Program headers and what they name, of ELF files for x86-64 (System V ABI, chapters 4 and 5). */
const MAGIC = Buffer.from([0x7f, 0x45, 0x4c, 0x46]);
const CLASS_64 = 2;
const X86_64 = 62;
const INTERPRETER = 3;
const NOTE = 4;
/** XEN_ELFNOTE_PHYS32_ENTRY: where a kernel begins that is started without being unpacked. */
const PVH_ENTRY = 18;

export function isX86Elf(data: Buffer): boolean {
  return (
    data.length > 64 && data.subarray(0, 4).equals(MAGIC) && data[4] === CLASS_64 && data.readUInt16LE(18) === X86_64
  );
}

/** It brings all it needs: there is no loader of libraries that it names. */
export function isStatic(elf: Buffer): boolean {
  return !segments(elf).some(({ type }) => type === INTERPRETER);
}

/** Whether QEMU can boot it as it is, by the PVH entry point (Linux's CONFIG_PVH). */
export function hasPvhEntry(elf: Buffer): boolean {
  return segments(elf).some(({ type, content }) => type === NOTE && notes(content).includes(PVH_ENTRY));
}

function segments(elf: Buffer): readonly { readonly type: number; readonly content: Buffer }[] {
  const start = Number(elf.readBigUInt64LE(32));
  const size = elf.readUInt16LE(54);
  return Array.from({ length: elf.readUInt16LE(56) }, (_, index) => {
    const header = elf.subarray(start + index * size, start + (index + 1) * size);
    const at = Number(header.readBigUInt64LE(8));
    return { type: header.readUInt32LE(0), content: elf.subarray(at, at + Number(header.readBigUInt64LE(32))) };
  });
}

/** The types of Xen's notes: name and content of each are padded to four bytes. */
function notes(content: Buffer): readonly number[] {
  const types: number[] = [];
  for (let at = 0; at + 12 <= content.length; ) {
    const nameSize = content.readUInt32LE(at);
    if (content.toString("latin1", at + 12, at + 12 + nameSize) === "Xen\0") types.push(content.readUInt32LE(at + 8));
    at += 12 + padded(nameSize) + padded(content.readUInt32LE(at + 4));
  }
  return types;
}

function padded(size: number): number {
  return Math.ceil(size / 4) * 4;
}
