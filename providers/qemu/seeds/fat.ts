import { createHash } from "node:crypto";
import { longNameEntries, ShortNames } from "./fatNames.ts";

/*
 * A FAT12 file system, written once and only read after that (Microsoft: FAT: General Overview of On-Disk Format, 1.03).
 * The same files give the same bytes: their times are FAT's first day.
 *
 *   sector 0   boot sector │ FAT │ FAT │ root directory │ clusters of two sectors, each file in one piece
 */

export interface FatFile {
  readonly name: string;
  readonly data: Uint8Array;
}

const SECTOR = 512;
const CLUSTER = 2 * SECTOR;
const FIRST_CLUSTER = 2;
const ENTRY = 32;
const LAST_OF_FILE = 0xfff;
/** Sizes are whole tracks, or mtools takes the geometry for a wrong one. */
const TRACK = 32;
const HEADS = 2;
/** 1980-01-01 */
const FIRST_DAY = 0x0021;
/** `int 18h`, which has the BIOS try the next device, then a loop: a guest that would boot from it goes on. */
const NO_BOOT = [0xcd, 0x18, 0xeb, 0xfe];

/** What the files take of the disk: each a whole number of clusters, and none nothing. */
export function occupiedBytes(files: readonly { readonly data: Uint8Array }[]): number {
  return files.reduce((sum, { data }) => sum + Math.max(1, clustersOf(data)) * CLUSTER, 0);
}

/** What `occupiedBytes` may be, about as on a 2.88 MB floppy disk: FAT12 has 4084 clusters at most. */
export const MOST_BYTES = 2800 * 1024;

/**
 * The bytes of a disk with these files. `partitioned`: in the first partition of a disk, as appliances expect it;
 * else the disk is the file system. Their names are those that `whyNoFatName` lets pass.
 */
export function fatDisk(label: string, files: readonly FatFile[], partitioned: boolean): Uint8Array {
  const directory = directoryOf(label, files);
  const rootSectors = Math.ceil(directory.length / SECTOR);
  const clusters = Math.max(1, occupiedBytes(files) / CLUSTER);
  // The last track may have room for some more.
  const fatSectors = Math.ceil(((clusters + FIRST_CLUSTER + TRACK / 2) * 1.5) / SECTOR);
  const dataStart = 1 + 2 * fatSectors + rootSectors;
  const sectors = Math.ceil((dataStart + clusters * 2) / TRACK) * TRACK;
  const hidden = partitioned ? TRACK : 0;
  const disk = Buffer.alloc((hidden + sectors) * SECTOR);
  if (partitioned) writePartitionTable(disk, hidden, sectors);
  const volume = disk.subarray(hidden * SECTOR);
  writeBootSector(volume, { label, files, hidden, sectors, fatSectors, rootEntries: (rootSectors * SECTOR) / ENTRY });
  const fat = allocationTable(files, fatSectors);
  volume.set(fat, SECTOR);
  volume.set(fat, (1 + fatSectors) * SECTOR);
  volume.set(directory, (1 + 2 * fatSectors) * SECTOR);
  let at = dataStart * SECTOR;
  for (const { data } of files) {
    volume.set(data, at);
    at += clustersOf(data) * CLUSTER;
  }
  return disk;
}

function clustersOf(data: Uint8Array): number {
  return Math.ceil(data.length / CLUSTER);
}

function directoryOf(label: string, files: readonly FatFile[]): Buffer {
  const entries = [entryOf(shortLabel(label), 0x08, 0, 0)];
  const shortNames = new ShortNames();
  let cluster = FIRST_CLUSTER;
  for (const { name, data } of files) {
    const short = shortNames.give(name);
    const count = clustersOf(data);
    entries.push(...longNameEntries(name, short), entryOf(short, 0x20, count === 0 ? 0 : cluster, data.length));
    cluster += count;
  }
  return Buffer.concat(entries);
}

function entryOf(name: Buffer, attributes: number, cluster: number, size: number): Buffer {
  const entry = Buffer.alloc(ENTRY);
  entry.set(name);
  entry[11] = attributes;
  for (const at of [16, 18, 24]) entry.writeUInt16LE(FIRST_DAY, at);
  entry.writeUInt16LE(cluster, 26);
  entry.writeUInt32LE(size, 28);
  return entry;
}

function shortLabel(label: string): Buffer {
  return Buffer.from(label.padEnd(11), "ascii");
}

/** Twelve bits a cluster: where its file goes on. */
function allocationTable(files: readonly FatFile[], sectors: number): Buffer {
  const fat = Buffer.alloc(sectors * SECTOR);
  const put = (cluster: number, value: number) => {
    const at = Math.floor(cluster * 1.5);
    const both = fat.readUInt16LE(at);
    fat.writeUInt16LE(cluster % 2 === 0 ? (both & 0xf000) | value : (both & 0x000f) | (value << 4), at);
  };
  put(0, 0xff8);
  put(1, LAST_OF_FILE);
  let cluster = FIRST_CLUSTER;
  for (const { data } of files) {
    const end = cluster + clustersOf(data);
    for (; cluster < end; cluster++) put(cluster, cluster + 1 === end ? LAST_OF_FILE : cluster + 1);
  }
  return fat;
}

interface Volume {
  readonly label: string;
  readonly files: readonly FatFile[];
  readonly hidden: number;
  readonly sectors: number;
  readonly fatSectors: number;
  readonly rootEntries: number;
}

function writeBootSector(sector: Buffer, volume: Volume): void {
  sector.set([0xeb, 0x3c, 0x90]);
  sector.write("MSDOS5.0", 3, "ascii");
  sector.writeUInt16LE(SECTOR, 11);
  sector[13] = CLUSTER / SECTOR;
  sector.writeUInt16LE(1, 14);
  sector[16] = 2;
  sector.writeUInt16LE(volume.rootEntries, 17);
  sector.writeUInt16LE(volume.sectors, 19);
  sector[21] = 0xf8;
  sector.writeUInt16LE(volume.fatSectors, 22);
  sector.writeUInt16LE(TRACK, 24);
  sector.writeUInt16LE(HEADS, 26);
  sector.writeUInt32LE(volume.hidden, 28);
  sector[36] = 0x80;
  sector[38] = 0x29;
  sector.set(serialOf(volume), 39);
  sector.set(shortLabel(volume.label), 43);
  sector.write("FAT12   ", 54, "ascii");
  sector.set(NO_BOOT, 62);
  sector.set([0x55, 0xaa], 510);
}

function serialOf({ files }: Volume): Uint8Array {
  const hash = createHash("sha256");
  for (const { name, data } of files) hash.update(`${name} ${data.length} `).update(data);
  return hash.digest().subarray(0, 4);
}

function writePartitionTable(disk: Buffer, start: number, sectors: number): void {
  disk.set(NO_BOOT);
  const entry = disk.subarray(446, 462);
  entry.set(cylinderHeadSector(start), 1);
  entry[4] = 0x01;
  entry.set(cylinderHeadSector(start + sectors - 1), 5);
  entry.writeUInt32LE(start, 8);
  entry.writeUInt32LE(sectors, 12);
  disk.set([0x55, 0xaa], 510);
}

function cylinderHeadSector(sector: number): readonly number[] {
  const cylinder = Math.floor(sector / (TRACK * HEADS));
  return [Math.floor(sector / TRACK) % HEADS, (sector % TRACK) + 1 + ((cylinder >> 8) << 6), cylinder & 0xff];
}
