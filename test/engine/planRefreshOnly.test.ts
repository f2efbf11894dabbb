import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ModuleEngine } from "./moduleEngine.ts";

const lab = `lab "seen" {}

node "a" {
  adapters = 2
}

node "b" {}

link "ab" {
  endpoints = [node.a.adapter[0], node.b.adapter[0]]
}

output "pid" {
  value = node.b.pid
}

output "power" {
  value = node.a.power
}
`;

let engine: ModuleEngine;
beforeEach(async () => {
  engine = new ModuleEngine();
  engine.write(lab);
  await engine.applied();
});
afterEach(() => engine.close());

interface Recorded {
  readonly address: string;
  readonly status: string;
  readonly attributes: { readonly [name: string]: unknown };
  readonly pending?: object;
}

async function recorded(): Promise<ReadonlyMap<string, Recorded>> {
  const { stdout } = await engine.run("state", "pull");
  const { instances } = JSON.parse(stdout) as { readonly instances: readonly Recorded[] };
  return new Map(instances.map((one) => [one.address, one]));
}

async function plan(...args: readonly string[]) {
  const result = await engine.run("plan", "-detailed-exitcode", ...args);
  expect(result.stderr).toBe("");
  return result;
}

function suspendOutside(address: string): void {
  const [id, node] = [...engine.world.nodes].find(([, one]) => one.address === address) ?? [];
  if (id === undefined || !node) throw new Error(`no ${address}`);
  engine.world.putNode(id, { ...node, suspended: true });
}

describe("-refresh-only", () => {
  it("finds nothing to record where the host is as recorded", async () => {
    const { exitCode, stdout } = await plan("-refresh-only");
    expect([exitCode, stdout]).toEqual([0, "No changes. The host is as the state has it recorded.\n"]);
  });

  it("takes no notice of what the lab files want otherwise", async () => {
    engine.write(
      lab.replace("adapters = 2", 'adapters = 2\n  note = "new"').replace('node "b" {}', 'node "b" {}\nnode "c" {}'),
    );
    expect((await plan("-refresh-only")).exitCode).toBe(0);
    expect((await plan()).exitCode).toBe(2);
  });

  it("shows what differs, writes it into the state, and does nothing to the host", async () => {
    const pid = engine.pidOf("node.b");
    engine.world.crash("node.b");
    const { exitCode, stdout } = await plan("-refresh-only");
    expect(exitCode).toBe(2);
    expect(stdout).toContain("# its process ended");
    expect(stdout).toContain(`- pid = ${pid} -> null`);
    expect(stdout).toContain("touches nothing on the host");
    const acts = engine.world.log.length;
    await engine.applied("-refresh-only");
    expect(engine.world.log.slice(acts)).toEqual([]);
    expect((await recorded()).get("node.b")?.attributes.pid).toBeNull();
    expect(await engine.output("pid")).toBeNull();
    expect((await plan("-refresh-only")).exitCode).toBe(0);
    expect(await engine.planned()).toEqual(["node.b started"]);
  });

  it("takes what is gone out of the state; the next plan makes it again", async () => {
    engine.world.vanish("node.b");
    const { stdout } = await plan("-refresh-only");
    expect(stdout).toContain("nothing is left of it");
    await engine.applied("-refresh-only");
    expect([...(await recorded()).keys()]).not.toContain("node.b");
    expect(await engine.planned()).toContain("node.b created");
    await engine.applied();
    expect((await plan()).exitCode).toBe(0);
  });

  it("remembers why an argument differs, so that the next plan does not take it for a change of the lab files", async () => {
    suspendOutside("node.a");
    await engine.applied("-refresh-only");
    expect((await recorded()).get("node.a")?.attributes.power).toBe("suspended");
    expect(await engine.output("power")).toBe("suspended");
    const { stdout } = await plan();
    expect(stdout).toContain("changed outside of labform");
    expect(stdout).not.toContain("changed in the lab files");
    await engine.applied();
    expect((await plan()).exitCode).toBe(0);
  });

  it("settles what a killed run had begun and brought to its end", async () => {
    engine.write(`${lab}node "c" {}\n`);
    engine.world.at({ when: "after", operation: "start", address: "node.c" }, () => {
      throw new Error("killed");
    });
    await engine.run("apply", "-auto-approve");
    expect((await recorded()).get("node.c")?.pending).toBeDefined();
    await engine.applied("-refresh-only");
    const { pending, status } = (await recorded()).get("node.c") as Recorded;
    expect([pending, status]).toEqual([undefined, "creating"]);
    await engine.applied();
    expect((await plan()).exitCode).toBe(0);
  });

  it("leaves a change that was cut off in the middle for the next apply, which does it again", async () => {
    engine.write(lab.replace("adapters = 2", 'adapters = 2\n  note = "new"'));
    engine.world.at({ when: "before", operation: "update", address: "node.a" }, () => {
      throw new Error("killed");
    });
    await engine.run("apply", "-auto-approve");
    await engine.applied("-refresh-only");
    expect(await engine.planned()).toEqual(["node.a updated"]);
    await engine.applied();
    expect((await plan()).exitCode).toBe(0);
    expect(engine.node("node.a")?.note).toBe("new");
  });

  it("evaluates outputs again as the lab files have them now", async () => {
    engine.write(lab.replace("value = node.b.pid", 'value = "pid ${node.b.pid}"').replace(/output "power" [^}]*}/, ""));
    const { stdout } = await plan("-refresh-only");
    expect(stdout).toContain("Changes to outputs:");
    expect(stdout).not.toContain("What is not as the last apply left it");
    await engine.applied("-refresh-only");
    expect(await engine.output("pid")).toBe(`pid ${engine.pidOf("node.b")}`);
    expect(Object.keys(JSON.parse((await engine.run("output", "-json")).stdout))).toEqual(["pid"]);
    expect((await plan()).exitCode).toBe(0);
  });

  it("leaves an output that has no value yet as it was", async () => {
    engine.write(lab.replace('node "b" {}', 'node "b" {}\nnode "c" {}').replace("node.b.pid", "node.c.pid"));
    expect((await plan("-refresh-only")).exitCode).toBe(0);
    expect(await engine.output("pid")).toBe(engine.pidOf("node.b"));
  });

  it("records of what -target names and nothing else, and all but what -exclude names", async () => {
    engine.world.crash("node.a");
    engine.world.crash("node.b");
    await engine.applied("-refresh-only", "-exclude=node.a");
    const pids = async () =>
      [...(await recorded()).values()].map(({ address, attributes }) => [address, attributes.pid === null]);
    expect(await pids()).toEqual(
      expect.arrayContaining([
        ["node.a", false],
        ["node.b", true],
      ]),
    );
    await engine.applied("-refresh-only", "-target=node.a");
    expect(await pids()).toEqual(
      expect.arrayContaining([
        ["node.a", true],
        ["node.b", true],
      ]),
    );
  });

  it("is saved and applied as it was shown, and goes stale", async () => {
    engine.world.crash("node.b");
    await plan("-refresh-only", "-out=seen.plan");
    expect((await engine.run("show", "seen.plan")).stdout).toContain("touches nothing on the host");
    const apply = await engine.run("apply", "seen.plan");
    expect(apply.exitCode, apply.stderr).toBe(0);
    expect((await recorded()).get("node.b")?.attributes.pid).toBeNull();
    expect(await engine.refused("apply", "seen.plan")).toContain("The plan is stale");
  });

  it("asks before it writes the state, and cannot without a terminal", async () => {
    engine.world.crash("node.b");
    expect(await engine.refused("apply", "-refresh-only")).toContain("apply must be approved");
  });

  it.each([
    ["plan", "-destroy"],
    ["plan", "-replace=node.a"],
    ["plan", "-refresh=false"],
    ["apply", "-replace=node.a"],
    ["apply", "-refresh=false"],
  ])("is refused beside other flags by name: %s %s", async (command, flag) => {
    const name = flag === "-refresh=false" ? flag : flag.replace(/=.*/, "");
    expect(await engine.refused(command, "-refresh-only", flag)).toContain(`-refresh-only cannot be used with ${name}`);
  });

  it("holds conditions only as warnings: nothing is made that they could keep from being made", async () => {
    engine.write(
      lab.replace(
        "value = node.b.pid",
        'value = node.b.pid\n  precondition {\n    condition = node.b.pid != null\n    error_message = "b does not run."\n  }',
      ),
    );
    engine.world.crash("node.b");
    const result = await engine.run("plan", "-refresh-only");
    expect(result.exitCode, result.stderr).toBe(0);
    expect(result.stderr).toContain("Warning");
    expect(result.stderr).toContain("b does not run.");
  });
});
