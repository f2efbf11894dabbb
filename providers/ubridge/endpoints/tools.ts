import type { Ports } from "../../../src/core/ports.ts";
import type { HostDirectories } from "../../../src/core/provider.ts";

export interface Tools {
  readonly ports: Ports;
  readonly host: HostDirectories;
}

/*
 * In the run directory, by the instance and the name of its end, which is its companion's too.
 */

export function socketOf(id: string, end: string): string {
  return `${id}.${end}.sock`;
}

export function logOf(id: string, end: string): string {
  return `${id}.${end}.log`;
}

export function pidFileOf(id: string, end: string): string {
  return `${id}.${end}.pid`;
}
