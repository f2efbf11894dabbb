import type { FrontedType } from "../consoles/types.ts";

/**
 * What labform and its keeper say to each other on `keeper.sock`: one JSON document a line each way, `{"id", "command",
 * "arguments"}` answered by `{"id", "result"}` or `{"id", "error": {"code", "message"}}`.
 */
export const CONTROL_SOCKET = "keeper.sock";

/**
 * Of what the two say to each other. A keeper of another one, which a labform of another version left running, is
 * replaced before it is asked for anything.
 */
export const PROTOCOL = 2;

/** Longest request or answer, in bytes; a keeper of 1,000 nodes lists itself in a fifth of it. */
export const MAX_LINE_BYTES = 1024 * 1024;

export interface ServeRequest {
  /** The node's id: the stem of its socket names in the run directory. */
  readonly node: string;
  /** `node.r1`, for messages. */
  readonly address: string;
  readonly console: ConsoleRequest | null;
  readonly aux: ConsoleRequest | null;
  readonly monitor: PortRequest | null;
  /** `host`: every account, and every peer the console's address admits. The monitor is the owner's either way. */
  readonly access: "owner" | "host";
  /** QEMU's logs of the two where they are serial lines (absolute), which the keeper empties when they grow past 16 MiB. */
  readonly consoleLog?: string | undefined;
  readonly auxLog?: string | undefined;
}

/** telnet: a serial line, shared by all clients. vnc, spice: a screen, to which each client has a way of its own. */
export interface ConsoleRequest extends PortRequest {
  readonly type: FrontedType;
}

export interface PortRequest {
  readonly host: string;
  /** null: the port it has already, else the first free one of `range` (both ends included). */
  readonly port: number | null;
  readonly range: readonly [number, number];
}

export interface ServedPort {
  readonly host: string;
  readonly port: number;
}

export interface ServeResult {
  readonly console: ServedPort | null;
  readonly aux: ServedPort | null;
  readonly monitor: ServedPort | null;
}

export interface PingResult {
  readonly version: string;
  readonly pid: number;
  readonly nodes: number;
}

export interface ServedNode extends ServeResult {
  readonly node: string;
  /** QEMU has greeted the keeper: from now on its end is noted, whatever it is. */
  readonly connected: boolean;
  /** Its guest stands still until it is let go on; null while that is not known. */
  readonly paused: boolean | null;
}

export interface ListResult {
  readonly protocol: number;
  readonly nodes: readonly ServedNode[];
}

export type KeeperErrorCode =
  | "malformed"
  | "unknown-command"
  | "bad-arguments"
  /** A port asked for is another's. */
  | "port-taken"
  /** No port of the range is free. */
  | "range-taken"
  /** The port needs a right the account does not have. */
  | "port-forbidden"
  /** The host has no such address. */
  | "address-unavailable"
  | "failed";

/** An answer of the keeper that is no success; `message` is a sentence for the user. */
export class KeeperError extends Error {
  readonly code: KeeperErrorCode;
  constructor(code: KeeperErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "KeeperError";
    this.code = code;
  }
}

/** A node's id becomes file names, so it may hold nothing else. */
const nodePattern = /^[a-z0-9-]{1,48}$/;

export function checkNode(fields: unknown): string {
  const node = objectOf(fields, "arguments")["node"];
  if (typeof node !== "string" || !nodePattern.test(node)) {
    throw bad("node must be 1 to 48 of the characters a-z, 0-9 and -");
  }
  return node;
}

/** Throws `bad-arguments`, naming the argument. */
export function checkServe(fields: unknown): ServeRequest {
  const given = objectOf(fields, "arguments");
  const node = checkNode(given);
  const { address, access } = given;
  if (typeof address !== "string" || address.length > 1024) throw bad("address must be a string");
  if (access !== "owner" && access !== "host") throw bad('access must be "owner" or "host"');
  const [consoleLog, auxLog] = [logOf(given, "consoleLog"), logOf(given, "auxLog")];
  const [console, aux] = [consoleOf(given, "console"), consoleOf(given, "aux")];
  return { node, address, access, consoleLog, auxLog, console, aux, monitor: monitorOf(given) };
}

function logOf(given: Record<string, unknown>, name: string): string | undefined {
  const log = given[name];
  if (log === undefined || (typeof log === "string" && log.startsWith("/"))) return log;
  throw bad(`${name} must be an absolute path`);
}

function consoleOf(given: Record<string, unknown>, name: "console" | "aux"): ConsoleRequest | null {
  const field = given[name];
  if (field === null) return null;
  const { type } = objectOf(field, name);
  if (type !== "telnet" && type !== "vnc" && type !== "spice") throw bad(`${name}.type must be telnet, vnc or spice`);
  return { type, ...portRequest(field, name) };
}

function monitorOf(given: Record<string, unknown>): PortRequest | null {
  return given["monitor"] === null ? null : portRequest(given["monitor"], "monitor");
}

function portRequest(field: unknown, name: string): PortRequest {
  const { host, port, range } = objectOf(field, name);
  if (typeof host !== "string" || host === "" || host.length > 255) throw bad(`${name}.host must be an address`);
  if (port !== null && !isPort(port)) throw bad(`${name}.port must be null or a port`);
  if (!Array.isArray(range) || range.length !== 2 || !isPort(range[0]) || !isPort(range[1]) || range[0] > range[1]) {
    throw bad(`${name}.range must be two ports, the lower first`);
  }
  return { host, port, range: [range[0], range[1]] };
}

function isPort(field: unknown): field is number {
  return Number.isInteger(field) && (field as number) >= 1 && (field as number) <= 65535;
}

function objectOf(field: unknown, name: string): Record<string, unknown> {
  if (typeof field !== "object" || field === null || Array.isArray(field)) throw bad(`${name} must be an object`);
  return field as Record<string, unknown>;
}

function bad(message: string): KeeperError {
  return new KeeperError("bad-arguments", message);
}
