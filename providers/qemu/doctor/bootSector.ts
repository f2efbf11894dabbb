/** The port of QEMU's isa-debug-exit, where the boot sector writes. */
export const EXIT_PORT = 0xf4;

const WRITTEN = 0x10;

/** How QEMU ends when the boot sector has run: isa-debug-exit makes (value << 1) | 1 of what was written. */
export const EXECUTED = (WRITTEN << 1) | 1;

/**
 * A guest of one sector. The machine's firmware, itself many instructions in real and protected mode, loads it to
 * 0000:7c00 and jumps there when it ends in 55 aa; all it does is to end QEMU with an exit code nothing else has. The
 * firmware's own first instruction would prove less: some hosts' KVM executes that one and hangs soon after.
 */
export function bootSector(): Uint8Array {
  const sector = new Uint8Array(512);
  sector.set([
    ...[0xb0, WRITTEN], // mov al, WRITTEN
    ...[0xe6, EXIT_PORT], // out EXIT_PORT, al
    0xf4, // hlt
    ...[0xeb, 0xfd], // jmp back to hlt
  ]);
  sector.set([0x55, 0xaa], 510);
  return sector;
}
