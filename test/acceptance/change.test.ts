import { existsSync, readFileSync } from "node:fs";
import process from "node:process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { guest } from "../support/guest.ts";
import { TestLab } from "../support/lab.ts";
import { pairLab } from "../support/pair.ts";
import { TelnetClient } from "../support/telnet.ts";

/** What a running pair goes through; each test begins where the one before ended. */
describe("a running lab", () => {
  let lab: TestLab;
  beforeAll(async () => {
    lab = new TestLab({ "pair.lab.hcl": pairLab(guest()) });
    const apply = await lab.run(["apply", "-auto-approve"]);
    expect(apply.exitCode, apply.stderr).toBe(0);
  });
  afterAll(() => lab.close());

  const pids = () => [lab.instance("node.r1").attributes.pid, lab.instance("node.r2").attributes.pid];
  const onR1 = async (line: string, ms?: number) => {
    const { console: front } = lab.instance("node.r1").attributes;
    const telnet = await TelnetClient.connect(front.host, front.port);
    try {
      return await telnet.command(line, ms);
    } finally {
      telnet.close();
    }
  };
  const kill = async (pid: number) => {
    process.kill(pid, "SIGKILL");
    while (existsSync(`/proc/${pid}`) && !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, "utf8"))) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  const serviceProcess = (name: string) => {
    const found = lab.processes().find((one) => one.command.includes(`${name}.js`));
    if (!found) throw new Error(`no ${name} runs`);
    return found.pid;
  };
  const unchanged = async () => {
    const plan = await lab.run(["plan", "-detailed-exitcode"]);
    expect(plan.exitCode, plan.stdout).toBe(0);
  };

  it("delays a link without touching its nodes, and loses none of 100 pings at 20 ms intervals", async () => {
    const before = pids();
    lab.write("pair.lab.hcl", pairLab(guest(), { delayMs: 50 }));
    const apply = await lab.run(["apply", "-auto-approve"]);
    expect(apply.stdout).toContain("Plan: 0 to add, 1 to change, 0 to destroy.");
    expect(apply.exitCode, apply.stderr).toBe(0);
    expect(pids()).toEqual(before);
    const shown = await onR1("ping -c 100 -i 0.02 10.0.0.2");
    expect(shown).toContain("100 packets transmitted, 100 packets received");
    expect(Number(/min\/avg\/max = ([\d.]+)/.exec(shown)?.[1])).toBeGreaterThanOrEqual(100);
    await unchanged();
  });

  it("takes a third node and two links, and gives them back", async () => {
    const before = pids();
    lab.write("pair.lab.hcl", pairLab(guest(), { third: true }));
    const added = await lab.run(["apply", "-auto-approve"]);
    expect(added.exitCode, added.stderr).toBe(0);
    expect(added.stdout).toContain("Plan: 3 to add, 1 to change, 0 to destroy.");
    expect(pids()).toEqual(before);
    expect(await onR1("cat /sys/class/net/eth1/carrier")).toMatch(/^1\s/m);
    const { directory, pid } = lab.instance("node.r3").attributes;
    expect(existsSync(directory)).toBe(true);
    lab.write("pair.lab.hcl", pairLab(guest()));
    const removed = await lab.run(["apply", "-auto-approve"]);
    expect(removed.exitCode, removed.stderr).toBe(0);
    expect(pids()).toEqual(before);
    expect(existsSync(directory)).toBe(false);
    expect(lab.processes().map((one) => one.pid)).not.toContain(pid);
    expect(await onR1("cat /sys/class/net/eth1/carrier")).toMatch(/^0\s/m);
    await unchanged();
  });

  it("names a killed QEMU, starts that one again, and its link works", async () => {
    const [first, second] = pids();
    await kill(second);
    const plan = await lab.run(["plan", "-detailed-exitcode"]);
    expect(plan.exitCode).toBe(2);
    expect(plan.stdout).toMatch(
      /ended without a word[^\n]*killed or crashed\n\s+node\.r2\n[\s\S]*# node\.r2 will be started/,
    );
    const apply = await lab.run(["apply", "-auto-approve"]);
    expect(apply.exitCode, apply.stderr).toBe(0);
    const after = pids();
    expect(after[0]).toBe(first);
    expect(after[1]).not.toBe(second);
    expect(await onR1("ping -c 3 10.0.0.2")).toContain("3 packets received");
    await unchanged();
  });

  it("replaces a killed bridge without touching the nodes", async () => {
    const before = pids();
    await kill(serviceProcess("bridge"));
    const plan = await lab.run(["plan"]);
    expect(plan.stdout).toContain("service.bridge");
    expect(plan.stdout).not.toMatch(/# node\./);
    const apply = await lab.run(["apply", "-auto-approve"]);
    expect(apply.exitCode, apply.stderr).toBe(0);
    expect(pids()).toEqual(before);
    expect(await onR1("ping -c 3 10.0.0.2")).toContain("3 packets received");
    await unchanged();
  });

  it("replaces a killed keeper without touching the nodes, on the same ports", async () => {
    const before = pids();
    const { console: front } = lab.instance("node.r1").attributes;
    await kill(serviceProcess("keeper"));
    const plan = await lab.run(["plan"]);
    expect(plan.stdout).toContain("service.keeper");
    const console = await lab.run(["console", "r1"], { input: "secret\n" });
    expect(console.exitCode).toBe(1);
    expect(console.stderr).toContain("The console of node.r1 is not served");
    const apply = await lab.run(["apply", "-auto-approve"]);
    expect(apply.exitCode, apply.stderr).toBe(0);
    expect(pids()).toEqual(before);
    expect(lab.instance("node.r1").attributes.console).toEqual(front);
    expect(await onR1("echo still-here")).toContain("still-here");
    await unchanged();
  });

  it("restarts a node whose ram changed, with its ports and MACs, and the other runs on", async () => {
    const [first, second] = pids();
    const kept = ({ console: front, monitor, adapter, uuid }: ReturnType<TestLab["instance"]>["attributes"]) => ({
      front,
      monitor,
      adapter,
      uuid,
    });
    const before = kept(lab.instance("node.r1").attributes);
    lab.write("pair.lab.hcl", pairLab(guest(), { ram: 112 }));
    const plan = await lab.run(["plan"]);
    expect(plan.stdout).toMatch(/restarts? the node/);
    const apply = await lab.run(["apply", "-auto-approve"]);
    expect(apply.exitCode, apply.stderr).toBe(0);
    expect(pids()[0]).not.toBe(first);
    expect(pids()[1]).toBe(second);
    expect(kept(lab.instance("node.r1").attributes)).toEqual(before);
    expect(await onR1("ping -c 3 10.0.0.2")).toContain("3 packets received");
    await unchanged();
  });
});
