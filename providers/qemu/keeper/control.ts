import { chmod, lstat, rename, rm } from "node:fs/promises";
import { connect, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { LineReader } from "./lines.ts";
import { CONTROL_SOCKET, KeeperError, MAX_LINE_BYTES } from "./protocol.ts";

type Perform = (command: string, fields: unknown) => Promise<unknown>;

interface Request {
  readonly id: unknown;
  readonly command: string;
  readonly arguments: unknown;
}

interface Control {
  /** Takes the socket away, unless it is a successor's by now. */
  close(): Promise<void>;
}

/**
 * Listens on the control socket and answers each line in turn. `onStop` is called once the answer to `stop` is out.
 * A predecessor's stale socket is replaced; a living one is an error.
 */
export async function openControl(directory: string, perform: Perform, onStop: () => void): Promise<Control> {
  const path = join(directory, CONTROL_SOCKET);
  if (await isAnswered(path)) throw new Error(`another keeper listens on ${path}`);
  // Made under another name, so that the socket is never there with the wrong mode, nor missing once it was there.
  const temporary = `${path}.${process.pid}`;
  await rm(temporary, { force: true });
  const server = createServer({ allowHalfOpen: true }, (socket) => void converse(socket, perform, onStop));
  await listening(server, temporary);
  server.on("error", () => {});
  await chmod(temporary, 0o600);
  await rename(temporary, path);
  const { ino } = await lstat(path);
  return {
    close: async () => {
      server.close();
      const now = await lstat(path).catch(() => undefined);
      if (now?.ino === ino) await rm(path, { force: true });
    },
  };
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(path);
    probe.on("connect", () => {
      probe.destroy();
      resolve(true);
    });
    probe.on("error", () => resolve(false));
  });
}

function listening(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

/** One request at a time: a client that does not read its answers is not read either. */
async function converse(socket: Socket, perform: Perform, onStop: () => void): Promise<void> {
  socket.on("error", () => {});
  const reader = new LineReader(MAX_LINE_BYTES);
  try {
    for await (const chunk of socket as AsyncIterable<Uint8Array>) {
      for (const line of reader.push(chunk)) {
        if (line === "") continue;
        const { answer, stops } = await answerTo(line, perform);
        await written(socket, answer);
        if (stops) onStop();
      }
      if (reader.tooLong) {
        await written(socket, failure(null, tooLong()));
        return;
      }
    }
  } catch {
    // The client is gone.
  } finally {
    socket.end();
    socket.destroySoon();
  }
}

async function answerTo(line: string | undefined, perform: Perform): Promise<{ answer: string; stops: boolean }> {
  let id: unknown = null;
  try {
    if (line === undefined) throw tooLong();
    const request = parse(line);
    id = request.id;
    const stops = request.command === "stop";
    const result = stops ? {} : await perform(request.command, request.arguments);
    return { answer: `${JSON.stringify({ id, result })}\n`, stops };
  } catch (error) {
    return { answer: failure(id, error), stops: false };
  }
}

function failure(id: unknown, error: unknown): string {
  const { code, message } = error instanceof KeeperError ? error : new KeeperError("failed", String(error));
  return `${JSON.stringify({ id, error: { code, message } })}\n`;
}

function tooLong(): KeeperError {
  return new KeeperError("malformed", `a request may have ${MAX_LINE_BYTES} bytes`);
}

function parse(line: string): Request {
  let document: unknown;
  try {
    document = JSON.parse(line);
  } catch {
    throw new KeeperError("malformed", "a request is a JSON object on one line");
  }
  if (typeof document !== "object" || document === null || !("command" in document)) {
    throw new KeeperError("malformed", "a request is a JSON object with a command");
  }
  const { id, command, arguments: fields } = document as { id?: unknown; command: unknown; arguments?: unknown };
  if (typeof command !== "string") throw new KeeperError("malformed", "the command is a string");
  const kept = typeof id === "number" || typeof id === "string" ? id : null;
  return { id: kept, command, arguments: fields ?? {} };
}

function written(socket: Socket, text: string): Promise<void> {
  return new Promise((resolve) => socket.write(text, () => resolve()));
}
