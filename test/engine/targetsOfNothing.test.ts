import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LifecycleEngine } from "./lifecycleLab.ts";

/** Flags that name what has no instance at present. */
let engine: LifecycleEngine;
beforeEach(() => {
  engine = new LifecycleEngine();
});
afterEach(() => engine.close());

const lab = (enabled: boolean) => `node "a" {
  lifecycle {
    enabled = ${enabled}
  }
}

node "b" {}

node "r" {
  count = 0
}

module "m" {
  source = "./m"
  lifecycle {
    enabled = ${enabled}
  }
}
`;

const plain = (text: string) => text.replaceAll(/\s+/g, " ");

describe("what is declared and has no instance", () => {
  beforeEach(async () => {
    engine.writeAll({ "m/m.lab.hcl": 'node "x" {}\n' });
    engine.lab(lab(false));
  });

  it.each(["node.a", "node.r", "module.m", "module.m.node.x"])("may be left out: -exclude=%s", async (address) => {
    expect(await engine.changes(`-exclude=${address}`)).toEqual(["create | node.b"]);
  });

  it.each(["node.a", "node.r", "module.m", "module.m.node.x"])("may be a target: -target=%s", async (address) => {
    expect(await engine.changes(`-target=${address}`)).toEqual([]);
    expect(await engine.changes(`-target=${address}`, "-target=node.b")).toEqual(["create | node.b"]);
  });

  it("may be named by -refresh-only before it is applied", async () => {
    expect(await engine.changes("-refresh-only", "-target=node.b")).toEqual([]);
  });

  it("does not excuse an instance that there is not", async () => {
    expect(await engine.refusal("plan", "-target=node.r[0]")).toContain("-target node.r[0] names nothing");
    expect(await engine.refusal("plan", "-exclude=node.zz")).toContain("-exclude node.zz names nothing");
  });
});

describe("destroy", () => {
  beforeEach(async () => {
    engine.lab('node "a" {}\nnode "b" {}\n');
    await engine.applied();
  });

  it("of a target that is gone already has nothing to do, so that it may be run twice", async () => {
    await engine.succeeded("destroy", "-auto-approve", "-target=node.a");
    const { exitCode, stdout, stderr } = await engine.run("destroy", "-auto-approve", "-target=node.a");
    expect(exitCode, stderr).toBe(0);
    expect(stdout).toContain("No changes");
    expect(plain(stderr)).toContain("Warning: -target node.a names nothing The state does not have a resource");
    await engine.succeeded("destroy", "-auto-approve", "-target=node.a", "-target=node.b");
    expect(engine.addresses()).toEqual([]);
  });

  it("does not go on where what is to be kept is not found, since its name may be misspelt", async () => {
    const told = await engine.refusal("destroy", "-auto-approve", "-exclude=node.aa");
    expect(told).toContain("The state does not have a resource of that address. Did you mean node.a?");
    expect(engine.addresses()).toEqual(["node.a", "node.b"]);
  });

  it("of nothing is a success, whatever is to be kept", async () => {
    await engine.succeeded("destroy", "-auto-approve");
    await engine.succeeded("destroy", "-auto-approve", "-exclude=node.a");
  });
});
