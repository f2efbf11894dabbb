import { afterEach, beforeEach, expect, it } from "vitest";
import { goldenBeside } from "../support/golden.ts";
import { Engine } from "./engine.ts";

const golden = goldenBeside(import.meta.url);

function lab(changes: { a?: string; b?: string; link?: string; extra?: string } = {}): string {
  return `lab "engine" {}

node "a" {
  adapters = 2
  ${changes.a ?? ""}
}

node "b" {
  ${changes.b ?? ""}
}

link "ab" {
  endpoints = [node.a.adapter[0], node.b.adapter[0]]
  ${changes.link ?? ""}
}

output "pids" {
  value = [node.a.pid, node.b.pid]
}
${changes.extra ?? ""}`;
}

let engine: Engine;
beforeEach(async () => {
  engine = new Engine(lab());
});
afterEach(() => engine.close());

async function applied(): Promise<void> {
  const apply = await engine.run("apply", "-auto-approve");
  expect(apply.exitCode, apply.stdout + apply.stderr).toBe(0);
}

/** The plan as shown, and then what it says is done, and a further plan is empty. */
async function planned(name: string): Promise<string> {
  const plan = await engine.run("plan", "-detailed-exitcode");
  expect(plan.exitCode, plan.stderr).toBe(2);
  golden(`${name}.txt`, plan.stdout);
  await applied();
  const again = await engine.run("plan", "-detailed-exitcode");
  expect(again.exitCode, again.stdout).toBe(0);
  return plan.stdout;
}

it("creates what is not there", () => planned("create"));

it("names the argument and line of a live change", async () => {
  await applied();
  engine.write(lab({ a: 'note = "hello"', link: "weight = 3" }));
  await planned("update");
});

it("says that a change restarts the node", async () => {
  await applied();
  engine.write(lab({ a: "size = 2" }));
  await planned("restart");
});

it("says that a change replaces the node, and what forces it", async () => {
  await applied();
  engine.write(lab({ a: 'colour = "red"' }));
  await planned("replace");
});

it("removes what the files no longer have", async () => {
  await applied();
  engine.write('lab "engine" {}\n\nnode "a" {\n  adapters = 2\n}\n');
  await planned("remove");
});

it("starts a node whose process is gone", async () => {
  await applied();
  engine.world.crash("node.b");
  await planned("start");
});

it("starts a node whose process is gone and takes its restart change along", async () => {
  await applied();
  engine.world.crash("node.b");
  engine.write(lab({ b: "size = 2" }));
  await planned("start-changed");
});

it("makes again what vanished, under the same id", async () => {
  await applied();
  engine.world.vanish("node.b");
  await planned("vanished");
});

it("wires a link again that its bridge has lost", async () => {
  await applied();
  engine.world.vanish("link.ab");
  await planned("link-lost");
});

it("launches a dead service again, which carries its links, and touches no node", async () => {
  await applied();
  const before = [...engine.world.nodes.values()].map((node) => node.run?.pid);
  engine.world.crash('service.hub["main"]');
  await planned("service-dead");
  expect([...engine.world.nodes.values()].map((node) => node.run?.pid)).toEqual(before);
});

it("waits again for a node that was not ready, and does not make it anew", async () => {
  engine.write(lab({ a: "ready = false" }));
  const apply = await engine.run("apply", "-auto-approve");
  expect(apply.exitCode).toBe(1);
  const pid = [...engine.world.nodes.values()].find((node) => node.address === "node.a")?.run?.pid;
  const plan = await engine.run("plan");
  golden("unready.txt", plan.stdout);
  engine.write(lab({ a: "ready = true" }));
  await applied();
  expect([...engine.world.nodes.values()].find((node) => node.address === "node.a")?.run?.pid).toBe(pid);
  expect((await engine.run("plan", "-detailed-exitcode")).exitCode).toBe(0);
});

it("destroys everything that is recorded", async () => {
  await applied();
  const plan = await engine.run("plan", "-destroy");
  golden("destroy.txt", plan.stdout);
  expect((await engine.run("destroy", "-auto-approve")).exitCode).toBe(0);
  expect(engine.world.isEmpty()).toBe(true);
});

it("looks at nothing of the host with -refresh=false, and says what only the host decides", async () => {
  await applied();
  engine.world.crash("node.b");
  engine.write(lab({ extra: 'node "c" {}\n' }));
  const plan = await engine.run("plan", "-refresh=false");
  golden("offline.txt", plan.stdout);
});

it("never shows a sensitive value, in a plan, in the state or in events", async () => {
  engine.write(
    lab({ a: 'secret = "swordfish"', extra: 'output "s" {\n  value     = node.a.secret\n  sensitive = true\n}\n' }),
  );
  const texts = [
    await engine.run("plan"),
    await engine.run("plan", "-json"),
    await engine.run("apply", "-auto-approve", "-json"),
    await engine.run("show"),
    await engine.run("show", "-json"),
    await engine.run("output"),
    await engine.run("status", "-json"),
  ];
  for (const { stdout, stderr, exitCode } of texts) {
    expect(exitCode, stderr).toBe(0);
    expect(stdout + stderr).not.toContain("swordfish");
  }
  expect((await engine.run("output", "-raw", "s")).stdout).toBe("swordfish");
});

it("refuses an output of something sensitive that is not declared so", async () => {
  engine.write(lab({ a: 'secret = "swordfish"', extra: 'output "s" {\n  value = node.a.secret\n}\n' }));
  const plan = await engine.run("plan");
  expect(plan.exitCode).toBe(1);
  expect(plan.stderr).toContain("Output refers to sensitive values");
  expect(plan.stderr).not.toContain("swordfish");
});
