import { existsSync, readFileSync } from "node:fs";
import type { Server } from "node:net";
import { createServer } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { notesOf } from "../../../providers/qemu/notes.ts";
import type { ProcessIdentity } from "../../../src/core/ports.ts";
import type { Instance } from "../../../src/core/state.ts";
import type { Json } from "../../../src/core/values.ts";
import { failureOf, TestLab } from "./support.ts";

let lab: TestLab;
const servers: Server[] = [];

beforeEach(async () => {
  lab = await TestLab.open();
});

afterEach(async () => {
  for (const server of servers.splice(0)) server.close();
  await lab.close();
});

function portOf(node: Instance, name: "console" | "monitor"): number {
  return (node.attributes[name] as { readonly port: number }).port;
}

async function occupy(port: number): Promise<number> {
  const server = createServer();
  servers.push(server);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return (server.address() as { readonly port: number }).port;
}

async function kill(instance: Instance): Promise<void> {
  const identity = notesOf(instance).process as ProcessIdentity;
  lab.ports.processes.signal(identity, "SIGKILL");
  await lab.ports.processes.waitForExit(identity, 5000);
}

async function answers(port: number): Promise<boolean> {
  return !(await lab.ports.sockets.isPortFree("127.0.0.1", port));
}

async function prepared(config: { readonly [name: string]: Json } = {}): Promise<Instance> {
  return await lab.perform("prepare", await lab.planned({ ram: 32, ...config }));
}

describe("the keeper as a service", () => {
  it("is launched, read, and ended without a trace", async () => {
    const keeper = await lab.keeper();
    expect(keeper.attributes).toMatchObject({ pid: notesOf(keeper).process?.pid, version: expect.any(String) });
    expect(await lab.read(keeper)).toEqual([{ condition: "present", instance: keeper }]);
    await lab.perform("end", keeper);
    expect(lab.runFiles()).toEqual([]);
    await lab.perform("end", keeper);
  });

  it("that was killed is down, and its nodes are as they were", async () => {
    const node = await lab.running({ ram: 32 });
    const keeper = lab.instances.get("service.keeper") as Instance;
    await kill(keeper);
    const [service, live] = await lab.read(keeper, node);
    expect(service).toMatchObject({ condition: "down", cause: { summary: "the keeper ended: killed or crashed" } });
    expect(live).toEqual({ condition: "present", instance: node });
  });

  it("started again serves its nodes at the ports they had", async () => {
    const node = await lab.running({ ram: 32 });
    await kill(lab.instances.get("service.keeper") as Instance);
    await expect.poll(() => answers(portOf(node, "console"))).toBe(false);
    const keeper = await lab.keeper([{ instance: node, attachments: [] }]);
    expect([await answers(portOf(node, "console")), await answers(portOf(node, "monitor"))]).toEqual([true, true]);
    expect(await lab.read(keeper, node)).toEqual([
      { condition: "present", instance: keeper },
      { condition: "present", instance: node },
    ]);
  });

  it("started again names the node, the port and who took it meanwhile, and serves the others", async () => {
    const node = await lab.running({ ram: 32 });
    const other = await lab.running({ ram: 32 }, { id: "r2-00000001", address: "node.r2" });
    await kill(lab.instances.get("service.keeper") as Instance);
    await expect.poll(() => answers(portOf(node, "console"))).toBe(false);
    await occupy(portOf(node, "console"));
    const carried = [node, other].map((instance) => ({ instance, attachments: [] }));
    const words = await failureOf(lab.keeper(carried));
    expect(words).toContain("The ports of node.r1 cannot be served");
    const comm = readFileSync("/proc/self/comm", "utf8").trim();
    expect(words).toContain(`Port ${portOf(node, "console")} is held by ${comm} (pid ${process.pid})`);
    expect(await answers(portOf(other, "console"))).toBe(true);
  });

  it("that hangs is broken, reading it takes less than a second, and it can be ended", async () => {
    const keeper = await lab.keeper();
    lab.ports.processes.signal(notesOf(keeper).process as ProcessIdentity, "SIGSTOP");
    const before = lab.ports.clock.monotonic();
    expect(await lab.read(keeper)).toMatchObject([
      { condition: "broken", cause: { summary: expect.stringContaining("does not answer") } },
    ]);
    expect(lab.ports.clock.monotonic() - before).toBeLessThan(1000);
    await lab.perform("end", keeper);
  });

  it("found by its token after a killed run is launched anew", async () => {
    const keeper = await lab.keeper();
    const { process } = notesOf(keeper);
    const pending = { operation: "launch", token: process?.token ?? "", since: "2026-01-01T00:00:00.000Z" } as const;
    const [live] = await lab.read({ ...keeper, private: {}, pending });
    expect(live).toMatchObject({
      condition: "broken",
      cause: { kind: "unfinished" },
      instance: { private: { process } },
    });
  });

  it("that ends at its start is reported with its own words", async () => {
    (lab.directories as { programs: string }).programs = lab.root;
    const words = await failureOf(lab.keeper());
    expect(words).toContain("The keeper ended at its start");
    expect(words).toContain("keeper.js");
  });
});

describe("a node's ports", () => {
  it("are chosen from the ranges, or as fixed", async () => {
    await lab.keeper();
    const chosen = await prepared();
    for (const name of ["console", "monitor"] as const) {
      const [low, high] = lab.settings[`${name}_ports`] as readonly [number, number];
      expect(portOf(chosen, name)).toBeGreaterThanOrEqual(low);
      expect(portOf(chosen, name)).toBeLessThanOrEqual(high);
    }
    const free = await occupy(0);
    servers.pop()?.close();
    const node = await lab.planned({ ram: 32, console_port: free }, { id: "r2-00000001", address: "node.r2" });
    expect(portOf(await lab.perform("prepare", node), "console")).toBe(free);
  });

  it("that are taken are refused with who holds them", async () => {
    await lab.keeper();
    const taken = await occupy(0);
    const words = await failureOf(prepared({ console_port: taken }));
    expect(words).toContain(`Port ${taken} is held by`);
    expect(words).toContain("set another with console_port");
  });

  it("change while the node runs", async () => {
    const node = await lab.running({ ram: 32 });
    const free = await occupy(0);
    servers.pop()?.close();
    const { planned } = await lab.plan({ ram: 32, console_port: free, stop_timeout_s: 5 }, { prior: node });
    const wanted = { ...node.attributes, ...(planned as Instance["attributes"]) };
    const changed = await lab.perform("update", { ...node, attributes: wanted }, { wanted });
    expect(changed.attributes).toMatchObject({
      console: { host: "127.0.0.1", port: free },
      stop_timeout_s: 5,
      pid: node.attributes["pid"],
    });
    expect([await answers(free), await answers(portOf(node, "console"))]).toEqual([true, false]);
    expect(await lab.read(changed)).toEqual([{ condition: "present", instance: changed }]);
  });

  it("that a living keeper does not serve are planned to be served again, the same", async () => {
    const node = await lab.running({ ram: 32 });
    await kill(lab.instances.get("service.keeper") as Instance);
    await lab.keeper();
    const [live] = await lab.read(node);
    expect(live).toMatchObject({ condition: "present", instance: { attributes: { console: null, monitor: null } } });
    const found = live?.instance as Instance;
    const { planned } = await lab.plan({ ram: 32 }, { prior: found });
    expect(planned["console"]).toEqual(node.attributes["console"]);
    const wanted = { ...found.attributes, ...(planned as Instance["attributes"]) };
    const again = await lab.perform("update", { ...found, attributes: wanted }, { wanted });
    expect(again.attributes).toEqual(node.attributes);
    expect(await lab.read(again)).toEqual([{ condition: "present", instance: again }]);
  });

  it("are freed with the node, also when the keeper is gone", async () => {
    await lab.keeper();
    const node = await prepared();
    await lab.perform("remove", node);
    expect(await answers(portOf(node, "console"))).toBe(false);
    const second = await prepared();
    await kill(lab.instances.get("service.keeper") as Instance);
    await lab.perform("remove", second);
    expect(existsSync(String(second.attributes["directory"]))).toBe(false);
  });

  it("cannot be had without a keeper that answers, and that is said", async () => {
    const words = await failureOf(prepared());
    expect(words).toContain("The lab's keeper, which serves consoles and monitors, cannot be reached");
    expect(words).toContain("keeper.log");
  });
});
