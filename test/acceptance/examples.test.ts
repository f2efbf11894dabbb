import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Example, examples } from "../support/example.ts";
import { guest } from "../support/guest.ts";
import { installedUbridge } from "../support/ubridge.ts";

describe("examples/01-two-nodes", () => {
  let example: Example;
  beforeAll(async () => {
    example = new Example("01-two-nodes");
    await example.do("apply", "-auto-approve");
  });
  afterAll(() => example.lab.close());

  it("pings across its link, 5 ms each way", async () => {
    const shown = await example.type('node.router["r1"]', "ping -c 3 -i 0.2 10.0.0.2");
    expect(shown).toContain("3 packets transmitted, 3 packets received");
    expect(Number(/min\/avg\/max = ([\d.]+)/.exec(shown)?.[1])).toBeGreaterThanOrEqual(10);
  });
});

describe("examples/02-overlay", () => {
  const base = join(examples, "02-overlay/base.qcow2");
  const digest = (path: string) => createHash("sha256").update(readFileSync(path)).digest("hex");
  let example: Example;
  beforeAll(() => {
    guest();
    execFileSync(process.execPath, [join(examples, "02-overlay/image.mjs")], { stdio: "inherit" });
    example = new Example("02-overlay");
  });
  afterAll(() => example.lab.close());

  // Three boots of a compressed kernel, each of about ten seconds without KVM.
  it("keeps what its guest wrote while the node is there, never in the base, and begins afresh after a destroy", {
    timeout: 240_000,
  }, async () => {
    const read = () => example.type("node.box", "cat /disk/README /disk/boots /disk/mine");
    await example.do("apply", "-auto-approve");
    await example.type("node.box", "echo written by hand > /disk/mine");
    await example.do("stop", "box");
    await example.do("apply", "-auto-approve");
    expect(await read()).toMatch(/of the base image\.\s+boot\s+boot\s+written by hand/);

    await example.do("destroy", "-auto-approve");
    await example.do("apply", "-auto-approve");
    expect(await read()).toMatch(/of the base image\.\s+boot\s+cat: can't open '\/disk\/mine'/);
    expect(digest(example.lab.path("base.qcow2"))).toBe(digest(base));
  });
});

describe.each(["builtin", ...(installedUbridge() ? ["ubridge"] : [])])("examples/03-triangle on %s", (engine) => {
  let example: Example;
  beforeAll(async () => {
    example = new Example("03-triangle", { LABFORM_VAR_engine: engine });
    await example.do("apply", "-auto-approve");
  });
  afterAll(() => example.lab.close());

  const ping = (from: string, address: string) =>
    example.type(`node.router["${from}"]`, `ping -c 3 -i 0.2 -W 1 ${address}`);

  it("has a side that is slow, one that loses all, and one that is written down", async () => {
    const addresses = JSON.parse(await example.do("output", "-json", "addresses"));
    expect(addresses.r2).toEqual(["10.0.23.2", "10.0.12.2"]);
    const slow = await ping("r1", addresses.r2[1]);
    expect(slow).toContain("3 packets transmitted, 3 packets received");
    expect(Number(/min\/avg\/max = ([\d.]+)/.exec(slow)?.[1])).toBeGreaterThanOrEqual(20);
    expect(await ping("r2", addresses.r3[1])).toContain("3 packets transmitted, 0 packets received");
    expect(await ping("r3", addresses.r1[1])).toContain("3 packets transmitted, 3 packets received");
    // From r3 to r1, as an IPv4 header has them.
    expect(readFileSync(example.lab.path("r3-r1.pcap")).includes(Buffer.from([10, 0, 31, 3, 10, 0, 31, 1]))).toBe(true);
  });

  it("is changed in two links and one node, and only that node is restarted", { timeout: 120_000 }, async () => {
    const before = ["r1", "r2", "r3"].map((name) => example.pid(`node.router["${name}"]`));
    example.edit("triangle.lab.hcl", "delay_ms = 10", "delay_ms = 40");
    example.edit("triangle.lab.hcl", "loss_percent = 100", "loss_percent = 0");
    example.edit("labform.vars.hcl", "r3 = {", "r3 = { ram = 128,");
    expect(await example.do("apply", "-auto-approve")).toContain(
      "Plan: 0 to add, 3 to change, 0 to destroy (1 to restart).",
    );

    const after = ["r1", "r2", "r3"].map((name) => example.pid(`node.router["${name}"]`));
    expect(after.slice(0, 2)).toEqual(before.slice(0, 2));
    expect(after[2]).not.toBe(before[2]);
    const slow = await ping("r1", "10.0.12.2");
    expect(Number(/min\/avg\/max = ([\d.]+)/.exec(slow)?.[1])).toBeGreaterThanOrEqual(80);
    expect(await ping("r2", "10.0.23.3")).toContain("3 packets transmitted, 3 packets received");
    await example.do("plan", "-detailed-exitcode");
  });

  it("refuses a router without enough memory, and says so", async () => {
    const result = await example.run("plan", "-var", 'routers={ r1 = { ram = 32, addresses = ["10.0.12.1/24"] } }');
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toContain("A router needs 64 MiB to boot.");
  });

  it("is destroyed, and its capture stays", async () => {
    await example.do("destroy", "-auto-approve");
    expect(example.lab.processes()).toEqual([]);
    expect(existsSync(example.lab.path("r3-r1.pcap"))).toBe(true);
  });
});

describe("examples/04-staged", () => {
  let example: Example;
  afterAll(() => example.lab.close());

  it("starts the client when the server answers, and the client has its page when it is ready", {
    timeout: 120_000,
  }, async () => {
    example = new Example("04-staged");
    const shown = await example.do("apply", "-auto-approve");
    const at = (line: string) => {
      expect(shown).toContain(line);
      return shown.indexOf(line);
    };
    expect(at("node.server: created")).toBeLessThan(at("node.client: starting"));
    expect(await example.do("logs", "client")).toContain("fetched: served by server");
    const address = await example.do("output", "-raw", "page");
    expect(await (await fetch(address)).text()).toBe("served by server\n");
  });
});

describe("examples/05-pods", () => {
  let example: Example;
  afterAll(() => example.lab.close());

  it("links hosts of a module with each other and with the core, and grows by a host", {
    timeout: 240_000,
  }, async () => {
    example = new Example("05-pods");
    expect(await example.do("apply", "-auto-approve")).toContain("Apply complete! 9 added");
    const addresses = JSON.parse(await example.do("output", "-json", "addresses"));
    expect(addresses.east[1]).toEqual(["10.1.1.2/24", "10.1.2.1/24"]);
    const received = "3 packets transmitted, 3 packets received";
    expect(await example.type("node.core", "ping -c 3 -i 0.2 10.0.2.2")).toContain(received);
    const first = 'module.pod["east"].node.host[0]';
    expect(await example.type(first, "ping -c 3 -i 0.2 10.1.1.2")).toContain(received);

    const before = example.pid(first);
    example.edit("campus.lab.hcl", "number = 2, hosts = 1", "number = 2, hosts = 2");
    expect(await example.do("apply", "-auto-approve")).toContain("Plan: 2 to add, 0 to change, 0 to destroy.");
    expect(example.pid(first)).toBe(before);
    await example.do("destroy", "-auto-approve", '-target=module.pod["east"]');
    expect(example.lab.processes()).not.toEqual([]);
    await example.do("destroy", "-auto-approve");
    expect(example.lab.processes()).toEqual([]);
  });
});

describe("examples/06-switch", () => {
  let example: Example;
  beforeAll(async () => {
    example = new Example("06-switch");
    await example.do("apply", "-auto-approve");
  });
  afterAll(() => example.lab.close());

  it("lets hosts of one VLAN reach each other, and one that changes its VLAN without a restart", async () => {
    const ping = (to: number) => example.type('node.host["ann"]', `ping -c 3 -i 0.2 -W 1 10.0.0.${to}`);
    expect(await ping(2)).toContain("3 packets received");
    expect(await ping(3)).toContain(" 0 packets received");
    const pids = () => ["ann", "cleo"].map((name) => example.lab.instance(`node.host["${name}"]`).attributes.pid);
    const before = pids();
    example.edit("switch.lab.hcl", "number = 3, vlan = 20", "number = 3, vlan = 10");
    await example.do("apply", "-auto-approve");
    expect(await ping(3)).toContain("3 packets received");
    expect(pids()).toEqual(before);
  });
});
