import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ModuleEngine } from "./moduleEngine.ts";

const lab = `lab "left" {}

node "a" {
  adapters = 2
}

node "b" {
  adapters = 2
}

node "watcher" {
  note       = "x"
  depends_on = [node.b]
}

link "ab" {
  endpoints = [node.a.adapter[0], node.b.adapter[0]]
}

output "pids" {
  value = [node.a.pid, node.b.pid]
}

output "a" {
  value = node.a.pid
}
`;

const pods = `lab "pods" {}

module "pod" {
  for_each = toset(["x", "y"])
  source   = "./pod"
}

link "between" {
  endpoints = [module.pod["x"].adapter, module.pod["y"].adapter]
}
`;

const pod = `node "r" {}

output "adapter" {
  value = node.r.adapter[0]
}
`;

let engine: ModuleEngine;
beforeEach(() => {
  engine = new ModuleEngine();
  engine.write(lab);
});
afterEach(() => engine.close());

const none = async () => {
  const { exitCode, stdout } = await engine.run("plan", "-detailed-exitcode");
  expect(exitCode, stdout).toBe(0);
};

async function addresses(): Promise<readonly string[]> {
  return (await engine.run("state", "list")).stdout.trimEnd().split("\n");
}

describe("-exclude", () => {
  it("leaves out what is named and what depends on it, with the services that serve nothing else", async () => {
    expect(await engine.planned("-exclude=node.b")).toEqual(["node.a created"]);
    await engine.applied("-exclude=node.b");
    expect(await addresses()).toEqual(["node.a"]);
    expect(JSON.parse((await engine.run("output", "-json")).stdout)).toHaveProperty("a");
    expect((await engine.run("output", "-json")).stdout).not.toContain("pids");
    expect(await engine.planned()).toEqual(["node.b created", "node.watcher created", "link.ab created"]);
    await engine.applied();
    await none();
  });

  it("may be given several times", async () => {
    expect(await engine.planned("-exclude=link.ab", "-exclude", "node.watcher")).toEqual([
      "node.a created",
      "node.b created",
    ]);
  });

  it("leaves a change of what is there for later", async () => {
    await engine.applied();
    engine.write(lab.replace('note       = "x"', 'note       = "y"').replace("adapters = 2", "adapters = 3"));
    expect(await engine.planned("-exclude=node.a")).toEqual(["node.watcher updated"]);
    await engine.applied("-exclude=node.a");
    expect(await engine.planned()).toEqual(["node.a updated"]);
  });

  it("keeps what an excluded link hangs on, which the lab files have no more", async () => {
    await engine.applied();
    engine.write('lab "left" {}\nnode "a" {\n  adapters = 2\n}\n');
    expect(await engine.planned("-exclude=link.ab")).toEqual(["node.watcher destroyed"]);
    await engine.applied("-exclude=link.ab");
    expect(await addresses()).toEqual(["link.ab", "node.a", "node.b", 'service.hub["main"]']);
    await engine.applied();
    expect(await addresses()).toEqual(["node.a"]);
    await none();
  });

  it("leaves a dead service alone where all that it serves is left out", async () => {
    await engine.applied();
    engine.world.crash('service.hub["main"]');
    const { stdout } = await engine.run("plan", "-exclude=link.ab", "-detailed-exitcode");
    expect(stdout).toContain("No changes in the part that was planned");
    expect((await engine.run("plan", "-exclude=node.watcher")).stdout).toContain('service.hub["main"] will be started');
  });

  it("destroys all but what is named and what that needs", async () => {
    await engine.applied();
    const { exitCode, stderr } = await engine.run("destroy", "-auto-approve", "-exclude=link.ab");
    expect(exitCode, stderr).toBe(0);
    expect(await addresses()).toEqual(["link.ab", "node.a", "node.b", 'service.hub["main"]']);
    expect(engine.pidOf("node.a")).toBeDefined();
    expect((await engine.run("plan", "-destroy", "-exclude=node.a")).stdout).toContain("# link.ab will be destroyed");
    await engine.applied();
    await none();
  });

  it("takes modules and their instances, and what a shell left of the quotes", async () => {
    engine.write(pods);
    engine.writeAll({ "pod/pod.lab.hcl": pod });
    expect(await engine.planned("-exclude=module.pod[x]")).toEqual(['module.pod["y"].node.r created']);
    expect(await engine.planned('-exclude=module.pod["x"].node.r')).toEqual(['module.pod["y"].node.r created']);
    expect((await engine.run("plan", "-exclude=module.pod")).stdout).toContain(
      "No changes in the part that was planned",
    );
  });

  it("decides no condition of what is left out", async () => {
    const condition =
      'lifecycle {\n    precondition {\n      condition = lab.name == "never"\n      error_message = "Never b."\n    }\n  }';
    engine.write(lab.replace('node "b" {', `node "b" {\n  ${condition}`));
    expect(await engine.refused("plan")).toContain("Never b.");
    expect(await engine.planned("-exclude=node.b")).toEqual(["node.a created"]);
  });

  it("is refused beside -target", async () => {
    for (const command of ["plan", "apply", "destroy"]) {
      expect(await engine.refused(command, "-target=node.a", "-exclude=node.b")).toContain(
        "-target and -exclude cannot be used together",
      );
    }
  });

  it("is refused with a saved plan", async () => {
    await engine.planned("-out=saved");
    expect(await engine.refused("apply", "-exclude=node.a", "saved")).toContain(
      "-exclude cannot be used with a saved plan",
    );
  });

  it("keeps -replace from what it leaves out", async () => {
    await engine.applied();
    expect(await engine.refused("plan", "-exclude=node.b", "-replace=node.watcher")).toContain(
      "-target or -exclude leaves it out",
    );
  });
});

describe("an address that names nothing", () => {
  it.each([
    ["-target=node.c", "Did you mean node.a?"],
    ["-exclude=node.wacther", "Did you mean node.watcher?"],
    ["-target=lnik.ab", '"lnik.ab" is no address'],
    ["-replace=node.wather", "Did you mean node.watcher?"],
  ])("is told with what was meant: %s", async (flag, words) => {
    expect((await engine.refused("plan", flag)).replaceAll(/\s+/g, " ")).toContain(words);
  });

  it("is told of a module too", async () => {
    engine.write(pods);
    engine.writeAll({ "pod/pod.lab.hcl": pod });
    for (const flag of ["-target", "-exclude"]) {
      const told = (await engine.refused("plan", `${flag}=module.pdo`)).replaceAll(/\s+/g, " ");
      expect(told).toContain(`${flag} module.pdo names nothing`);
      expect(told).toContain("Neither the lab files nor the state have anything in a module of that address.");
      expect(told).toContain("Did you mean module.pod?");
      expect((await engine.refused("plan", `${flag}=module.elsewhere`)).replaceAll(/\s+/g, " ")).toContain(
        'There is module.pod, module.pod["x"], module.pod["y"].',
      );
    }
  });
});
