import { existsSync, readFileSync } from "node:fs";
import type { Server } from "node:net";
import { createServer } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { qemu } from "../../../providers/qemu/index.ts";
import { notesOf } from "../../../providers/qemu/notes.ts";
import type { ProcessIdentity } from "../../../src/core/ports.ts";
import type { Instance } from "../../../src/core/state.ts";
import type { Json } from "../../../src/core/values.ts";
import { UNKNOWN } from "../../../src/core/values.ts";
import { failureOf, SEED, TestLab } from "./support.ts";

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

const OTHER = { id: "r2-00000001", address: "node.r2", seed: [...SEED].reverse().join("") };

/** A node that runs, whose keeper is gone, and whose console's port another process has. */
async function withTakenPort(config: { readonly [name: string]: Json }) {
  const node = await lab.running({ ram: 32, ...config });
  await kill(lab.instances.get("service.keeper") as Instance);
  const port = portOf(node, "console");
  await expect.poll(() => answers(port)).toBe(false);
  await occupy(port);
  return { node, port, holder: `${readFileSync("/proc/self/comm", "utf8").trim()} (pid ${process.pid})` };
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

  it("started again without a port that was taken meanwhile says so, and serves the others", async () => {
    const other = await lab.running({ ram: 32 }, OTHER);
    const { node, port } = await withTakenPort({});
    const told: string[] = [];
    const carried = [node, other].map((instance) => ({ instance, attachments: [] }));
    const keeper = await lab.keeper(carried, { tell: (message) => void told.push(message) });
    expect(told).toEqual([
      expect.stringContaining(`The ports of node.r1 cannot be served: port ${port} of 127.0.0.1 is taken by `),
    ]);
    expect(await answers(portOf(node, "monitor"))).toBe(true);
    expect(await answers(portOf(other, "console"))).toBe(true);
    expect(await lab.read(keeper, other)).toEqual([
      { condition: "present", instance: keeper },
      { condition: "present", instance: other },
    ]);
  });

  it("that is gone lets a node whose chosen port was taken be planned another", async () => {
    const { node, port } = await withTakenPort({});
    const [live] = await lab.read(node);
    expect(live).toMatchObject({ condition: "present", instance: { attributes: { console: null } } });
    const found = live?.instance as Instance;
    const { planned } = await lab.plan({ ram: 32 }, { prior: found });
    expect([planned["console"], planned["monitor"]]).toEqual([UNKNOWN, node.attributes["monitor"]]);
    await lab.keeper([{ instance: node, attachments: [] }]);
    const wanted = { ...found.attributes, ...(planned as Instance["attributes"]), console: null };
    const mended = await lab.perform("update", { ...found, attributes: wanted }, { wanted, prior: found });
    expect(portOf(mended, "console")).not.toBe(port);
    expect(await answers(portOf(mended, "console"))).toBe(true);
    expect(mended.attributes).toMatchObject({ pid: node.attributes["pid"], monitor: node.attributes["monitor"] });
    expect(await lab.read(mended)).toEqual([{ condition: "present", instance: mended }]);
  });

  it("that is gone leaves a port that the lab file fixes to it, and names who took it", async () => {
    const free = await occupy(0);
    servers.pop()?.close();
    const { node, port, holder } = await withTakenPort({ console_port: free });
    const [live] = await lab.read(node);
    const found = live?.instance as Instance;
    const { planned, diagnostics } = await lab.plan({ ram: 32, console_port: free }, { prior: found });
    expect(planned["console"]).toEqual(node.attributes["console"]);
    expect(diagnostics).toMatchObject([
      { severity: "warning", summary: `Port ${port} of 127.0.0.1 is taken, and console_port asks for it` },
    ]);
    await lab.keeper([{ instance: node, attachments: [] }]);
    const wanted = { ...found.attributes, ...(planned as Instance["attributes"]) };
    const words = await failureOf(lab.perform("update", { ...found, attributes: wanted }, { wanted, prior: found }));
    expect(words).toContain("The ports of node.r1 cannot be served");
    expect(words).toContain(`Port ${port} is held by ${holder}. Free the port, or set another with console_port`);
  });

  it("of another version of labform is replaced, and nothing is asked of it", async () => {
    const keeper = await lab.keeper();
    const { sockets } = lab.ports;
    const connect: typeof sockets.connect = async (endpoint, timeoutMs) => {
      const connection = await sockets.connect(endpoint, timeoutMs);
      async function* incoming() {
        for await (const chunk of connection.incoming) {
          yield Buffer.from(Buffer.from(chunk).toString().replace('"protocol":2', '"protocol":1'));
        }
      }
      return {
        ...connection,
        write: connection.write.bind(connection),
        close: () => connection.close(),
        incoming: incoming(),
      };
    };
    const ports = { ...lab.ports, sockets: { ...sockets, connect, isPortFree: sockets.isPortFree.bind(sockets) } };
    const provider = await qemu.load(ports, lab.directories);
    expect(await provider.read([keeper])).toMatchObject([
      { condition: "broken", cause: { summary: expect.stringContaining("was started by another version of labform") } },
    ]);
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
    const node = await lab.planned({ ram: 32, console_port: free }, OTHER);
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
