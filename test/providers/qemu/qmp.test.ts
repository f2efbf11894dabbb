import { mkdtempSync, rmSync } from "node:fs";
import type { Server, Socket } from "node:net";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { QmpEvent } from "../../../providers/qemu/qmp.ts";
import { QmpClient, QmpError } from "../../../providers/qemu/qmp.ts";
import { createPorts } from "../../../src/system/index.ts";

const GREETING = '{"QMP": {"version": {"qemu": {"micro": 22, "minor": 2, "major": 7}}, "capabilities": ["oob"]}}\r\n';
const ports = createPorts();

interface Command {
  readonly execute: string;
  readonly id: number;
}

let directory: string;
let server: Server | undefined;
const peers = new Set<Socket>();

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "labform-qmp-"));
});

afterEach(() => {
  for (const peer of peers) peer.destroy();
  peers.clear();
  server?.close();
  rmSync(directory, { recursive: true, force: true });
});

/** A peer that says `greeting`, agrees to capabilities, and answers every other command as the script does. */
async function scripted(answer: (command: Command, peer: Socket) => void, greeting = GREETING): Promise<void> {
  server = createServer((peer) => {
    peers.add(peer);
    peer.write(greeting);
    let rest = "";
    peer.on("data", (chunk) => {
      rest += chunk.toString();
      for (let end = rest.indexOf("\n"); end !== -1; end = rest.indexOf("\n")) {
        const command = JSON.parse(rest.slice(0, end)) as Command;
        rest = rest.slice(end + 1);
        if (command.execute === "qmp_capabilities") peer.write(`{"return": {}, "id": ${command.id}}\r\n`);
        else answer(command, peer);
      }
    });
    peer.on("error", () => undefined);
  });
  await new Promise<void>((resolve) => server?.listen(join(directory, "qmp"), resolve));
}

async function connect(onEvent?: (event: QmpEvent) => void, timeoutMs = 1000): Promise<QmpClient> {
  const { sockets, clock } = ports;
  return await QmpClient.connect(
    { path: join(directory, "qmp") },
    { sockets, clock, timeoutMs, ...(onEvent ? { onEvent } : {}) },
  );
}

async function errorOf(act: Promise<unknown>): Promise<QmpError> {
  const error = await act.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(QmpError);
  return error as QmpError;
}

describe("the QMP client", () => {
  it("routes answers by id, whatever comes in between and however the lines are cut", async () => {
    const held: Command[] = [];
    await scripted((command, peer) => {
      held.push(command);
      if (held.length < 2) return;
      const text =
        `{"timestamp": {"seconds": 1}, "event": "RESUME"}\r\n{"return": "zwei — ü", "id": ${held[1]?.id}}\r\n` +
        `{"event": "SHUTDOWN", "data": {"reason": "guest-shutdown"}}\r\n{"return": "one", "id": ${held[0]?.id}}\r\n`;
      const bytes = Buffer.from(text);
      let at = 0;
      const timer = setInterval(() => {
        peer.write(bytes.subarray(at, at + 7));
        at += 7;
        if (at >= bytes.length) clearInterval(timer);
      }, 1);
    });
    const events: QmpEvent[] = [];
    const qmp = await connect((event) => events.push(event));
    expect(await Promise.all([qmp.execute("first"), qmp.execute("second")])).toEqual(["one", "zwei — ü"]);
    expect(events).toEqual([
      { event: "RESUME", data: {} },
      { event: "SHUTDOWN", data: { reason: "guest-shutdown" } },
    ]);
    qmp.close();
  });

  it("gives a refusal with the command and QEMU's answer", async () => {
    await scripted(({ id }, peer) =>
      peer.write(`{"id": ${id}, "error": {"class": "GenericError", "desc": "Device 'nic7' not found"}}\n`),
    );
    const qmp = await connect();
    const error = await errorOf(qmp.execute("set_link", { name: "nic7", up: false }));
    expect(error).toMatchObject({ reason: "refused", command: "set_link" });
    expect(error.message).toBe("QEMU refused set_link: Device 'nic7' not found");
    expect(error.answer).toContain("GenericError");
    qmp.close();
  });

  it("takes an error without id for the oldest command under way", async () => {
    await scripted((_, peer) => peer.write('{"error": {"class": "GenericError", "desc": "JSON parse error"}}\n'));
    const qmp = await connect();
    expect((await errorOf(qmp.execute("stop"))).message).toBe("QEMU refused stop: JSON parse error");
    qmp.close();
  });

  it("gives up on a command that is not answered in time, and goes on with the next", async () => {
    await scripted(({ execute, id }, peer) => {
      if (execute === "silence") setTimeout(() => peer.write(`{"return": "late", "id": ${id}}\n`), 80);
      else peer.write(`{"return": "here", "id": ${id}}\n`);
    });
    const qmp = await connect();
    expect(await errorOf(qmp.execute("silence", {}, 30))).toMatchObject({ reason: "silent", command: "silence" });
    await ports.clock.sleep(80);
    expect(await qmp.execute("next")).toBe("here");
    qmp.close();
  });

  it("does not wait for ever for a greeting, as when another client has the socket", async () => {
    await scripted(() => undefined, "");
    expect(await errorOf(connect(undefined, 50))).toMatchObject({
      reason: "silent",
      message: expect.stringMatching(/^QEMU did not greet within 0\.\d+ s$/),
    });
  });

  it("recognises a peer that does not speak QMP", async () => {
    await scripted(() => undefined, "SSH-2.0-OpenSSH_9.2\r\n");
    expect(await errorOf(connect())).toMatchObject({ reason: "garbled", answer: "SSH-2.0-OpenSSH_9.2" });
  });

  it("refuses a line that never ends before it fills the memory", async () => {
    await scripted(() => undefined, "x".repeat(5 * 1024 * 1024));
    expect(await errorOf(connect())).toMatchObject({ reason: "garbled" });
  });

  it("ends all that is under way when the peer goes, in the middle of a line too, and all that comes later", async () => {
    await scripted((_, peer) => peer.end('{"return": '));
    const qmp = await connect();
    const [first, second] = await Promise.all([errorOf(qmp.execute("quit")), errorOf(qmp.execute("cont"))]);
    expect([first.reason, first.command, second.command]).toEqual(["closed", "quit", "cont"]);
    expect(await errorOf(qmp.execute("stop"))).toMatchObject({ reason: "closed", command: "stop" });
  });

  it("says as the system does that nobody listens", async () => {
    await expect(connect()).rejects.toMatchObject({ code: "ENOENT" });
  });
});
