import type { Ports } from "../../../src/core/ports.ts";
import type { HostDirectories } from "../../../src/core/provider.ts";
import { ImageDigests } from "./digests.ts";
import { EmptyOverlays } from "./emptyOverlays.ts";
import type { ImageInfo, QemuImg } from "./qemuImg.ts";
import { findQemuImg } from "./qemuImg.ts";
import { DiskAccount } from "./space.ts";
import { ImageUses } from "./uses.ts";

/** What a run knows of images and disks; each is asked of the host once. */
export class DiskTools {
  readonly digests: ImageDigests;
  readonly overlays: EmptyOverlays;
  readonly uses = new ImageUses();
  readonly space: DiskAccount;
  readonly #ports: Ports;
  readonly #programs = new Map<string | null, Promise<QemuImg>>();
  readonly #infos = new Map<string, Promise<ImageInfo>>();

  constructor(ports: Ports, directories: HostDirectories) {
    this.#ports = ports;
    this.digests = new ImageDigests(ports);
    this.overlays = new EmptyOverlays(ports.files);
    this.space = new DiskAccount(ports.files, directories.nodes);
  }

  /** The one that belongs to a QEMU executable. Rejects with `Failure`. */
  qemuImg(qemu: string | null): Promise<QemuImg> {
    let found = this.#programs.get(qemu);
    if (!found) {
      found = findQemuImg(this.#ports, qemu);
      this.#programs.set(qemu, found);
    }
    return found;
  }

  /** What an image is; `stamp` tells whether it is still the same. Rejects with `Failure`. */
  async info(
    image: { readonly path: string; readonly stamp: string; readonly format: string | null; readonly what: string },
    qemu: string | null,
  ): Promise<ImageInfo> {
    const { path, stamp, format, what } = image;
    const key = `${stamp} ${format ?? ""} ${path}`;
    let info = this.#infos.get(key);
    if (!info) {
      info = this.qemuImg(qemu).then((program) => program.info(path, format, what));
      this.#infos.set(key, info);
    }
    return await info;
  }
}
