import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Engine } from "./engine.ts";

let engine: Engine;
beforeEach(() => {
  engine = new Engine();
});
afterEach(() => engine.close());

async function apply(lab: string, exitCode = 0) {
  engine.write(lab);
  const result = await engine.run("apply", "-auto-approve");
  expect(result.exitCode, result.stdout + result.stderr).toBe(exitCode);
  return result;
}

async function unchanged(): Promise<void> {
  const plan = await engine.run("plan", "-detailed-exitcode");
  expect(plan.exitCode, plan.stdout).toBe(0);
}

const node = (address: string) => [...engine.world.nodes.values()].find((one) => one.address === address);

describe("values known only after apply", () => {
  it("reach the arguments that await them, through locals and templates", async () => {
    await apply(`lab "x" {}
locals {
  text = "pid \${node.a.pid}"
}
node "a" {}
node "b" {
  note = "\${local.text}!"
}
output "o" {
  value = { note = node.b.note, both = [node.a.pid, node.b.pid] }
}
`);
    expect(node("node.b")?.note).toBe(`pid ${node("node.a")?.run?.pid}!`);
    const output = JSON.parse((await engine.run("output", "-json", "o")).stdout);
    expect(output).toEqual({ note: node("node.b")?.note, both: [node("node.a")?.run?.pid, node("node.b")?.run?.pid] });
    await unchanged();
  });

  it("show as a change of what depends on them when their node is restarted", async () => {
    const lab = (size: number) =>
      `lab "x" {}\nnode "a" {\n  size = ${size}\n}\nnode "b" {\n  note = "pid \${node.a.pid}"\n}\n`;
    await apply(lab(1));
    const before = node("node.b")?.run?.pid;
    await apply(lab(2));
    expect(node("node.b")?.note).toBe(`pid ${node("node.a")?.run?.pid}`);
    expect(node("node.b")?.run?.pid).toBe(before);
    await unchanged();
  });

  it("are refused in a link, which is wired before its nodes run", async () => {
    engine.write(`lab "x" {}
node "a" {
  adapters = 2
}
link "l" {
  endpoints = [node.a.adapter[0], node.a.adapter[1]]
  weight    = node.a.pid
}
`);
    const plan = await engine.run("plan");
    expect(plan.exitCode).toBe(1);
    expect(plan.stderr).toContain("is not known before its nodes run");
    expect(plan.stderr).toContain("a.lab.hcl:");
  });

  it("are refused as count, with the value and the way out", async () => {
    engine.write('lab "x" {}\nnode "a" {}\nnode "b" {\n  count = node.a.pid\n}\n');
    const plan = await engine.run("plan");
    expect(plan.exitCode).toBe(1);
    expect(plan.stderr).toContain("count is not known at plan");
    expect(plan.stderr).toContain("-target");
  });
});

describe("a failure", () => {
  const lab = `lab "x" {}
node "a" {}
node "b" {
  depends_on = [node.a]
}
node "c" {}
node "d" {}
link "cd" {
  endpoints = [node.c.adapter[0], node.d.adapter[0]]
}
`;

  it("stops its dependents and nobody else, and the next apply goes on from there", async () => {
    engine.world.failNext("start", "node.a");
    const failed = await apply(lab, 1);
    expect(failed.stderr).toContain("node.a refuses to start");
    expect(node("node.b")?.run ?? null).toBeNull();
    expect(node("node.c")?.run).not.toBeNull();
    expect(node("node.d")?.carriers).toEqual([0]);
    await apply(lab);
    expect(node("node.b")?.run).not.toBeNull();
    await unchanged();
  });

  it.each(["prepare", "start", "ready", "wire", "launch"] as const)(
    "of %s leaves a state that the next apply repairs",
    async (operation) => {
      engine.world.failNext(operation);
      await apply(lab, 1);
      await apply(lab);
      await unchanged();
      engine.write(lab);
      expect((await engine.run("destroy", "-auto-approve")).exitCode).toBe(0);
      expect(engine.world.isEmpty()).toBe(true);
    },
  );

  it.each(["stop", "remove", "unwire", "end"] as const)(
    "of %s in a destroy is finished by the next destroy",
    async (operation) => {
      await apply(lab);
      engine.world.failNext(operation);
      expect((await engine.run("destroy", "-auto-approve")).exitCode).toBe(1);
      const again = await engine.run("destroy", "-auto-approve");
      expect(again.exitCode, again.stderr).toBe(0);
      expect(engine.world.isEmpty()).toBe(true);
    },
  );

  it.each(["stop", "prepare", "start", "update", "unwire", "wire", "remove"] as const)(
    "of %s in a change is repaired by the next apply",
    async (operation) => {
      const text = (more: { size: number; colour: string; weight: number; ends: string }) => `lab "x" {}
node "a" {
  size = ${more.size}
}
node "b" {
  colour   = "${more.colour}"
  adapters = 2
}
link "ab" {
  endpoints = [node.a.adapter[0], node.b.adapter[0]]
  weight    = ${more.weight}
}
link "loop" {
  endpoints = [${more.ends}]
}
node "c" {
  adapters = 2
}
`;
      await apply(text({ size: 1, colour: "red", weight: 1, ends: "node.c.adapter[0], node.b.adapter[1]" }));
      engine.world.failNext(operation);
      const changed = text({ size: 2, colour: "blue", weight: 2, ends: "node.c.adapter[1], node.b.adapter[1]" });
      await apply(changed, 1);
      await apply(changed);
      await unchanged();
    },
  );
});

describe("instances", () => {
  const lab = (keys: string) => `lab "x" {}
node "router" {
  for_each = toset([${keys}])
  note     = each.key
}
link "core" {
  endpoints = [node.router["r1"].adapter[0], node.router["r2"].adapter[0]]
}
`;

  it("come and go without touching the others or their links", async () => {
    await apply(lab('"r1", "r2"'));
    const log = engine.world.log.length;
    await apply(lab('"r1", "r2", "r3"'));
    expect(new Set(engine.world.log.slice(log).map((line) => line.split(" ")[0]))).toEqual(
      new Set(['node.router["r3"]']),
    );
    await apply(lab('"r1", "r2"'));
    expect(engine.world.nodes.size).toBe(2);
    await unchanged();
  });

  it("have the same MACs and ids in every run and on every machine, and others in another lab", async () => {
    const read = async () =>
      JSON.parse((await engine.run("show", "-json")).stdout).values.root_module.resources.map(
        (one: { address: string; id: string; values: object }) => [one.address, one.id],
      );
    await apply(lab('"r1", "r2"'));
    const first = await read();
    await engine.run("destroy", "-auto-approve");
    await apply(lab('"r2", "r1"'));
    expect(await read()).toEqual(first);
    await engine.run("destroy", "-auto-approve");
    await apply(lab('"r1", "r2"').replace('lab "x"', 'lab "y"'));
    expect(await read()).not.toEqual(first);
  });
});

describe("a saved plan", () => {
  const lab = (size: number) => `lab "x" {}\nnode "a" {\n  size = ${size}\n}\n`;

  it("is done as it was shown, whatever the files say by then", async () => {
    engine.write(lab(3));
    expect((await engine.run("plan", "-out=p.plan")).exitCode).toBe(0);
    engine.write("this is no lab");
    const result = await engine.run("apply", "p.plan");
    expect(result.exitCode, result.stderr).toBe(0);
    expect(node("node.a")?.size).toBe(3);
  });

  it("tells its warnings again when it is shown and when it is applied", async () => {
    engine.write(lab(3));
    await engine.run("plan", "-out=p.plan");
    const path = join(engine.directory, "p.plan");
    const warning = { severity: "warning", summary: "Memory is short", detail: "The nodes ask for more than is free." };
    writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, "utf8")), diagnostics: [warning] }));
    for (const command of [
      ["show", "p.plan"],
      ["apply", "p.plan"],
    ]) {
      const result = await engine.run(...command);
      expect(result.exitCode, result.stderr).toBe(0);
      expect(result.stderr).toContain("Memory is short");
    }
  });

  it("is refused once the state has moved on", async () => {
    engine.write(lab(1));
    await engine.run("plan", "-out=p.plan");
    await apply(lab(2));
    const result = await engine.run("apply", "p.plan");
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toContain("The plan is stale");
    expect(node("node.a")?.size).toBe(2);
  });

  it("refuses the step whose object is not as the plan found it", async () => {
    await apply(lab(1));
    engine.write(lab(2));
    await engine.run("plan", "-out=p.plan");
    engine.world.crash("node.a");
    const result = await engine.run("apply", "p.plan");
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toContain("no longer as the plan found it");
    await apply(lab(2));
    await unchanged();
  });
});

describe("a restricted plan", () => {
  const lab = `lab "x" {}
node "a" {
  adapters = 2
}
node "b" {}
node "c" {}
link "ab" {
  endpoints = [node.a.adapter[0], node.b.adapter[0]]
}
link "ac" {
  endpoints = [node.a.adapter[1], node.c.adapter[0]]
}
`;
  const addresses = () => [...engine.world.nodes.values()].map((one) => one.address).toSorted();

  it("takes a link's two nodes with the link", async () => {
    engine.write(lab);
    expect((await engine.run("apply", "-auto-approve", "-target=link.ab")).exitCode).toBe(0);
    expect(addresses()).toEqual(["node.a", "node.b"]);
  });

  it("takes no link with a node", async () => {
    engine.write(lab);
    await engine.run("apply", "-auto-approve", "-target=node.a");
    expect(addresses()).toEqual(["node.a"]);
    await apply(lab);
    await unchanged();
  });

  it("of a destroy takes what needs the target along", async () => {
    await apply(lab);
    expect((await engine.run("destroy", "-auto-approve", "-target=node.b")).exitCode).toBe(0);
    expect(addresses()).toEqual(["node.a", "node.c"]);
    expect(
      [...engine.world.hubs.values()].flatMap((hub) => [...hub.links.values()].map((link) => link.address)),
    ).toEqual(["link.ac"]);
  });

  it("names a target that does not exist", async () => {
    engine.write(lab);
    const plan = await engine.run("plan", "-target=node.z");
    expect(plan.exitCode).toBe(1);
    expect(plan.stderr).toContain("-target node.z names nothing");
  });

  it("replaces what -replace names", async () => {
    await apply(lab);
    const before = node("node.b")?.serialNumber;
    expect((await engine.run("apply", "-auto-approve", "-replace=node.b")).exitCode).toBe(0);
    expect(node("node.b")?.serialNumber).not.toBe(before);
    await unchanged();
  });
});

describe("a change that no attribute shows", () => {
  it("of depends_on is recorded, and destroy goes by it", async () => {
    const lab = (more: string) => `lab "x" {}\nnode "a" {\n  ${more}\n}\nnode "b" {}\n`;
    await apply(lab(""));
    await apply(lab("depends_on = [node.b]"));
    await unchanged();
    const log = engine.world.log.length;
    expect((await engine.run("destroy", "-auto-approve")).exitCode).toBe(0);
    const ends = engine.world.log.slice(log).filter((line) => line.endsWith(" stop"));
    expect(ends).toEqual(["node.a stop", "node.b stop"]);
  });

  it("of a sensitive mark hides what was shown before", async () => {
    const lab = (sensitive: boolean) =>
      `lab "x" {}\nvariable "v" {\n  type      = string\n  default   = "swordfish"\n  sensitive = ${sensitive}\n}\nnode "a" {\n  note = var.v\n}\n`;
    await apply(lab(false));
    expect((await engine.run("show")).stdout).toContain("swordfish");
    await apply(lab(true));
    expect((await engine.run("show")).stdout).not.toContain("swordfish");
    expect((await engine.run("show", "-json")).stdout).not.toContain("swordfish");
  });
});

describe("an apply of a part", () => {
  it("leaves what it does not touch as half-made as it was", async () => {
    const lab = 'lab "x" {}\nnode "a" {}\nnode "b" {}\n';
    engine.world.failNext("ready", "node.b");
    await apply(lab, 1);
    expect((await engine.run("apply", "-auto-approve", "-target=node.a")).exitCode).toBe(0);
    const plan = await engine.run("plan", "-detailed-exitcode");
    expect(plan.exitCode).toBe(2);
    expect(plan.stdout).toContain("node.b will be waited for");
  });
});

describe("a state", () => {
  it("copied with its directory is refused, and what it records runs on", async () => {
    await apply('lab "x" {}\nnode "a" {}\n');
    const copy = new Engine();
    try {
      cpSync(engine.directory, copy.directory, { recursive: true });
      for (const command of [["plan"], ["destroy", "-auto-approve"]]) {
        const result = await copy.run(...command);
        expect(result.exitCode).toBe(1);
        expect(result.stderr).toContain("is that of another lab");
        expect(result.stderr).toContain(engine.directory);
      }
    } finally {
      copy.close();
    }
    await unchanged();
  });
});

describe("what cannot be planned", () => {
  it("is a node that awaits a value of the node it shares a link with, told by plan and not only by apply", async () => {
    engine.write(`lab "x" {}
node "a" {}
node "b" {
  note = "pid \${node.a.pid}"
}
link "ab" {
  endpoints = [node.a.adapter[0], node.b.adapter[0]]
}
`);
    const plan = await engine.run("plan");
    expect(plan.exitCode).toBe(1);
    expect(plan.stderr).toContain("wait for each other");
  });

  it("is a for_each whose keys are known only after apply", async () => {
    engine.write('lab "x" {}\nnode "a" {}\nnode "b" {\n  for_each = { (node.a.pid) = "x" }\n}\n');
    const plan = await engine.run("plan");
    expect(plan.exitCode).toBe(1);
    expect(plan.stderr).toContain("for_each is not known at plan");
    expect(plan.stderr.replaceAll(/\s+/g, " ")).toContain(
      "It depends on node.a.pid; that is decided on the host when node.a starts.",
    );
  });

  it("is a saved plan with flags that would change it", async () => {
    engine.write('lab "x" {}\nnode "a" {}\n');
    await engine.run("plan", "-out=p.plan");
    const result = await engine.run("apply", "-target=node.a", "p.plan");
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toContain("-target cannot be used with a saved plan");
    expect(engine.world.isEmpty()).toBe(true);
  });

  it("is a replacement of something that is not there", async () => {
    engine.write('lab "x" {}\nnode "a" {}\n');
    const plan = await engine.run("plan", "-replace=node.z");
    expect(plan.exitCode).toBe(1);
    expect(plan.stderr).toContain("-replace node.z replaces nothing");
  });
});

it("a service that -replace names is started anew and carries its links", async () => {
  await apply(
    'lab "x" {}\nnode "a" {\n  adapters = 2\n}\nlink "l" {\n  endpoints = [node.a.adapter[0], node.a.adapter[1]]\n}\n',
  );
  const before = engine.world.hubs.get("main")?.run.pid;
  const pid = node("node.a")?.run?.pid;
  expect((await engine.run("apply", "-auto-approve", '-replace=service.hub["main"]')).exitCode).toBe(0);
  expect(engine.world.hubs.get("main")?.run.pid).not.toBe(before);
  expect([...(engine.world.hubs.get("main")?.links.values() ?? [])].map((link) => link.address)).toEqual(["link.l"]);
  expect(node("node.a")?.run?.pid).toBe(pid);
  await unchanged();
});
