import { createHash } from "node:crypto";
import type { Reader } from "../../../src/core/ports.ts";
import { refusal } from "../host/errors.ts";
import type { SimulatedHost } from "../host.ts";

/** What a simulated labform reads at once. Nothing of it changes the host, so nothing of it is a moment to be killed at. */
export function createReader({ disk }: SimulatedHost): Reader {
  return {
    kind: (path) => disk.stat(path).kind,
    read: (path, most) => {
      const data = disk.read(path);
      if (data.length > most) throw refusal("EFBIG", "read", path);
      return Uint8Array.from(data);
    },
    digest: (path, algorithm) => createHash(algorithm).update(disk.read(path)).digest("hex"),
    list: (directory) => disk.list(directory),
  };
}
