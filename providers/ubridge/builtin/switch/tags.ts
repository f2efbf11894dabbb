import { type Batch, forEachFrame, HEADER_BYTES, MAXIMUM_FRAME_BYTES } from "../frames.ts";

/** IEEE 802.1Q: behind the two addresses stand 0x8100 and 16 bits, of which the lower 12 are the VLAN. */
const TAG_BYTES = 4;
const ADDRESSES_BYTES = 12;
const TAG_PROTOCOL = 0x8100;

/** What a frame says of its VLAN: nothing, the VLAN, or only a priority (a tag of VLAN 0). */
export const UNTAGGED = 0;
export const TAGGED = 1;
export const PRIORITY = 2;

/** The VLAN in the tag of the frame whose addresses start at `at`, with its 4096 bit set; 0 without a tag. */
export function tagAt(data: Buffer, at: number, length: number): number {
  if (length < ADDRESSES_BYTES + TAG_BYTES) return 0;
  const type = at + ADDRESSES_BYTES;
  if (data[type] !== TAG_PROTOCOL >> 8 || data[type + 1] !== (TAG_PROTOCOL & 0xff)) return 0;
  return 0x1000 | (((data[type + 2] as number) & 0x0f) << 8) | (data[type + 3] as number);
}

/** Frames that have tags, without them. */
export function withoutTags(batch: Batch): Batch {
  const data = Buffer.allocUnsafe(batch.data.length - batch.frames * TAG_BYTES);
  let to = 0;
  forEachFrame(batch, (start, end) => {
    const length = end - start - HEADER_BYTES - TAG_BYTES;
    to = data.writeUInt32BE(length, to);
    const addresses = start + HEADER_BYTES;
    batch.data.copy(data, to, addresses, addresses + ADDRESSES_BYTES);
    batch.data.copy(data, to + ADDRESSES_BYTES, addresses + ADDRESSES_BYTES + TAG_BYTES, end);
    to += length;
  });
  return { data, frames: batch.frames };
}

/** Frames that have none, with tags of a VLAN. One that would be longer than any may be is left out. */
export function withTags(batch: Batch, vlan: number): Batch {
  const data = Buffer.allocUnsafe(batch.data.length + batch.frames * TAG_BYTES);
  let to = 0;
  let frames = 0;
  forEachFrame(batch, (start, end) => {
    const length = end - start - HEADER_BYTES + TAG_BYTES;
    if (length > MAXIMUM_FRAME_BYTES) return;
    frames++;
    to = data.writeUInt32BE(length, to);
    const addresses = start + HEADER_BYTES;
    batch.data.copy(data, to, addresses, addresses + ADDRESSES_BYTES);
    const tag = data.writeUInt16BE(TAG_PROTOCOL, to + ADDRESSES_BYTES);
    batch.data.copy(data, data.writeUInt16BE(vlan, tag), addresses + ADDRESSES_BYTES, end);
    to += length;
  });
  return { data: data.subarray(0, to), frames };
}

/** Frames whose tags say only a priority, with their VLAN in them. */
export function withVlan(batch: Batch, vlan: number): Batch {
  const data = Buffer.from(batch.data);
  forEachFrame(batch, (start) => {
    const at = start + HEADER_BYTES + ADDRESSES_BYTES + 2;
    data.writeUInt16BE((data.readUInt16BE(at) & 0xf000) | vlan, at);
  });
  return { data, frames: batch.frames };
}
