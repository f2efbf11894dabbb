import type { TunnelKind } from "../../src/core/provider.ts";
import type { Json } from "../../src/core/values.ts";

/** What carries a lab's links. */
export type Engine = "builtin" | "ubridge";

export function isEngine(value: Json | symbol | undefined): value is Engine {
  return value === "builtin" || value === "ubridge";
}

export function serviceAddress(engine: Engine): string {
  return `service.bridge["${engine}"]`;
}

/** uBridge takes Unix datagrams; ours relays streams, since Node has no Unix datagram sockets. */
export function tunnelOf(engine: Engine): TunnelKind {
  return engine === "ubridge" ? "dgram" : "stream";
}

/** Names in the run directory. */
export function socketName(engine: Engine): string {
  return `bridge-${engine}.sock`;
}

export function logName(engine: Engine): string {
  return `bridge-${engine}.log`;
}

/** As it is called in messages. */
export function engineTitle(engine: Engine): string {
  return engine === "ubridge" ? "uBridge" : "the built-in bridge";
}
