import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Connection } from "../../src/core/ports.ts";
import { sockets } from "../../src/system/sockets.ts";
import { afterThisTest, temporaryDirectory } from "./support.ts";

async function serve(where: object, onConnection: (socket: Socket) => void = () => {}): Promise<Server> {
  const server = createServer((socket) => {
    afterThisTest(() => socket.destroy());
    socket.on("error", () => {});
    onConnection(socket);
  });
  server.listen(where);
  afterThisTest(() => server.close());
  await new Promise((resolve) => server.once("listening", resolve));
  return server;
}

async function connect(path: string): Promise<Connection> {
  const connection = await sockets.connect({ path }, 1000);
  afterThisTest(() => connection.close());
  return connection;
}

async function readAll(connection: Connection): Promise<string> {
  let text = "";
  for await (const chunk of connection.incoming) text += Buffer.from(chunk).toString();
  return text;
}

test("a Unix socket and a TCP port are talked to alike", async () => {
  const path = join(await temporaryDirectory(), "s");
  await serve({ path }, (socket) => socket.end("unix"));
  expect(await readAll(await connect(path))).toBe("unix");
  const server = await serve({ host: "127.0.0.1", port: 0 }, (socket) => socket.end("tcp"));
  const { port } = server.address() as { port: number };
  expect(await readAll(await sockets.connect({ host: "127.0.0.1", port }, 1000))).toBe("tcp");
});

test("a Unix path of any length is reached, and no descriptor stays open for it", async () => {
  const directory = join(await temporaryDirectory(), ..."abcdefgh".split("").map((letter) => letter.repeat(60)));
  mkdirSync(directory, { recursive: true });
  const home = process.cwd();
  // A listener may have the short name only relative to its own directory, as QEMU has.
  process.chdir(directory);
  await serve({ path: "s" }, (socket) => socket.end("long")).finally(() => process.chdir(home));
  const before = openDescriptors();
  expect(await readAll(await connect(join(directory, "s")))).toBe("long");
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(openDescriptors()).toBeLessThanOrEqual(before + 1);
  await expect(connect(join(directory, "t"))).rejects.toMatchObject({ code: "ENOENT" });
  await expect(connect(join(directory, "x".repeat(104)))).rejects.toMatchObject({ code: "ENAMETOOLONG" });
});

function openDescriptors(): number {
  return process.getActiveResourcesInfo().filter((name) => name === "PipeWrap").length;
}

test("refusals come with their code", async () => {
  const path = join(await temporaryDirectory(), "s");
  await expect(connect(path)).rejects.toMatchObject({ code: "ENOENT" });
  const server = await serve({ host: "127.0.0.1", port: 0 });
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  await expect(sockets.connect({ host: "127.0.0.1", port }, 1000)).rejects.toMatchObject({ code: "ECONNREFUSED" });
});

test("a listener that accepts nobody is given up in time, over TCP and over a Unix socket", async () => {
  const path = join(await temporaryDirectory(), "s");
  const script = `
    const net = require("net");
    net.createServer().listen({ path: ${JSON.stringify(path)}, backlog: 1 });
    const tcp = net.createServer().listen({ host: "127.0.0.1", port: 0, backlog: 1 }, () => console.log(tcp.address().port));`;
  const listener = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "inherit"] });
  afterThisTest(() => listener.kill("SIGKILL"));
  const port = Number(await new Promise((resolve) => listener.stdout.once("data", resolve)));
  listener.kill("SIGSTOP");
  for (const endpoint of [{ path }, { host: "127.0.0.1", port }]) {
    const start = performance.now();
    const fill = async () => {
      for (;;) {
        const connection = await sockets.connect(endpoint, 150);
        afterThisTest(() => connection.close());
      }
    };
    await expect(fill()).rejects.toMatchObject({ code: "ETIMEDOUT" });
    expect(performance.now() - start).toBeLessThan(2000);
  }
});

test("the peer gets what was written before the close", async () => {
  const path = join(await temporaryDirectory(), "s");
  const big = "x".repeat(5_000_000);
  const received = new Promise<number>((resolve) => {
    void serve({ path }, (socket) => {
      let size = 0;
      socket.on("data", (chunk) => {
        size += chunk.length;
      });
      socket.on("end", () => resolve(size));
    });
  });
  await new Promise((resolve) => setTimeout(resolve, 50));
  const connection = await connect(path);
  connection.write(big);
  connection.close();
  connection.write("after the close");
  expect(await received).toBe(big.length);
});

test("a peer that sends faster than it is read has to wait", async () => {
  const path = join(await temporaryDirectory(), "s");
  let sent = 0;
  await serve({ path }, (socket) => {
    const chunk = Buffer.alloc(64 * 1024);
    const more = () => {
      while (sent < 64 * 1024 * 1024) {
        sent += chunk.length;
        if (!socket.write(chunk)) return;
      }
    };
    socket.on("drain", more);
    more();
  });
  const connection = await connect(path);
  for await (const chunk of connection.incoming) if (chunk.length > 0) break;
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(sent).toBeLessThan(4 * 1024 * 1024);
});

test("leaving a reading loop keeps the connection for the next one", async () => {
  const path = join(await temporaryDirectory(), "s");
  await serve({ path }, (socket) => {
    socket.write("greeting");
    socket.on("data", () => socket.end("answer"));
  });
  const connection = await connect(path);
  for await (const chunk of connection.incoming) {
    expect(Buffer.from(chunk).toString()).toBe("greeting");
    break;
  }
  connection.write("question");
  expect(await readAll(connection)).toBe("answer");
});

test("closing ends a reading loop quietly", async () => {
  const path = join(await temporaryDirectory(), "s");
  await serve({ path });
  const connection = await connect(path);
  const reading = readAll(connection);
  setTimeout(() => connection.close(), 20);
  expect(await reading).toBe("");
  connection.close();
});

test("a broken connection is an error for its reader and for nobody else", async () => {
  const server = await serve({ host: "127.0.0.1", port: 0 }, (socket) =>
    setTimeout(() => socket.resetAndDestroy(), 20),
  );
  const { port } = server.address() as { port: number };
  const during = await sockets.connect({ host: "127.0.0.1", port }, 1000);
  await expect(readAll(during)).rejects.toMatchObject({ code: "ECONNRESET" });
  const before = await sockets.connect({ host: "127.0.0.1", port }, 1000);
  await new Promise((resolve) => setTimeout(resolve, 60));
  await expect(readAll(before)).rejects.toThrow();
});

test("a port is free until somebody listens on it", async () => {
  const server = await serve({ host: "127.0.0.1", port: 0 });
  const { port } = server.address() as { port: number };
  expect(await sockets.isPortFree("127.0.0.1", port)).toBe(false);
  await new Promise((resolve) => server.close(resolve));
  expect(await sockets.isPortFree("127.0.0.1", port)).toBe(true);
  expect(await sockets.isPortFree("127.0.0.1", port)).toBe(true);
  await expect(sockets.isPortFree("192.0.2.1", port)).rejects.toMatchObject({ code: "EADDRNOTAVAIL" });
});
