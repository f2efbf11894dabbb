const SECTOR = 512;
const CD_SECTOR = 2048;

/** mov al, letter; out dx, al: for each, to the first serial port. */
function said(word: string): readonly number[] {
  return [0xba, 0xf8, 0x03, ...[...word].flatMap((letter) => [0xb0, letter.charCodeAt(0), 0xee])];
}

/** hlt, again and again */
const HALT = [0xf4, 0xeb, 0xfd];

/** A boot sector that runs `code`, says a word on the first serial port and halts. */
function bootSector(word: string, code: readonly number[] = []): Buffer {
  const sector = Buffer.alloc(SECTOR);
  sector.set([...code, ...said(word), ...HALT]);
  sector.set([0x55, 0xaa], 510);
  return sector;
}

/** A disk of 1 MiB with that boot sector. */
export function bootableDisk(word: string, code: readonly number[] = []): Buffer {
  const disk = Buffer.alloc(1024 * 1024);
  bootSector(word, code).copy(disk);
  return disk;
}

/**
 * A CD that boots without emulation (El Torito, version 1.0): volume descriptors in sectors 16 to 18, the boot catalogue
 * in 19, the boot sector in 20.
 */
export function bootableCd(word: string): Buffer {
  const cd = Buffer.alloc(24 * CD_SECTOR);
  const at = (sector: number) => sector * CD_SECTOR;
  for (const [sector, type] of [
    [16, 1],
    [17, 0],
    [18, 255],
  ] as const) {
    cd.set([type, ...Buffer.from("CD001"), 1], at(sector));
  }
  cd.write("EL TORITO SPECIFICATION", at(17) + 7);
  cd.writeUInt32LE(19, at(17) + 0x47);
  const catalogue = at(19);
  cd.set([1, 0], catalogue);
  cd.set([0x55, 0xaa], catalogue + 0x1e);
  // All words of the first entry add up to zero.
  cd.writeUInt16LE((0x1_0000 - (0x0001 + 0xaa55)) & 0xffff, catalogue + 0x1c);
  cd[catalogue + 0x20] = 0x88;
  cd.writeUInt16LE(1, catalogue + 0x26);
  cd.writeUInt32LE(20, catalogue + 0x28);
  bootSector(word).copy(cd, at(20));
  return cd;
}

/**
 * For `bootSector`: has the master of the second IDE bus keep its tray shut, by PREVENT ALLOW MEDIUM REMOVAL as an ATAPI
 * packet; twice, since the first may only be told of a new medium.
 */
export const LOCK_TRAY: readonly number[] = [...lockTray(0), ...lockTray(1)];

function lockTray(time: number): readonly number[] {
  const code = [
    ...[0x31, 0xc0, 0x8e, 0xd8, 0xfc], // xor ax, ax; mov ds, ax; cld
    ...[0xba, 0x76, 0x01, 0xb0, 0xa0, 0xee], // select the master
    ...[0xba, 0x77, 0x01, 0xec, 0xa8, 0x80, 0x75, 0xfb], // until not busy
    ...[0xba, 0x71, 0x01, 0x30, 0xc0, 0xee], // features: none
    ...[0xba, 0x74, 0x01, 0xee, 0x42, 0xee], // byte count: none
    ...[0xba, 0x77, 0x01, 0xb0, 0xa0, 0xee], // PACKET
    ...[0xec, 0xa8, 0x80, 0x75, 0xfb, 0xa8, 0x08, 0x74, 0xf7], // until it takes data
  ];
  // mov si, packet; mov cx, 6; mov dx, 0x170; rep outsw; then until it is done, and past the packet
  const rest = [
    ...[0xb9, 0x06, 0x00, 0xba, 0x70, 0x01, 0xf3, 0x6f],
    ...[0xba, 0x77, 0x01, 0xec, 0xa8, 0x80, 0x75, 0xfb],
    ...[0xeb, 12],
  ];
  const packet = [0x1e, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0];
  const length = code.length + 3 + rest.length + packet.length;
  const address = 0x7c00 + time * length + code.length + 3 + rest.length;
  return [...code, 0xbe, address & 0xff, address >> 8, ...rest, ...packet];
}
