import type { Ports } from "../../../src/core/ports.ts";
import type { HostDirectories } from "../../../src/core/provider.ts";

export interface Tools {
  readonly ports: Ports;
  readonly host: HostDirectories;
}

/** Of a link's end: the name of its companion, and in the run directory of its socket, log and pid file. */
export function endName(position: number): string {
  return `end${position}`;
}

export function socketOf(id: string, position: number): string {
  return `${id}.${endName(position)}.sock`;
}

export function logOf(id: string, position: number): string {
  return `${id}.${endName(position)}.log`;
}

export function pidFileOf(id: string, position: number): string {
  return `${id}.${endName(position)}.pid`;
}
