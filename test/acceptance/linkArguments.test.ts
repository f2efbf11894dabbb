import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TestLab } from "../support/lab.ts";
import { installedUbridge } from "../support/ubridge.ts";

type Engine = "builtin" | "ubridge";

/** One link's body after the other; each changes what it names alone. */
const CHANGES: { readonly [engine in Engine]: readonly (readonly [argument: string, body: string])[] } = {
  builtin: [
    ["delay_ms", "delay_ms = 5"],
    ["jitter_ms", "delay_ms = 5\n jitter_ms = 2"],
    ["loss_percent", "loss_percent = 0.5"],
    ["corrupt_percent", "corrupt_percent = 1.5"],
    ["drop_every", "drop_every = 100"],
    ["rate_kbps", "rate_kbps = 10000"],
    ['toward["0"]', 'toward "0" {\n delay_ms = 7\n }'],
    ['toward["0"].delay_ms', 'toward "0" {\n delay_ms = 8\n }'],
    ['toward["1"]', 'toward "1" {\n rate_kbps = 500\n loss_percent = 3\n }'],
    ["suspended", "suspended = true"],
    ["capture", "capture {}"],
    ["capture.append", "capture {\n append = true\n }"],
    ["capture.max_size_mib", "capture {\n append = true\n max_size_mib = 2\n }"],
    ["capture.keep", "capture {\n append = true\n max_size_mib = 2\n keep = 3\n }"],
    ["capture.link_type", 'capture {\n link_type = "FRELAY"\n }'],
    ["capture.file", 'capture {\n file = "other.pcap"\n }'],
    ["capture", ""],
  ],
  ubridge: [
    ["delay_ms", "delay_ms = 5"],
    ["loss_percent", "loss_percent = 2"],
    ["corrupt_percent", "corrupt_percent = 3"],
    ["drop_every", "drop_every = 100"],
    ["drop_matching", 'drop_matching = ["icmp", "udp port 53"]'],
    ["drop_matching", 'drop_matching = ["icmp"]'],
    ["capture", "capture {}"],
    ["capture", ""],
  ],
};

describe.each<Engine>(["builtin", "ubridge"])("a link's arguments on %s", (engine) => {
  describe.skipIf(engine === "ubridge" && !installedUbridge())("where it is installed", { retry: 0 }, () => {
    let lab: TestLab;
    const write = (body: string) =>
      lab.write(
        "pair.lab.hcl",
        `lab "pair" {}
provider "ubridge" {
  engine = "${engine}"
}
node "r1" {
  ram = 32
}
node "r2" {
  ram = 32
}
link "core" {
  endpoints = [node.r1.adapter[0], node.r2.adapter[0]]
  ${body}
}
`,
      );
    const apply = async () => {
      const { exitCode, stdout, stderr } = await lab.run(["apply", "-auto-approve"]);
      expect(exitCode, stdout + stderr).toBe(0);
      return stdout;
    };
    const processes = () =>
      lab
        .processes()
        .map((one) => one.pid)
        .toSorted((a, b) => a - b);
    const refusal = async (body: string) => {
      write(body);
      const { exitCode, stderr } = await lab.run(["plan"]);
      expect(exitCode).toBe(1);
      return stderr;
    };

    beforeAll(async () => {
      lab = new TestLab();
      write("");
      await apply();
    });
    afterAll(() => lab.close());

    it.each(CHANGES[engine])("%s changes while all processes run on", async (argument, body) => {
      const before = processes();
      write(body);
      const text = await apply();
      expect(text).toContain("# link.core will be updated in place");
      expect(text).toContain(argument.replace(/^(\w+)\W.*/, "$1"));
      expect(processes()).toEqual(before);
    });

    it("that it cannot carry are refused at plan, where they are written, with what to do", async () => {
      if (engine === "builtin") {
        const said = await refusal('drop_matching = ["icmp"]');
        expect(said).toContain("The built-in bridge does not read frames");
        expect(said).toMatch(/pair\.lab\.hcl:13:3/);
        expect(said).toMatch(/engine =\s+"ubridge"/);
        expect(await refusal('toward "2" {\n delay_ms = 1\n }')).toContain('A link has no endpoint "2"');
        expect(await refusal('toward "1" {\n jitter_ms = 1\n }')).toMatch(/jitter_ms needs delay_ms[\s\S]*hcl:14:2/);
        return;
      }
      expect(await refusal("rate_kbps = 100")).toMatch(/uBridge has no rate limit[\s\S]*hcl:13:3[\s\S]*"builtin"/);
      expect(await refusal('toward "0" {\n delay_ms = 1\n }')).toContain("uBridge impairs both ways of a link alike");
      expect(await refusal("capture {\n append = true\n }")).toContain("uBridge has no append for a capture");
      expect(await refusal("capture {\n max_size_mib = 1\n }")).toContain("uBridge has no max_size_mib for a capture");
      const wrong = await refusal('drop_matching = ["icmp", "no such thing"]');
      expect(wrong).toMatch(/drop_matching\[1\] is no BPF expression[\s\S]*syntax error/);
      expect(await refusal('drop_matching = [" "]')).toContain("drop_matching[0] is empty");
    });

    it("leave the frames to be counted by status, and followed", async () => {
      write("");
      await lab.run(["apply", "-auto-approve"]);
      const { stdout } = await lab.run(["status", "-json"]);
      const rows: { address: string; statistics: unknown }[] = JSON.parse(stdout).instances;
      const none = { frames: expect.any(Number), bytes: expect.any(Number) };
      const dropped = engine === "builtin" ? expect.any(Number) : null;
      const end = { sent: none, received: none, dropped };
      expect(rows.find((one) => one.address === "link.core")?.statistics).toEqual([end, end]);
      expect(rows.find((one) => one.address === "node.r1")?.statistics).toBeNull();
      expect((await lab.run(["status"])).stdout).toMatch(/link\.core +up +0→1 \d/);
      expect(JSON.stringify(lab.state())).not.toContain("statistics");

      const before = JSON.stringify(lab.state());
      const follow = lab.start(["capture", "follow", "core"]);
      if (engine === "ubridge") {
        const { exitCode, stderr } = await follow.result;
        expect(exitCode).toBe(1);
        expect(stderr).toContain("labform capture start link.core");
        return;
      }
      await sleep(3000);
      follow.kill("SIGINT");
      const { exitCode, stdout: shown } = await follow.result;
      expect(exitCode).toBe(0);
      expect(shown.length).toBeGreaterThanOrEqual(20);
      expect(JSON.stringify(lab.state())).toBe(before);
    });
  });
});
