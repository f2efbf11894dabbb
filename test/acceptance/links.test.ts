import { execFileSync, spawn } from "node:child_process";
import { existsSync, readdirSync, statSync, writeFileSync } from "node:fs";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { guest } from "../support/guest.ts";
import { TestLab } from "../support/lab.ts";
import { pairLab } from "../support/pair.ts";
import { TelnetClient } from "../support/telnet.ts";
import { installedUbridge } from "../support/ubridge.ts";
import { until } from "../support/until.ts";

/** What a running link goes through; each test begins where the one before ended. */
describe.each(["builtin", "ubridge"] as const)("a live link on %s", (engine) => {
  describe.skipIf(engine === "ubridge" && !installedUbridge())("where it is installed", () => {
    let lab: TestLab;
    let pids: readonly number[];
    const written = (body: string) => {
      const text = pairLab(guest(), { engine });
      lab.write("pair.lab.hcl", text.replace(/ {2}delay_ms {2}= 0\n/, `${body}\n`));
    };
    const labform = async (...args: readonly string[]) => {
      const result = await lab.run(args);
      expect(result.exitCode, result.stdout + result.stderr).toBe(0);
      return result;
    };
    /** Applies the pair with that in its link; the nodes must run on. */
    const apply = async (body: string) => {
      written(body);
      const { stdout } = await labform("apply", "-auto-approve");
      expect(nodes()).toEqual(pids);
      return stdout;
    };
    const nodes = () => ["r1", "r2"].map((name) => lab.instance(`node.${name}`).attributes.pid as number);
    const on = async (name: string, line: string) => {
      const { console: front } = lab.instance(`node.${name}`).attributes;
      const telnet = await TelnetClient.connect(front.host, front.port);
      try {
        return await telnet.command(line, 60_000);
      } finally {
        telnet.close();
      }
    };
    const carriers = async () => {
      const shown = await Promise.all(["r1", "r2"].map((name) => on(name, "cat /sys/class/net/eth0/carrier")));
      return shown.map((text) => /^([01])\s*$/m.exec(text)?.[1]);
    };
    /** Of so many pings how many came back, and how long they took at least. */
    const ping = async (count: number) => {
      const shown = await on("r1", `ping -c ${count} -i 0.05 -W 1 10.0.0.2`);
      return {
        received: Number(/(\d+) packets received/.exec(shown)?.[1]),
        fastest: Number(/min\/avg\/max = ([\d.]+)/.exec(shown)?.[1]),
      };
    };
    /** A guest's kernel may take a second to use a cable that was plugged in. */
    const reached = async () => {
      for (let attempt = 0; attempt < 10; attempt++) if ((await ping(1)).received === 1) break;
      return ping(3);
    };
    /** 0 while its start is not whole. */
    const frames = (file: string) => {
      if (statSync(file).size < 24) return 0;
      const shown = execFileSync("tcpdump", ["-ntqr", file], { encoding: "utf8", stdio: "pipe" });
      return shown.split("\n").filter((line) => /^\S/.test(line)).length;
    };

    beforeAll(async () => {
      lab = new TestLab();
      written("");
      await labform("apply", "-auto-approve");
      pids = nodes();
    });
    afterAll(() => lab.close());

    it("takes every impairment and gives it up again", async () => {
      await apply("  delay_ms  = 15\n  jitter_ms = 5");
      expect((await ping(10)).fastest).toBeGreaterThanOrEqual(20);
      await apply("  loss_percent = 100");
      expect((await ping(5)).received).toBe(0);
      await apply("  corrupt_percent = 100");
      expect((await ping(5)).received).toBe(0);
      await apply("  drop_every = 3");
      // A corrupted ARP packet may have told a guest a wrong address.
      await reached();
      const { received } = await ping(20);
      expect(received).toBeGreaterThan(4);
      expect(received).toBeLessThan(16);
      await apply("");
      expect((await ping(20)).received).toBe(20);
      expect((await lab.run(["plan", "-detailed-exitcode"])).exitCode).toBe(0);
    });

    it("passes nothing and shows no carrier while it is suspended", async () => {
      expect(await carriers()).toEqual(["1", "1"]);
      await apply("  suspended = true");
      expect(await carriers()).toEqual(["0", "0"]);
      expect((await ping(3)).received).toBe(0);
      expect((await lab.run(["plan", "-detailed-exitcode"])).exitCode).toBe(0);
      await apply("");
      expect(await carriers()).toEqual(["1", "1"]);
      expect((await reached()).received).toBe(3);
    });

    it("writes its frames to a file while the block is there, impaired otherwise or not", async () => {
      const stdout = await apply("  capture {}");
      const file = lab.path(".labform/default/captures/core.pcap");
      expect(stdout).toContain(file);
      expect(lab.instance("link.core").attributes.capture_file).toBe(file);
      expect((await ping(5)).received).toBe(5);
      const before = frames(file);
      expect(before).toBeGreaterThanOrEqual(10);
      await apply("  delay_ms = 2\n  capture {}");
      expect((await ping(5)).received).toBe(5);
      await apply("");
      const after = frames(file);
      expect(after).toBeGreaterThanOrEqual(before + 10);
      await ping(2);
      expect(frames(file)).toBe(after);
    });

    it("is captured by command, under a stream of pings, and the next plan says so", async () => {
      await on("r1", "ping -qi 0.05 10.0.0.2 > /tmp/stream & sleep 0");
      const shown = (name: string) => until(() => existsSync(lab.path(name)) && frames(lab.path(name)) > 0);
      for (const name of ["one.pcap", "two.pcap", "two.pcap"]) {
        await labform("capture", "start", "core", name);
        await shown(name);
        await labform("capture", "stop", "link.core");
      }
      await labform("capture", "start", "core", "last.pcap");
      await shown("last.pcap");
      const told = await on("r1", "kill -INT $!; sleep 1; cat /tmp/stream");
      const [sent, received] = ["transmitted", "received"].map((word) =>
        Number(new RegExp(`(\\d+) packets ${word}`).exec(told)?.[1]),
      ) as [number, number];
      // The last may be on its way. uBridge keeps 50 ms of frames back before a capture ends; the built-in bridge none.
      expect(received).toBeGreaterThanOrEqual(sent - (engine === "builtin" ? 1 : 20));
      expect(nodes()).toEqual(pids);
      for (const name of ["one.pcap", "two-1.pcap", "two.pcap", "last.pcap"]) {
        expect(frames(lab.path(name)), name).toBeGreaterThan(0);
      }
      expect((await labform("plan")).stdout).toMatch(/capture started by hand/);
      await apply("");
      expect(lab.instance("link.core").attributes).toMatchObject({ capture: null, capture_file: null });
    });

    it("is followed while frames come, and left as it was", async () => {
      // uBridge shows frames in the file of its capture only.
      await apply(engine === "ubridge" ? "  capture {}" : "");
      const before = JSON.stringify(lab.state());
      const words = ["dist/labform.js", `-chdir=${lab.path("")}`, "capture", "follow", "core"];
      const follow = spawn(process.execPath, words, { env: lab.environment() });
      const pieces: Buffer[] = [];
      follow.stdout.on("data", (piece: Buffer) => pieces.push(piece));
      const exit = new Promise<number | null>((done) => follow.on("close", done));
      const bytes = () => pieces.reduce((sum, piece) => sum + piece.length, 0);
      for (let attempt = 0; attempt < 200 && bytes() < 24; attempt++) await sleep(50);
      await ping(5);
      // At least a request and its answer, five times.
      for (let attempt = 0; attempt < 100 && bytes() < 24 + 10 * (16 + 98); attempt++) await sleep(50);
      follow.kill("SIGINT");
      expect(await exit).toBe(0);
      writeFileSync(lab.path("followed.pcap"), Buffer.concat(pieces));
      expect(frames(lab.path("followed.pcap"))).toBeGreaterThanOrEqual(10);
      expect(JSON.stringify(lab.state())).toBe(before);
      expect((await labform("status")).stdout).toMatch(/link\.core +up +0→1 \d+ \(/);
      await apply("");
    });

    it("refuses, before anything is done, a capture that cannot be", async () => {
      written('  capture {\n    file = "core.txt"\n  }');
      const plan = await lab.run(["plan"]);
      expect(plan.exitCode).toBe(1);
      expect(plan.stderr).toContain("A capture file's name ends in .pcap or .cap");
      expect(existsSync(lab.path("core.txt"))).toBe(false);
    });

    it("is wired again by a new bridge when the old one hangs in the middle of a change", async () => {
      await apply("  capture {}");
      const bridge = lab.processes().find((one) => /bridge\.js|ubridge -/.test(one.command));
      if (!bridge) throw new Error("no bridge runs");
      process.kill(bridge.pid, "SIGSTOP");
      const stop = await labform("capture", "stop", "core");
      expect(stop.stdout).toMatch(/hangs: it is started again, and what it carried is wired again/);
      expect(nodes()).toEqual(pids);
      expect((await ping(3)).received).toBe(3);
      expect(lab.processes().map((one) => one.pid)).not.toContain(bridge.pid);
      await apply("");
    });

    it("shows no carrier to one whose peer is off, and to none once it is unplugged", async () => {
      await labform("stop", "r2");
      const carrier = await on("r1", "cat /sys/class/net/eth0/carrier");
      expect(carrier).toMatch(/^0\s*$/m);
      await labform("start", "r2");
      expect(await carriers()).toEqual(["1", "1"]);
      expect((await reached()).received).toBe(3);
      pids = nodes();
      lab.write("pair.lab.hcl", pairLab(guest(), { engine }).replace(/link "core" \{[^}]*\}/, ""));
      await labform("apply", "-auto-approve");
      expect(nodes()).toEqual(pids);
      expect(await carriers()).toEqual(["0", "0"]);
      await labform("destroy", "-auto-approve");
      expect(readdirSync(lab.path(".labform/default/captures")).length).toBeGreaterThan(0);
    });
  });
});
