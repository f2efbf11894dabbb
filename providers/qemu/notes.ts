import type { ProcessIdentity } from "../../src/core/ports.ts";
import type { Instance } from "../../src/core/state.ts";
import type { Json } from "../../src/core/values.ts";
import type { Companion } from "../shared/companions.ts";
import type { Listener } from "./attributes.ts";
import { listener } from "./attributes.ts";
import type { Binary } from "./binary.ts";
import { binaryFromNotes } from "./binary.ts";
import type { Cgroup } from "./cpu/cgroup.ts";
import type { DiskRecords } from "./disks/record.ts";
import type { Uefi } from "./firmware/uefi.ts";
import type { SavedState } from "./vmState/record.ts";

/** What the provider remembers of an instance beside its attributes. */
export interface Notes {
  /** QEMU, or the keeper; undefined while it is off. */
  readonly process?: ProcessIdentity | undefined;
  /** ISO 8601, of the last start. Events from before it are of another boot. */
  readonly started?: string | undefined;
  /** Bytes of console.log and qemu.log from before this boot. */
  readonly consoleOffset?: number | undefined;
  readonly logOffset?: number | undefined;
  /** The ports that were served last, kept when the keeper was found not serving them. */
  readonly console?: Listener | null | undefined;
  readonly aux?: Listener | null | undefined;
  readonly monitor?: Listener | null | undefined;
  readonly binary?: Binary | undefined;
  readonly disks?: DiskRecords | undefined;
  /** What its UEFI variables were made of. */
  readonly uefi?: Uefi | undefined;
  /** What was saved of its machine when it was stopped, until its guest goes on. */
  readonly saved?: SavedState | undefined;
  /** Processes beside QEMU, by name; `companions` is a word of the state's, which knows them by it. */
  readonly companions?: { readonly [name: string]: Companion } | undefined;
  /** Whether the QEMU that runs has a port for the guest agent. */
  readonly agent?: true | undefined;
  /** The cgroup that holds QEMU down. */
  readonly cgroup?: Cgroup | undefined;
  /** What the cpulimit beside QEMU was given, in percent. */
  readonly limit?: number | undefined;
  /** What was made of its process_priority; absent while nothing was. */
  readonly niceness?: number | undefined;
}

export function notesOf(instance: Instance): Notes {
  const { private: notes } = instance;
  return {
    process: (notes["process"] ?? undefined) as unknown as ProcessIdentity | undefined,
    started: (notes["started"] ?? undefined) as string | undefined,
    consoleOffset: (notes["consoleOffset"] ?? undefined) as number | undefined,
    logOffset: (notes["logOffset"] ?? undefined) as number | undefined,
    console: listener(notes["console"]),
    aux: listener(notes["aux"]),
    monitor: listener(notes["monitor"]),
    binary: binaryFromNotes(notes["binary"]),
    disks: (notes["disks"] ?? undefined) as unknown as DiskRecords | undefined,
    uefi: (notes["uefi"] ?? undefined) as unknown as Uefi | undefined,
    saved: (notes["saved"] ?? undefined) as unknown as SavedState | undefined,
    companions: (notes["companions"] ?? undefined) as unknown as Notes["companions"],
    agent: notes["agent"] === true ? true : undefined,
    cgroup: (notes["cgroup"] ?? undefined) as unknown as Cgroup | undefined,
    limit: (notes["limit"] ?? undefined) as number | undefined,
    niceness: (notes["niceness"] ?? undefined) as number | undefined,
  };
}

/** The instance with these notes changed; undefined forgets one. */
export function withNotes(instance: Instance, changes: Notes): Instance {
  const notes: { [key: string]: Json } = { ...instance.private };
  for (const [name, note] of Object.entries(changes)) {
    if (note === undefined) delete notes[name];
    else notes[name] = note as Json;
  }
  return { ...instance, private: notes };
}
