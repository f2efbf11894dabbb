import type { Json } from "../../../src/core/values.ts";
import type { Disk } from "../host/disk.ts";
import type { Process } from "../host/processes.ts";
import { imageAt, putImage, type SimulatedImage } from "./qemuImg.ts";

/** How far a simulated guest came, and what its disks then held. */
interface GuestState {
  readonly shown: number;
  readonly disks: readonly string[];
}

type StateFile = SimulatedImage & { readonly states?: { readonly [tag: string]: GuestState } };
type Reply = { readonly return: Json } | { readonly error: { readonly class: string; readonly desc: string } };

/** From which states a guest went on, of all simulated QEMUs of a host. */
const gone = new WeakMap<Disk, Set<string>>();

/** Saving and loading what a simulated guest does, as QEMU's jobs; undefined for commands that are none of these. */
export class VmStates {
  readonly #process: Process;
  readonly #written: () => readonly string[];
  readonly #files = new Map<string, string>();
  readonly #jobs = new Map<string, string | undefined>();
  #loaded: { readonly key: string; readonly state: GuestState } | undefined;

  /** `written`: the paths of the disks that its guest may write. */
  constructor(process: Process, written: () => readonly string[]) {
    this.#process = process;
    this.#written = written;
  }

  execute(command: string, args: { readonly [name: string]: Json }, shown: number): Reply | undefined {
    if (command === "blockdev-add") {
      const { filename } = args["file"] as { readonly filename: string };
      this.#files.set(String(args["node-name"]), filename);
      return { return: {} };
    }
    if (command === "blockdev-del" && this.#files.delete(String(args["node-name"]))) return { return: {} };
    if (command === "query-jobs") {
      const jobs = [...this.#jobs].map(([id, error]) => ({
        ...{ id, status: "concluded" },
        ...(error === undefined ? {} : { error }),
      }));
      return { return: jobs };
    }
    if (command === "job-dismiss") {
      this.#jobs.delete(String(args["id"]));
      return { return: {} };
    }
    if (command !== "snapshot-save" && command !== "snapshot-load") return undefined;
    const path = this.#files.get(String(args["vmstate"])) ?? "";
    const tag = String(args["tag"]);
    const done = command === "snapshot-save" ? this.#save(path, tag, shown) : this.#load(path, tag);
    this.#jobs.set(String(args["job-id"]), done);
    return { return: {} };
  }

  /** The guest is let run: how far it had come, where it was loaded. Throws when that would be wrong in a real one. */
  goOn(): number | undefined {
    if (!this.#loaded) return undefined;
    const { key, state } = this.#loaded;
    this.#loaded = undefined;
    const { disk } = this.#process.machine;
    const used = gone.get(disk) ?? new Set();
    if (used.has(key)) throw new Error(`a guest goes on twice from ${key}`);
    gone.set(disk, used.add(key));
    if (state.disks.join() !== this.#content().join()) throw new Error(`a guest goes on with other disks from ${key}`);
    return state.shown;
  }

  #save(path: string, tag: string, shown: number): string | undefined {
    const { disk } = this.#process.machine;
    const states = { [tag]: { shown, disks: this.#content() } };
    putImage(disk, path, { ...imageAt(disk, path), states } as StateFile);
    return undefined;
  }

  #load(path: string, tag: string): string | undefined {
    const { disk } = this.#process.machine;
    if (!disk.find(path)) return `Could not open '${path}'`;
    const state = (imageAt(disk, path) as StateFile).states?.[tag];
    if (!state) return `Snapshot '${tag}' does not exist in one or more devices`;
    this.#loaded = { key: `${path} ${tag}`, state };
    return undefined;
  }

  #content(): readonly string[] {
    const { disk } = this.#process.machine;
    return this.#written().map((path) => (disk.find(path) ? JSON.stringify(imageAt(disk, path).written) : ""));
  }
}
