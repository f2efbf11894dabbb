import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { goldenBeside } from "../support/golden.ts";
import { Engine } from "./engine.ts";

const golden = goldenBeside(import.meta.url);

let engine: Engine;
beforeEach(() => {
  engine = new Engine();
});
afterEach(() => engine.close());

const node = (name: string) => [...engine.world.nodes.values()].find((one) => one.address === `node.${name}`);

function pair(a = "", link = ""): string {
  return `lab "x" {}
node "a" {
${a}
}
node "b" {}
link "ab" {
  endpoints = [node.a.adapter[0], node.b.adapter[0]]
${link}
}
output "pid" {
  value = node.a.pid
}
`;
}

async function run(...args: readonly string[]) {
  const result = await engine.run(...args);
  expect(result.exitCode, result.stdout + result.stderr).toBe(0);
  return result;
}

async function apply(lab: string): Promise<readonly string[]> {
  engine.write(lab);
  const before = engine.world.log.length;
  await run("apply", "-auto-approve");
  return engine.world.log.slice(before);
}

async function unchanged(): Promise<void> {
  const plan = await engine.run("plan", "-detailed-exitcode");
  expect(plan.exitCode, plan.stdout).toBe(0);
}

async function output(): Promise<unknown> {
  return JSON.parse((await run("output", "-json", "pid")).stdout) as unknown;
}

/** The plan, with what differs from day to day replaced. */
async function shownPlan(): Promise<string> {
  return (await run("plan")).stdout.replaceAll(/\(\S+, at \d\d:\d\d\)/g, "(USER, at TIME)");
}

describe("power", () => {
  it("off: a new node is prepared and not started, and stays so", async () => {
    const done = await apply(pair('power = "off"'));
    expect(done).toContain("node.a prepare");
    expect(done).not.toContain("node.a start");
    expect(node("a")?.run).toBeNull();
    expect(await output()).toBeNull();
    await unchanged();
  });

  it("off and on again in the file turns the node off and starts it; its peer sees the carrier go and come", async () => {
    await apply(pair());
    expect(node("b")?.carriers).toEqual([0]);
    const pidOfB = node("b")?.run?.pid;
    engine.write(pair('power = "off"'));
    golden("power-off.txt", await shownPlan());
    expect(await apply(pair('power = "off"'))).toEqual(["node.a stop", "link.ab update"]);
    expect(node("b")?.carriers).toEqual([]);
    await unchanged();
    engine.write(pair());
    golden("power-on.txt", await shownPlan());
    expect((await apply(pair())).toSorted()).toEqual([
      "link.ab update",
      "node.a prepare",
      "node.a ready",
      "node.a start",
    ]);
    expect(node("a")?.carriers).toEqual([0]);
    expect(node("b")?.carriers).toEqual([0]);
    expect(node("b")?.run?.pid).toBe(pidOfB);
    await unchanged();
  });

  it("off: takes what needs a restart without one", async () => {
    await apply(pair('power = "off"'));
    expect(await apply(pair('power = "off"\nsize = 3'))).toEqual(["node.a prepare"]);
    expect(node("a")?.size).toBe(3);
    expect(await apply(pair("size = 3"))).toContain("node.a start");
  });

  it("off together with a change that needs a restart: stopped once, not started", async () => {
    await apply(pair());
    const done = await apply(pair('power = "off"\nsize = 3'));
    expect(done.filter((one) => one.startsWith("node.a"))).toEqual(["node.a stop", "node.a prepare"]);
    await unchanged();
  });

  it("off: a replace makes it anew without starting it", async () => {
    await apply(pair('power = "off"'));
    const done = await apply(pair('power = "off"\ncolour = "red"'));
    expect(done.filter((one) => one.startsWith("node.a"))).toEqual([
      "node.a stage",
      "node.a stop",
      "node.a remove",
      "node.a prepare",
    ]);
    await unchanged();
  });

  it("suspended and on again is live: the pid stays", async () => {
    await apply(pair());
    const pid = node("a")?.run?.pid;
    expect(await apply(pair('power = "suspended"'))).toEqual(["node.a update", "node.a ready"]);
    expect(node("a")).toMatchObject({ suspended: true, run: { pid } });
    await unchanged();
    await apply(pair());
    expect(node("a")).toMatchObject({ suspended: false, run: { pid } });
  });

  it("off: destroy leaves nothing", async () => {
    await apply(pair('power = "off"'));
    await run("destroy", "-auto-approve");
    expect(engine.world.isEmpty()).toBe(true);
  });

  it("with -refresh=false is compared with the record", async () => {
    await apply(pair('power = "off"'));
    engine.write(pair());
    expect((await run("plan", "-refresh=false")).stdout).toContain("node.a will be started");
  });
});

describe("by hand", () => {
  it("stop: the next plan says who did it, and starts the node again; outputs follow", async () => {
    await apply(pair());
    const stopped = await run("stop", "a");
    expect(stopped.stdout).toContain("node.a: turned off");
    expect(node("a")?.run).toBeNull();
    expect(node("b")?.carriers).toEqual([]);
    expect(await output()).toBeNull();
    golden("stopped-by-hand.txt", await shownPlan());
    await run("start", "node.a");
    expect(node("a")?.run).not.toBeNull();
    expect(await output()).toBe(node("a")?.run?.pid);
    await unchanged();
  });

  it("stop is done though an output makes nothing of it: that is a warning, and the output stays as it was", async () => {
    await apply(`${pair()}output "said" {\n  value = "pid \${node.a.pid}"\n}\n`);
    const { stdout: before } = await run("output", "said");
    const { stderr } = await run("stop", "a");
    expect(stderr).toContain("Warning: ");
    expect(stderr).not.toContain("Error: ");
    expect((await run("output", "said")).stdout).toBe(before);
  });

  it("stop of what the file then says to be off is no change any more, and forgotten", async () => {
    await apply(pair());
    await run("stop", "a");
    engine.write(pair('power = "off"'));
    await unchanged();
    await run("apply", "-auto-approve");
    engine.write(pair());
    expect((await run("plan")).stdout).not.toContain("by hand");
  });

  it("start of a node that its file wants off: the next plan turns it off again", async () => {
    await apply(pair('power = "off"'));
    await run("start", "a");
    const plan = await shownPlan();
    expect(plan).toContain("node.a will be turned off (power cut)");
    expect(plan).toContain("started by hand (USER, at TIME)");
  });

  it("suspend and resume keep the pid; reload resets and waits until ready", async () => {
    await apply(pair());
    const pid = node("a")?.run?.pid;
    await run("suspend", "a", "b");
    expect(node("a")).toMatchObject({ suspended: true, run: { pid } });
    expect(await shownPlan()).toContain("suspended by hand (USER, at TIME)");
    await run("resume", "a", "b");
    expect(node("a")).toMatchObject({ suspended: false, run: { pid } });
    const before = engine.world.log.length;
    await run("reload", "a");
    expect(engine.world.log.slice(before)).toEqual(["node.a reload", "node.a ready"]);
    await unchanged();
  });

  it("what is so already is no change, and what cannot be is refused with the way out", async () => {
    await apply(pair());
    expect((await run("start", "a")).stdout).toContain("it is so already");
    expect((await run("resume", "a")).stdout).toContain("it is so already");
    await run("stop", "a");
    for (const command of ["suspend", "resume", "reload"]) {
      const refused = await engine.run(command, "a");
      expect(refused.exitCode).toBe(1);
      expect(refused.stderr).toContain('"labform start node.a" starts it');
    }
    await run("start", "a");
    await run("suspend", "a");
    const reload = await engine.run("reload", "a");
    expect(reload.exitCode).toBe(1);
    expect(reload.stderr).toContain("node.a is suspended and cannot be reset");
    expect(reload.stderr).toContain('"labform resume node.a" lets it run on.');
    const unknown = await engine.run("stop", "c");
    expect(unknown.exitCode).toBe(1);
    expect(unknown.stderr).toContain("The state has node.a, node.b.");
  });

  it("a node that ended by itself and is told to stop stays off, and that is remembered", async () => {
    await apply(pair());
    engine.world.crash("node.a");
    await run("stop", "a");
    const plan = await shownPlan();
    expect(plan).toContain("stopped by hand");
    expect(plan).not.toContain("its process ended");
  });
});

describe("carriers", () => {
  it("go down at both ends of a suspended link, and come back with it", async () => {
    await apply(pair());
    await apply(pair("", "suspended = true"));
    expect([node("a")?.carriers, node("b")?.carriers]).toEqual([[], []]);
    await unchanged();
    await apply(pair());
    expect([node("a")?.carriers, node("b")?.carriers]).toEqual([[0], [0]]);
  });

  it("are down from the first instruction on a link that is made suspended", async () => {
    await apply(pair("", "suspended = true"));
    expect([node("a")?.carriers, node("b")?.carriers]).toEqual([[], []]);
  });
});

describe("carriers, whatever goes wrong,", () => {
  it("are put right by the next apply when the link's part failed", async () => {
    await apply(pair());
    engine.world.failNext("update", "link.ab");
    engine.write(pair('power = "off"'));
    expect((await engine.run("apply", "-auto-approve")).exitCode).toBe(1);
    expect(node("b")?.carriers).toEqual([0]);
    expect((await engine.run("plan", "-detailed-exitcode")).exitCode).toBe(2);
    await run("apply", "-auto-approve");
    expect(node("b")?.carriers).toEqual([]);
    await unchanged();
  });

  it("of a link that is resumed while its end restarts are up at both ends", async () => {
    await apply(pair("", "suspended = true"));
    const update = engine.world.hold("update", "link.ab");
    engine.write(pair("size = 3"));
    const applying = engine.run("apply", "-auto-approve");
    await update.reached;
    update.release();
    expect((await applying).exitCode).toBe(0);
    expect([node("a")?.carriers, node("b")?.carriers]).toEqual([[0], [0]]);
    await unchanged();
  });

  it("go down at the other end also when the guest had powered itself off before its file said so", async () => {
    await apply(pair());
    engine.world.crash("node.a");
    await apply(pair('power = "off"'));
    expect(node("b")?.carriers).toEqual([]);
    await unchanged();
  });
});

describe("a service that hangs in the middle of an operation", () => {
  it("is launched again, once, carries again what it carried, and the operation is done", async () => {
    await apply(pair());
    engine.world.hang('service.hub["main"]');
    const done = await apply(pair("", "weight = 7"));
    expect(done).toEqual(["link.ab update", 'service.hub["main"] launch', "link.ab update"]);
    const hub = engine.world.hubs.get("main");
    expect([...(hub?.links.values() ?? [])]).toMatchObject([{ weight: 7 }]);
    await unchanged();
  });
});

describe("a replace", () => {
  it("stages what is to come while the old one runs, and fails without having touched it", async () => {
    await apply(pair());
    const pid = node("a")?.run?.pid;
    engine.world.failNext("stage", "node.a");
    engine.write(pair('colour = "red"'));
    expect((await engine.run("apply", "-auto-approve")).exitCode).toBe(1);
    expect(node("a")).toMatchObject({ colour: "white", run: { pid } });
    engine.write(pair());
    await unchanged();
    await apply(pair('colour = "red"'));
    expect(node("a")?.colour).toBe("red");
    await unchanged();
  });
});
