import type { Attributes, Json } from "../../src/core/values.ts";
import type { ConsoleType } from "./consoles/types.ts";
import type { Priority } from "./cpu/priority.ts";
import type { Disk } from "./disks/disk.ts";
import { disksOf } from "./disks/disk.ts";
import type { CloudInit, ConfigDisk } from "./seeds/seeds.ts";

export interface Listener {
  readonly host: string;
  readonly port: number;
}

export interface Ready {
  readonly console: string | null;
  readonly console_match: string | null;
  readonly tcp: number | null;
  readonly guest_agent: boolean;
  readonly timeout_s: number;
}

/** By the label of the forward block: `22`, `53/udp`. */
export type Forwards = { readonly [label: string]: { readonly host: string; readonly host_port: number | null } };

export interface AdapterSettings {
  readonly type: string | null;
  readonly mac_address: string | null;
  readonly name: string | null;
  readonly user_network: { readonly forward: Forwards } | null;
}

/** A node's attributes as the schema shapes them, once everything planned is known. */
export interface NodeAttributes {
  readonly platform: string;
  readonly qemu_binary: string;
  readonly machine: string | null;
  readonly cpu_model: string | null;
  readonly accel: "kvm" | "tcg";
  readonly cpus: number;
  readonly max_cpus: number | null;
  readonly ram: number;
  /** QEMU's own, word by word. */
  readonly options: readonly string[];
  readonly adapters: number;
  readonly adapter_type: string;
  readonly mac_address: string;
  readonly bios_image: string | null;
  readonly uefi: boolean;
  readonly tpm: boolean;
  readonly kernel_image: string | null;
  readonly initrd: string | null;
  readonly kernel_command_line: string | null;
  readonly boot_priority: string;
  readonly cdrom_image: string | null;
  /** By label, in their order. */
  readonly disk: ReadonlyMap<string, Disk>;
  readonly console_type: ConsoleType;
  readonly console_port: number | null;
  readonly aux_console: ConsoleType;
  readonly aux_console_port: number | null;
  readonly monitor_port: number | null;
  readonly on_stop: "power_off" | "shutdown_signal" | "save_vm_state";
  readonly stop_timeout_s: number;
  readonly power: "on" | "off" | "suspended";
  readonly process_priority: Priority;
  /** Percent of one processor; 0: no limit. */
  readonly cpu_throttling: number;
  /** By the adapter's number. */
  readonly adapter_settings: { readonly [index: string]: AdapterSettings };
  readonly cloud_init: CloudInit | null;
  readonly config_disk: ConfigDisk | null;
  readonly ready: Ready | null;
  readonly id: string;
  readonly uuid: string;
  readonly uefi_code: string | null;
  readonly adapter: readonly { readonly id: string; readonly mac_address: string; readonly name: string }[];
  readonly tunnel: "stream" | "dgram";
  readonly console: Listener | null;
  readonly aux: Listener | null;
  readonly monitor: Listener | null;
  /** By the label of the forward block; null without any. */
  readonly forward: { readonly [label: string]: Listener } | null;
  readonly console_access: "owner" | "host";
  readonly directory: string | null;
  readonly pid: number | null;
  readonly command_line: string | null;
}

/** The schema has been held by the engine; this only gives the attributes their types, and disks their order. */
export function nodeAttributes(attributes: Attributes): NodeAttributes {
  return { ...(attributes as unknown as NodeAttributes), disk: disksOf(attributes) };
}

export function listener(json: Json | undefined): Listener | null {
  return json === null || json === undefined ? null : (json as unknown as Listener);
}
