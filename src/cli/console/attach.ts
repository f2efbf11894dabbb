import { connect, type Socket } from "node:net";
import type { Readable } from "node:stream";
import { errorDiagnostic, Failure } from "../../core/diagnostics.ts";
import { CONSOLE_TERMINAL, TelnetEnd } from "../../core/telnet.ts";
import { ConsoleScreen } from "./consoleScreen.ts";
import { holdTerminal, type Screen, type Terminal } from "./terminal.ts";

export interface AttachOptions {
  readonly host: string;
  readonly port: number;
  /** `node.r1's console`, for messages. */
  readonly name: string;
  /** Standard input. A terminal's keys go to the console one by one; anything else is piped into it. */
  readonly input: Readable & Terminal;
  readonly output: Screen;
  readonly signal?: AbortSignal | undefined;
}

/** `left`: by the user, a signal or the end of piped input. `closed`: from the other end. */
export type AttachResult = "left" | "closed";

/** Ctrl-], as telnet's and QEMU's own users know it. */
const LEAVE = 0x1d;
const LF = 10;
const CR = 13;

const CONNECT_MS = 5000;
/** Keys that wait for a console which takes none. More are dropped: reading on is what lets Ctrl-] be noticed. */
const MAX_WAITING_KEYS = 1024 * 1024;
/** Once piped input has been taken, the console is listened to until it has been quiet for this long, */
const QUIET_MS = 500;
/** but not for longer than this: some consoles never are. */
const DRAIN_MS = 5000;

/**
 * Connects a console to standard input and output until one of them ends. It outlasts the node: one that is turned off
 * and on again goes on where it was left. The terminal is as it was afterwards, in every case. Rejects with `Failure`
 * when the console cannot be reached, or is lost by an error.
 */
export async function attach(options: AttachOptions): Promise<AttachResult> {
  const { input, output, name, signal } = options;
  if (signal?.aborted) return "left";
  const socket = await reach(options);
  if (socket === undefined) return "left";
  let leave = () => {};
  const left = new Promise<"left">((resolve) => {
    leave = () => resolve("left");
  });
  signal?.addEventListener("abort", leave, { once: true });
  if (output.isTTY) output.write(`Connected to ${name}. Ctrl-] leaves.\r\n`);
  const screen = output.isTTY ? new ConsoleScreen(output) : undefined;
  const releaseTerminal = input.isTTY ? holdTerminal(input, output, leave, () => screen?.end() ?? "") : undefined;
  const telnet = new TelnetEnd(CONSOLE_TERMINAL);
  const ignoreSize = tellSize(output, socket, telnet);
  const hush = input.isTTY ? sendKeys(input, socket, telnet, leave) : sendPiped(input, socket, telnet, leave);
  const show = (data: Uint8Array) => screen?.show(data) ?? output.write(data);
  output.on("error", leave);
  try {
    return await Promise.race([left, receive(socket, telnet, output, show, name)]);
  } finally {
    hush();
    ignoreSize();
    output.off("error", leave);
    socket.destroy();
    if (releaseTerminal) releaseTerminal();
    else if (screen) output.write(screen.end());
    signal?.removeEventListener("abort", leave);
  }
}

/** Undefined when `signal` aborted first. */
function reach({ host, port, name, signal }: AttachOptions): Promise<Socket | undefined> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true, timeout: CONNECT_MS });
    const giveUp = () => {
      socket.destroy();
      resolve(undefined);
    };
    const refuse = (cause: Error) => {
      socket.destroy();
      signal?.removeEventListener("abort", giveUp);
      reject(unreachable(name, host, port, cause));
    };
    signal?.addEventListener("abort", giveUp, { once: true });
    socket.once("error", refuse);
    socket.once("timeout", () => refuse(new Error(`no answer in ${CONNECT_MS / 1000} s`)));
    socket.once("connect", () => {
      socket.setTimeout(0);
      socket.off("error", refuse);
      signal?.removeEventListener("abort", giveUp);
      resolve(socket);
    });
  });
}

function unreachable(name: string, host: string, port: number, cause: Error): Failure {
  const code = (cause as NodeJS.ErrnoException).code;
  const why = code === "ECONNREFUSED" ? "nothing listens there" : cause.message;
  return new Failure(
    errorDiagnostic(`${name} cannot be reached on ${host} port ${port}: ${why}`, {
      detail: 'The lab\'s keeper serves this port. "labform apply" starts it again where it is gone.',
    }),
    { cause },
  );
}

/** Resolves when the other end closes; rejects when the connection breaks. */
function receive(
  socket: Socket,
  telnet: TelnetEnd,
  output: Screen,
  show: (data: Uint8Array) => boolean,
  name: string,
): Promise<"closed"> {
  return new Promise((resolve, reject) => {
    socket.on("data", (chunk) => {
      const { data, reply } = telnet.receive(chunk);
      if (reply.length > 0) socket.write(reply);
      if (data.length > 0 && !show(data)) {
        socket.pause();
        output.once("drain", () => socket.resume());
      }
    });
    socket.on("error", (cause) => {
      reject(new Failure(errorDiagnostic(`The connection to ${name} broke: ${cause.message}`), { cause }));
    });
    socket.on("close", () => resolve("closed"));
  });
}

/** Tells the other end the terminal's size, now and when it changes. Returns how to end that. */
function tellSize(output: Screen, socket: Socket, telnet: TelnetEnd): () => void {
  const tell = () => {
    const { columns, rows } = output;
    if (!columns || !rows) return;
    const message = telnet.resize(columns, rows);
    if (message.length > 0) socket.write(message);
  };
  tell();
  output.on("resize", tell);
  return () => output.off("resize", tell);
}

function sendKeys(input: Readable, socket: Socket, telnet: TelnetEnd, leave: () => void): () => void {
  const onData = (chunk: Buffer) => {
    const at = chunk.indexOf(LEAVE);
    const keys = at === -1 ? chunk : chunk.subarray(0, at);
    if (socket.writableLength < MAX_WAITING_KEYS) socket.write(telnet.send(keys));
    if (at !== -1) leave();
  };
  return listen(input, onData, leave);
}

/** Line ends become Enter (CR), which is what a console takes for the end of a line. */
function sendPiped(input: Readable, socket: Socket, telnet: TelnetEnd, leave: () => void): () => void {
  let afterReturn = false;
  let stopDraining = () => {};
  const onData = (chunk: Buffer) => {
    const keys = Buffer.alloc(chunk.length);
    let length = 0;
    for (const byte of chunk) {
      if (!(byte === LF && afterReturn)) keys[length++] = byte === LF ? CR : byte;
      afterReturn = byte === CR;
    }
    if (socket.write(telnet.send(keys.subarray(0, length)))) return;
    input.pause();
    socket.once("drain", () => input.resume());
  };
  const hush = listen(input, onData, () => {
    stopDraining = drain(socket, telnet, leave);
  });
  return () => {
    hush();
    stopDraining();
  };
}

/** Waits until the keeper has taken all input, however slow the guest is, and then for what the guest says to it. */
function drain(socket: Socket, telnet: TelnetEnd, leave: () => void): () => void {
  let quiet: NodeJS.Timeout | undefined;
  let limit: NodeJS.Timeout | undefined;
  const onData = () => {
    if (telnet.awaitsMark) return;
    limit ??= setTimeout(leave, DRAIN_MS);
    clearTimeout(quiet);
    quiet = setTimeout(leave, QUIET_MS);
  };
  socket.on("data", onData);
  socket.write(telnet.askForMark());
  return () => {
    socket.off("data", onData);
    clearTimeout(quiet);
    clearTimeout(limit);
  };
}

function listen(input: Readable, onData: (chunk: Buffer) => void, onEnd: () => void): () => void {
  input.on("data", onData);
  input.once("end", onEnd);
  input.once("error", onEnd);
  return () => {
    input.off("data", onData);
    input.off("end", onEnd);
    input.off("error", onEnd);
    input.pause();
  };
}
