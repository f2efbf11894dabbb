import type { Json } from "../../../src/core/values.ts";
import type { Process } from "../host/processes.ts";
import { imageAt, putImage } from "./qemuImg.ts";

/** A simulated QEMU's disks. */
export interface BlockDevices {
  /** Why QEMU would not start with them. */
  readonly refusal: string | undefined;
  /** What a guest does to each disk it may write, when it boots. */
  write(): void;
  /** The paths of the disks that it may write. */
  written(): readonly string[];
  /** By node name; undefined when it was done. */
  resize(node: string, bytes: number): string | undefined;
  /** As query-block tells it of the CD drive. */
  drives(): Json;
  /** Null takes out what is in the CD drive; undefined when it was done. */
  insert(path: string | null): string | undefined;
}

/** `groups`: what is in the `-blockdev` options, a protocol's before the format's that stands on it. */
export function blockDevices(process: Process, groups: readonly ReadonlyMap<string, string>[]): BlockDevices {
  const { disk } = process.machine;
  const files = new Map(groups.map((one) => [one.get("node-name"), one.get("filename")]));
  const devices = groups.flatMap((one) => {
    const path = files.get(one.get("file"));
    return path === undefined
      ? []
      : [{ node: one.get("node-name"), path, readonly: one.get("read-only") === "on", format: one.get("driver") }];
  });
  let refusal: string | undefined;
  let cd = files.get("cdrom-file") ?? null;
  for (const { path, format } of devices) {
    try {
      const image = imageAt(disk, path);
      if (format !== "raw" && image.format !== format) refusal = `Image is not in ${format} format`;
      if (image.backing !== undefined) disk.get(image.backing, "open");
    } catch (error) {
      refusal = `Could not open '${path}': ${(error as Error).message}`;
    }
  }
  return {
    refusal,
    write() {
      for (const { path, readonly } of devices) {
        // It was removed; the guest writes on to what nobody sees.
        if (readonly || !disk.find(path)) continue;
        const image = imageAt(disk, path);
        putImage(disk, path, { ...image, written: [...image.written, process.pid] });
      }
    },
    written: () => devices.flatMap(({ path, readonly }) => (readonly ? [] : [path])),
    resize(node, bytes) {
      const device = devices.find((one) => one.node === node);
      if (!device) return `Cannot find device='' nor node-name='${node}'`;
      putImage(disk, device.path, { ...imageAt(disk, device.path), bytes });
      return undefined;
    },
    drives: () => [{ device: "", qdev: "cdrom", ...(cd === null ? {} : { inserted: { file: cd } }) }],
    insert(path) {
      if (path !== null && !disk.find(path)) return `Could not open '${path}': No such file or directory`;
      cd = path;
      return undefined;
    },
  };
}
