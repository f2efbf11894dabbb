import type { Attributes, Json } from "../../src/core/values.ts";

export interface Listener {
  readonly host: string;
  readonly port: number;
}

export interface Ready {
  readonly console: string | null;
  readonly timeout_s: number;
}

/** A node's attributes as the schema shapes them, once everything planned is known. */
export interface NodeAttributes {
  readonly platform: string;
  readonly qemu_binary: string;
  readonly machine: string | null;
  readonly cpu_model: string | null;
  readonly accel: "kvm" | "tcg";
  readonly cpus: number;
  readonly ram: number;
  readonly adapters: number;
  readonly adapter_type: string;
  readonly mac_address: string;
  readonly kernel_image: string | null;
  readonly initrd: string | null;
  readonly kernel_command_line: string | null;
  readonly boot_priority: string;
  readonly console_type: "telnet" | "none";
  readonly console_port: number | null;
  readonly monitor_port: number | null;
  readonly on_stop: "power_off";
  readonly stop_timeout_s: number;
  readonly ready: Ready | null;
  readonly id: string;
  readonly uuid: string;
  readonly adapter: readonly { readonly id: string; readonly mac_address: string; readonly name: string }[];
  readonly tunnel: "stream" | "dgram";
  readonly console: Listener | null;
  readonly monitor: Listener | null;
  readonly console_access: "owner" | "host";
  readonly directory: string | null;
  readonly pid: number | null;
  readonly command_line: string | null;
}

/** The schema has been held by the engine; this only gives the attributes their types. */
export function nodeAttributes(attributes: Attributes): NodeAttributes {
  return attributes as unknown as NodeAttributes;
}

export function listener(json: Json | undefined): Listener | null {
  return json === null || json === undefined ? null : (json as unknown as Listener);
}
