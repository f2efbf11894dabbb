import { describe, expect, it } from "vitest";
import { Hypervisor, HypervisorLost, HypervisorSilent } from "../../../providers/ubridge/hypervisor.ts";
import { parseList, parseShow, parseStatistics } from "../../../providers/ubridge/replies.ts";
import type { Clock, Connection } from "../../../src/core/ports.ts";
import { clock } from "../../../src/system/clock.ts";

/** A peer that answers what the test says, when it says so. */
class ScriptedPeer implements Connection {
  readonly heard: string[] = [];
  closed = false;
  private readonly chunks: (Uint8Array | null)[] = [];
  private wake: () => void = () => {};

  write(data: string | Uint8Array): void {
    this.heard.push(String(data));
  }

  say(text: string): void {
    this.chunks.push(new TextEncoder().encode(text));
    this.wake();
  }

  hangUp(): void {
    this.chunks.push(null);
    this.wake();
  }

  close(): void {
    this.closed = true;
    this.hangUp();
  }

  get incoming(): AsyncIterable<Uint8Array> {
    return this.iterate();
  }

  private async *iterate(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const chunk = this.chunks.shift();
      if (chunk === null) return;
      if (chunk) yield chunk;
      else {
        await new Promise<void>((resolve) => {
          this.wake = resolve;
        });
      }
    }
  }
}

function meet(withClock: Clock = clock, transport: "unix" | "tcp" = "unix"): [Hypervisor, ScriptedPeer] {
  const peer = new ScriptedPeer();
  return [new Hypervisor(peer, withClock, transport), peer];
}

describe("a conversation in the hypervisor protocol", () => {
  it("matches pipelined requests with their replies, however these are cut", async () => {
    const [hypervisor, peer] = meet();
    const version = hypervisor.request(["hypervisor", "version"]);
    const list = hypervisor.request(["bridge", "list"]);
    expect(peer.heard).toEqual(["hypervisor version\n", "bridge list\n"]);
    for (const piece of ["100-0.9", ".19\r", "\n101 b (NI", "Os = 2)\r\n101 a (NIOs = 1)\r\n100-OK\r\n"])
      peer.say(piece);
    expect(await version).toEqual({ command: "hypervisor version", code: 100, text: "0.9.19", lines: [] });
    expect(parseList((await list).lines)).toEqual([
      { name: "b", ends: 2 },
      { name: "a", ends: 1 },
    ]);
    const closing = hypervisor.close();
    peer.say("100-OK\r\n");
    await closing;
    expect(peer.heard.at(-1)).toBe("hypervisor close\n");
    expect(peer.closed).toBe(true);
  });

  it("acknowledges a part of an answer over TCP, so that the rest comes at once", async () => {
    const [hypervisor, peer] = meet(clock, "tcp");
    const list = hypervisor.request(["bridge", "list"]);
    peer.say("101 a (NIOs = 1)\r\n");
    await clock.sleep(1);
    expect(peer.heard).toEqual(["bridge list\n", " "]);
    peer.say("100-OK\r\n");
    expect((await list).lines).toEqual(["a (NIOs = 1)"]);
    expect(peer.heard).toHaveLength(2);
    peer.hangUp();
  });

  it("takes a refusal for an answer", async () => {
    const [hypervisor, peer] = meet();
    const start = hypervisor.request(["bridge", "start", "x"]);
    peer.say("214-bridge 'x' doesn't exist\r\n");
    expect(await start).toMatchObject({ code: 214, text: "bridge 'x' doesn't exist" });
    peer.hangUp();
  });

  it.each(["HTTP/1.1 400 Bad Request\r\n", "100OK\r\n", "\r\n", "\u00ff\u0000\n"])(
    "ends at %j, which is no answer",
    async (nonsense) => {
      const [hypervisor, peer] = meet();
      const [first, second] = [hypervisor.request(["bridge", "list"]), hypervisor.request(["bridge", "list"])];
      peer.say(nonsense);
      await expect(first).rejects.toThrow(HypervisorLost);
      await expect(second).rejects.toThrow("what is no answer");
      await expect(hypervisor.request(["bridge", "list"])).rejects.toThrow(HypervisorLost);
      expect(peer.closed).toBe(true);
    },
  );

  it("does not take an answer nobody asked for", async () => {
    const [hypervisor, peer] = meet();
    peer.say("100-OK\r\n");
    await clock.sleep(10);
    await expect(hypervisor.request(["bridge", "list"])).rejects.toThrow(HypervisorLost);
  });

  it("does not read an endless line to its end", async () => {
    const [hypervisor, peer] = meet();
    const list = hypervisor.request(["bridge", "list"]);
    peer.say("x".repeat(70_000));
    await expect(list).rejects.toThrow("no answer of a uBridge");
  });

  it("says so when the bridge goes away in the middle", async () => {
    const [hypervisor, peer] = meet();
    const list = hypervisor.request(["bridge", "list"]);
    peer.say("101 a (NIOs = 2)\r\n");
    peer.hangUp();
    await expect(list).rejects.toThrow("it ended the conversation");
  });

  it("gives up after two seconds of silence, naming the command, and counts them from the last word", async () => {
    let now = 0;
    const slept: number[] = [];
    const jumping: Clock = {
      now: () => now,
      monotonic: () => now,
      sleep: async (ms) => {
        slept.push(ms);
        now += ms;
      },
    };
    const [hypervisor, peer] = meet(jumping);
    const list = hypervisor.request(["bridge", "list"]);
    await expect(list).rejects.toThrow('no answer to "bridge list" in 2 s');
    await expect(list).rejects.toThrow(HypervisorSilent);
    expect(slept).toEqual([2000]);
    expect(peer.closed).toBe(true);
  });

  it("refuses words that would be another command", () => {
    const [hypervisor, peer] = meet();
    for (const word of ['a"b', "a\nbridge delete b", "", "a\0"]) {
      expect(() => hypervisor.request(["bridge", "create", word])).toThrow("cannot be an argument");
    }
    void hypervisor.request(["bridge", "create", "a b#!"]);
    expect(peer.heard).toEqual(['bridge create "a b#!"\n']);
    peer.hangUp();
  });
});

describe("uBridge's answers", () => {
  it("tell what a bridge is", () => {
    expect(
      parseShow([
        "bridge 'l' is not running",
        "Filter 'loss_5' configured in position 1",
        "Filter 'delay_20' configured in position 2",
        "Source NIO: a.0p -> a.0",
        "Destination NIO: b.0p -> b.0",
      ]),
    ).toEqual({ running: false, filters: ["loss_5", "delay_20"], source: "a.0p -> a.0", destination: "b.0p -> b.0" });
  });

  it("tell what passed, with and without a count of what was dropped", () => {
    const counted = parseStatistics([
      "Source NIO:      IN: 5 packets (90 bytes) OUT: 0 packets (0 bytes)",
      "Destination NIO: IN: 0 packets (0 bytes) OUT: 5 packets (90 bytes) DROPPED: 3 packets",
    ]);
    expect(counted.source).toEqual({ packetsIn: 5, bytesIn: 90, packetsOut: 0, bytesOut: 0, dropped: undefined });
    expect(counted.destination?.dropped).toBe(3);
  });

  it("are not guessed at", () => {
    expect(() => parseList(["whatever"])).toThrow("cannot be read");
    expect(() => parseShow(["bridge 'l' is running", "Middle NIO: x"])).toThrow("cannot be read");
    expect(() => parseShow([])).toThrow("cannot be read");
    expect(() => parseStatistics(["Source NIO: IN: many"])).toThrow("cannot be read");
  });
});
