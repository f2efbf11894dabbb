import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { PassThrough } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { attach } from "../../../src/cli/console/attach.ts";
import { Failure } from "../../../src/core/diagnostics.ts";
import { CONSOLE_HOST, TelnetEnd } from "../../../src/core/telnet.ts";

const servers: Server[] = [];
const sockets: Socket[] = [];

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const server of servers.splice(0)) server.close();
});

/** A console as the keeper serves it: `heard` is what the guest hears. */
async function consoleServer(onKeys: (keys: string, write: (text: string) => void) => void = () => {}) {
  const heard = { text: "" };
  const server = createServer((socket) => {
    sockets.push(socket);
    const telnet = new TelnetEnd(CONSOLE_HOST);
    const write = (text: string) => void socket.write(telnet.send(Buffer.from(text, "latin1")));
    socket.write(telnet.opening());
    socket.on("error", () => {});
    socket.on("data", (chunk) => {
      const { data, reply } = telnet.receive(chunk);
      socket.write(reply);
      const keys = Buffer.from(data).toString("latin1");
      heard.text += keys;
      if (keys !== "") onKeys(keys, write);
    });
  });
  servers.push(server);
  await once(server.listen(0, "127.0.0.1"), "listening");
  return { server, heard, port: (server.address() as { port: number }).port };
}

class FakeTerminal extends PassThrough {
  readonly isTTY = true;
  isRaw = false;
  readonly modes: boolean[] = [];
  setRawMode(raw: boolean): void {
    this.isRaw = raw;
    this.modes.push(raw);
  }
}

function terminal(port: number, signal?: AbortSignal) {
  const input = new FakeTerminal();
  const output = Object.assign(new PassThrough(), { isTTY: true });
  const shown = { text: "" };
  output.on("data", (chunk: Buffer) => {
    shown.text += chunk.toString("latin1");
  });
  const result = attach({ host: "127.0.0.1", port, name: "node.r1's console", input, output, signal });
  return { input, output, shown, result };
}

async function until(look: () => boolean): Promise<void> {
  for (let tries = 0; !look(); tries++) {
    if (tries > 500) throw new Error("waited in vain");
    await sleep(10);
  }
}

const RESET = "\x1b[?25h";

test("keys go to the guest as they are, its output to the screen without telnet, and Ctrl-] leaves", async () => {
  const { heard, port } = await consoleServer((keys, write) => write(`<${keys}>\xff`));
  const { input, shown, result } = terminal(port);
  await until(() => shown.text.includes("Ctrl-]"));
  expect(input.isRaw).toBe(true);
  input.write("\x03");
  await until(() => shown.text.includes(">\xff"));
  input.write(Buffer.from("ls\r\xff", "latin1"));
  await until(() => heard.text === "\x03ls\r\xff");
  input.write("x\x1dy");
  expect(await result).toBe("left");
  expect(shown.text).toMatch(/^Connected to node\.r1's console\. Ctrl-\] leaves\.\r\n<\x03>\xff<ls\r\xff>\xff/);
  expect(shown.text).toContain(RESET);
  expect(input.modes).toEqual([true, false]);
  await until(() => heard.text === "\x03ls\r\xffx");
});

test("a console that takes no input and sends output without end can still be left", async () => {
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on("error", () => {});
    socket.pause();
    const block = Buffer.alloc(64 * 1024, "flood");
    const flood = () => {
      while (socket.write(block));
    };
    socket.on("drain", flood);
    flood();
  });
  servers.push(server);
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { input, result } = terminal((server.address() as { port: number }).port);
  await until(() => input.isRaw);
  for (let sent = 0; sent < 12; sent++) input.write(Buffer.alloc(1024 * 1024, "k"));
  input.write("\x1d");
  expect(await result).toBe("left");
  expect(input.isRaw).toBe(false);
});

test("a console that ends, breaks or was never there leaves the terminal as it was", async () => {
  const { server, port } = await consoleServer();
  const ended = terminal(port);
  await until(() => sockets.length === 1 && ended.input.isRaw);
  sockets[0]?.end("bye");
  expect(await ended.result).toBe("closed");
  expect(ended.shown.text).toContain("bye");
  expect(ended.input.modes).toEqual([true, false]);

  const broken = terminal(port);
  await until(() => sockets.length === 2 && broken.input.isRaw);
  sockets[1]?.resetAndDestroy();
  await expect(broken.result).rejects.toThrow("The connection to node.r1's console broke");
  expect(broken.input.modes).toEqual([true, false]);

  server.close();
  const absent = terminal(port);
  const failure = await absent.result.catch((thrown: unknown) => thrown);
  expect(failure).toBeInstanceOf(Failure);
  expect((failure as Failure).diagnostics[0]).toMatchObject({
    summary: `node.r1's console cannot be reached on 127.0.0.1 port ${port}: nothing listens there`,
    detail: expect.stringContaining("labform apply"),
  });
  expect(absent.input.modes).toEqual([]);
});

test("an aborted command leaves, before the connection and after it", async () => {
  const { port } = await consoleServer();
  const controller = new AbortController();
  const running = terminal(port, controller.signal);
  await until(() => running.input.isRaw);
  controller.abort();
  expect(await running.result).toBe("left");
  expect(running.input.modes).toEqual([true, false]);
  expect(await terminal(port, controller.signal).result).toBe("left");
});

test("a terminal that is closed, and a screen that nobody reads any more, leave", async () => {
  const { port } = await consoleServer();
  const closed = terminal(port);
  await until(() => closed.input.isRaw);
  closed.input.end();
  expect(await closed.result).toBe("left");

  const unread = terminal(port);
  await until(() => unread.input.isRaw);
  unread.output.destroy(new Error("EPIPE"));
  expect(await unread.result).toBe("left");
  expect(unread.input.modes).toEqual([true, false]);
});

test("piped input is typed line by line, and its answer is waited for", async () => {
  const { heard, port } = await consoleServer((keys, write) => {
    if (keys.endsWith("\r")) setTimeout(() => write(`\r\n${keys.length} keys\r\n`), 200);
  });
  const input = new PassThrough();
  const output = new PassThrough();
  const result = attach({ host: "127.0.0.1", port, name: "node.r1's console", input, output });
  input.write("uname\r");
  input.end("\nexit\n");
  expect(await result).toBe("left");
  expect(heard.text).toBe("uname\rexit\r");
  expect(String(output.read())).toMatch(/^\r\n\d+ keys\r\n/);
});

test("piped input reaches a slow guest to the last byte", async () => {
  const { server, heard, port } = await consoleServer();
  server.on("connection", (socket) => {
    socket.pause();
    setTimeout(() => socket.resume(), 1500);
  });
  const input = new PassThrough();
  const result = attach({ host: "127.0.0.1", port, name: "node.r1's console", input, output: new PassThrough() });
  const text = "configure\n".repeat(1_000_000);
  input.end(text);
  expect(await result).toBe("left");
  expect(heard.text.length).toBe(text.length);
});

test("the terminal's size is told when the console is attached and when it changes, and is nothing to the guest", async () => {
  const { server, heard, port } = await consoleServer();
  const wire: Buffer[] = [];
  server.on("connection", (socket) => socket.on("data", (chunk: Buffer) => wire.push(chunk)));
  const input = new FakeTerminal();
  const output = Object.assign(new PassThrough(), { isTTY: true, columns: 80, rows: 24 });
  const result = attach({ host: "127.0.0.1", port, name: "node.r1's console", input, output });
  const told = (columns: number, rows: number) => Buffer.from([255, 250, 31, 0, columns, 0, rows, 255, 240]);
  await until(() => Buffer.concat(wire).includes(told(80, 24)));
  Object.assign(output, { columns: 100, rows: 50 });
  output.emit("resize");
  await until(() => Buffer.concat(wire).includes(told(100, 50)));
  input.write("x\x1d");
  await result;
  await until(() => heard.text === "x");
});
