import { existsSync, readdirSync } from "node:fs";
import process from "node:process";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { recordedCompanions } from "../../../../providers/shared/companions.ts";
import type { Engine } from "../../../../providers/ubridge/engine.ts";
import type { Instance } from "../../../../src/core/state.ts";
import type { Json } from "../../../../src/core/values.ts";
import { cable, deviceName, installed, ip, Namespace, whyNoNamespaces } from "../../../support/namespaces.ts";
import { Lab } from "../lab.ts";
import { type End, Playground, ports, ubridgeInstalled } from "../support.ts";

/** To a group, and of an Ethernet type that nobody else sends (0x6161). */
const HEADER = "AAAAAA@@@@@@aa";
const frame = (text: string) => `${HEADER}${text}`.padEnd(80, ".");

/** Sends frames to an interface, and tells those of the type above that arrive there. */
const RAW = `
import socket, sys, time
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x6161))
s.bind((sys.argv[1], 0x6161))
s.settimeout(0.2)
for text in sys.argv[2:]:
    s.send(b"AAAAAA@@@@@Caa" + text.encode().ljust(66, b"."))
end = time.time() + 3
while time.time() < end:
    try: data = s.recv(70000)
    except TimeoutError: continue
    print(data[14:].rstrip(b".").decode("latin1"), flush=True)
`;

/** A link from an adapter, played by the test, to what is outside. */
class Outside {
  readonly playground = new Playground();
  readonly engine: Engine;
  readonly lab: Lab;
  node!: End;

  constructor(engine: Engine) {
    this.engine = engine;
    this.lab = new Lab(this.playground, engine);
  }

  link(outside: Json, name = "out"): Instance {
    const link = this.lab.link(name);
    return {
      ...link,
      attributes: { ...link.attributes, endpoints: [{ adapter: `${name}a-00000001/0` }, outside] },
    };
  }

  context(operation: "wire" | "unwire" | "update", link: Instance) {
    const [first] = this.lab.attachments(link);
    return this.lab.context(operation, link, { attachments: [first ?? null, null] });
  }

  /** The adapter's end is there, the bridge runs and carries the link. */
  async wire(link: Instance): Promise<Instance> {
    const [first] = this.lab.attachments(link);
    if (this.lab.service.attributes.control === null) await this.lab.launch();
    this.node ??= await this.playground.node(this.lab, this.engine, first?.path ?? "");
    const wired = (await this.lab.provider.perform("wire", this.context("wire", link))) as Instance;
    const { pending: _, ...settled } = wired;
    for (const end = performance.now() + 10_000; !this.node.connected && performance.now() < end; ) {
      await ports.clock.sleep(10);
    }
    return settled;
  }

  async unwire(link: Instance): Promise<void> {
    await this.lab.provider.perform("unwire", this.context("unwire", link));
  }

  /** Of the program at the outside end; 0 where there is none. */
  pid(link: Instance): number {
    const program = recordedCompanions(link).get("end1")?.process;
    if (program) this.playground.own(program);
    return program?.pid ?? 0;
  }
}

const engines = ["builtin", "ubridge"] as const;
const lacking = whyNoNamespaces ?? (installed("python3") ? undefined : "python3 is not installed");

describe.each(engines)(`on %s${lacking ? ` (skipped: ${lacking})` : ""}`, (engine) => {
  const skipped = lacking !== undefined || (engine === "ubridge" && !ubridgeInstalled);
  describe.skipIf(skipped)("where it is installed", () => {
    let outside: Outside;
    let space: Namespace;
    beforeEach(() => {
      outside = new Outside(engine);
      space = new Namespace();
    });
    afterEach(async () => {
      await outside.playground.clear();
      space.close();
    });

    /** What arrives at an interface after those texts are sent there; `meanwhile` is done as long as it listens. */
    const at = async (device: string, meanwhile: () => void, where?: Namespace, ...texts: string[]) => {
      const [command, args] = where
        ? where.command("python3", "-c", RAW, device, ...texts)
        : (["python3", ["-c", RAW, device, ...texts]] as const);
      const timer = setInterval(meanwhile, 200);
      try {
        const { stdout } = await ports.processes.run(command, args, { timeoutMs: 20_000 });
        return stdout.split("\n").filter(Boolean);
      } finally {
        clearInterval(timer);
      }
    };

    it("carries frames to a port of another host and back, and refuses what others send", async () => {
      const names = cable(null, space, { one: "198.18.77.1/30", other: "198.18.77.2/30" });
      const link = await outside.wire(
        outside.link({ udp: { local_port: 47_001, remote_host: "198.18.77.2", remote_port: 47_002 } }),
      );
      const send = (from: number, text: string) =>
        space.run(
          "python3",
          "-c",
          "import socket,sys\ns=socket.socket(socket.AF_INET,socket.SOCK_DGRAM)\ns.bind(('',int(sys.argv[1])))\ns.sendto(sys.argv[2].encode().ljust(64,b'.'),('198.18.77.1',47001))",
          String(from),
          text,
        );
      send(47_003, "from a stranger");
      send(47_002, "from the peer");
      await expect.poll(() => outside.node.texts.length, { timeout: 10_000 }).toBe(1);
      send(47_003, "from a stranger again");
      send(47_002, "from the peer again");
      await expect.poll(() => outside.node.texts.length, { timeout: 10_000 }).toBe(2);
      expect(outside.node.texts.map((one) => one.replaceAll(".", ""))).toEqual([
        "from the peer",
        "from the peer again",
      ]);
      const [live] = await outside.lab.read(link);
      expect(live?.condition).toBe("present");
      await outside.unwire(link);
      ip("link", "delete", names.one);
    });

    it("carries frames to an interface and back, also those for other addresses", async () => {
      const names = cable(null, space);
      const link = await outside.wire(outside.link({ interface: names.one }));
      const heard = await at(names.other, () => outside.node.send(frame("to the world")), space, "to the guest");
      expect(heard).toContain("to the world");
      await expect.poll(() => outside.node.texts.some((one) => one.includes("to the guest"))).toBe(true);
      expect((await outside.lab.read(link))[0]?.condition).toBe("present");
      const pid = outside.pid(link);
      expect(pid > 0).toBe(engine === "builtin");
      await outside.unwire(link);
      if (pid) expect(existsSync(`/proc/${pid}/exe`)).toBe(false);
      expect(ip("-d", "link", "show", names.one)).toContain("promiscuity 0");
      ip("link", "delete", names.one);
    });

    it("carries frames to a tap that is there, and leaves it there", async () => {
      const tap = deviceName();
      ip("tuntap", "add", "dev", tap, "mode", "tap");
      ip("link", "set", tap, "up");
      try {
        const link = await outside.wire(outside.link({ tap }));
        const heard = await at(tap, () => outside.node.send(frame("to the host")), undefined, "to the guest");
        expect(heard).toContain("to the host");
        await expect.poll(() => outside.node.texts.some((one) => one.includes("to the guest"))).toBe(true);
        outside.pid(link);
        await outside.unwire(link);
        expect(ip("link", "show", tap)).toContain("NO-CARRIER");
      } finally {
        ip("link", "delete", tap);
      }
    });

    it.skipIf(engine === "ubridge")("makes a tap that is not there, which goes with the link", async () => {
      const tap = deviceName();
      const link = await outside.wire(outside.link({ tap }));
      expect(ip("link", "show", tap)).toContain("UP");
      outside.pid(link);
      await outside.unwire(link);
      expect(existsSync(`/sys/class/net/${tap}`)).toBe(false);
      expect(readdirSync(outside.playground.host.run).filter((name) => name.includes(".end"))).toEqual([]);
    });

    it.skipIf(engine === "ubridge")(
      "keeps the tap while the bridge is away, and finds that its program is gone",
      async () => {
        const tap = deviceName();
        const link = await outside.wire(outside.link({ tap }));
        const pid = outside.pid(link);
        await outside.lab.provider.perform("end", outside.lab.context("end", outside.lab.service));
        expect(existsSync(`/sys/class/net/${tap}`)).toBe(true);
        const [first] = outside.lab.attachments(link);
        const carried = [{ instance: link, attachments: [first ?? null, null] }];
        const launched = await outside.lab.provider.perform(
          "launch",
          outside.lab.context("launch", outside.lab.service, { carried }),
        );
        outside.lab.service = launched as Instance;
        const heard = await at(tap, () => outside.node.send(frame("to the host")));
        expect(heard).toContain("to the host");
        process.kill(pid, "SIGKILL");
        await expect.poll(async () => (await outside.lab.read(link))[0]?.condition).toBe("broken");
        const [live] = await outside.lab.read(link);
        expect(live).toMatchObject({ cause: { summary: expect.stringContaining(`socat (pid ${pid})`) } });
        const again = await outside.wire(link);
        expect(outside.pid(again)).not.toBe(pid);
        await outside.unwire(again);
      },
    );

    it.skipIf(engine === "ubridge")("ends a program of a run that was cut off before it recorded it", async () => {
      const tap = deviceName();
      const link = await outside.wire(outside.link({ tap }));
      const pid = outside.pid(link);
      const [token] = [...recordedCompanions(link).values()].map((one) => one.token);
      const cut = { ...link, private: { companions: { end1: { token: token ?? "" } } } };
      await outside.unwire(cut);
      expect(existsSync(`/proc/${pid}/exe`)).toBe(false);
      expect(existsSync(`/sys/class/net/${tap}`)).toBe(false);
    });
  });
});
