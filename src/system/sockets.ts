import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { createConnection, createServer, type NetConnectOpts, type Socket } from "node:net";
import { basename, dirname } from "node:path";
import type { Connection, Endpoint, Sockets } from "../core/ports.ts";
import { clock } from "./clock.ts";
import { connectionOf } from "./connection.ts";
import { errorCode, systemError } from "./systemError.ts";

export const sockets: Sockets = { connect, isPortFree };

/** sun_path is 108 bytes with its closing zero (unix(7)). */
const longestUnixPath = 107;

async function connect(endpoint: Endpoint, timeoutMs: number): Promise<Connection> {
  const deadline = clock.monotonic() + timeoutMs;
  for (;;) {
    try {
      return connectionOf(await connectOnce(endpoint, deadline - clock.monotonic()));
    } catch (error) {
      // A Unix listener whose backlog is full answers EAGAIN instead of letting the caller wait.
      if (errorCode(error) !== "EAGAIN") throw error;
      if (clock.monotonic() >= deadline) throw noAnswer(endpoint);
      await clock.sleep(5);
    }
  }
}

function noAnswer(endpoint: Endpoint): Error {
  return systemError(
    "ETIMEDOUT",
    "no answer",
    "path" in endpoint ? endpoint.path : `${endpoint.host}:${endpoint.port}`,
  );
}

async function connectOnce(endpoint: Endpoint, timeoutMs: number): Promise<Socket> {
  if (!("path" in endpoint)) {
    return await dial({ host: endpoint.host, port: endpoint.port }, endpoint, timeoutMs);
  }
  const { path } = endpoint;
  if (Buffer.byteLength(path) <= longestUnixPath) return await dial({ path }, endpoint, timeoutMs);
  const directory = await open(dirname(path), constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    const short = `/proc/self/fd/${directory.fd}/${basename(path)}`;
    if (Buffer.byteLength(short) > longestUnixPath) throw systemError("ENAMETOOLONG", "socket name too long", path);
    return await dial({ path: short }, endpoint, timeoutMs);
  } finally {
    await directory.close();
  }
}

function dial(target: NetConnectOpts, endpoint: Endpoint, timeoutMs: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(target);
    const fail = (error: Error) => {
      clearTimeout(timer);
      socket.destroy();
      reject(error);
    };
    const timer = setTimeout(() => fail(noAnswer(endpoint)), Math.max(0, timeoutMs));
    socket.once("error", fail);
    socket.once("connect", () => {
      clearTimeout(timer);
      resolve(socket);
    });
  });
}

function isPortFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", (error) => {
      const code = errorCode(error);
      if (code === "EADDRINUSE" || code === "EACCES") resolve(false);
      else reject(error);
    });
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
