import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { userInfo } from "node:os";
import process from "node:process";
import { afterEach, describe, expect, it } from "vitest";
import { bareLab } from "../support/bare.ts";
import { TestLab } from "../support/lab.ts";

/** `npm run soak` sets more. */
const rounds = Number(process.env.LABFORM_ROUNDS ?? "2");

const labs: TestLab[] = [];
const others: ChildProcess[] = [];
afterEach(async () => {
  for (const other of others.splice(0)) other.kill("SIGKILL");
  for (const lab of labs.splice(0)) await lab.close();
});

function made(text: string): TestLab {
  const lab = new TestLab({ "a.lab.hcl": text });
  labs.push(lab);
  return lab;
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** An apply that stands still while it holds the lock. */
async function heldApply(lab: TestLab) {
  const holder = lab.start(["apply", "-auto-approve"]);
  const name = lab.path(".labform/default/lock.json");
  while (!existsSync(name) || statSync(name).size === 0) await pause(1);
  holder.kill("SIGSTOP");
  // Signals come a moment after they are sent.
  await pause(50);
  expect(existsSync(name)).toBe(true);
  return holder;
}

describe("two applies of one lab at once", () => {
  const text = bareLab(["a", "b"], { links: { ab: ["a", "b"] } });

  it("are refused the second at once, by the name of the first", async () => {
    const lab = made(text);
    const holder = await heldApply(lab);
    const refused = await lab.run(["apply", "-auto-approve"]);
    expect(refused.exitCode).toBe(1);
    const { username } = userInfo();
    expect(refused.stderr).toMatch(
      new RegExp(`locked by labform apply \\(pid ${holder.pid}\\) of ${username} on \\S+`),
    );
    expect(refused.stderr).toContain("-lock-timeout=60s");
    const read = await lab.run(["plan"]);
    expect(read.exitCode, read.stderr).toBe(0);
    holder.kill("SIGCONT");
    const first = await holder.result;
    expect(first.exitCode, first.stderr).toBe(0);
  });

  it("follow each other where the second waits, and it finds nothing to do", async () => {
    const lab = made(text);
    const holder = await heldApply(lab);
    const waiter = lab.start(["apply", "-auto-approve", "-lock-timeout=60s"]);
    await pause(1000);
    holder.kill("SIGCONT");
    const [first, second] = await Promise.all([holder.result, waiter.result]);
    expect(first.exitCode, first.stderr).toBe(0);
    expect(second.exitCode, second.stderr).toBe(0);
    expect(second.stdout).toMatch(new RegExp(`[Ww]aiting.*labform apply \\(pid ${holder.pid}\\)`));
    expect(second.stdout).toContain("No changes.");
  });

  it("give up a wait at its end, and at Ctrl-C", async () => {
    const lab = made(text);
    const holder = await heldApply(lab);
    const late = await lab.run(["destroy", "-auto-approve", "-lock-timeout=300ms"]);
    expect(late.exitCode).toBe(1);
    expect(late.stderr).toMatch(/waited\s+for\s+0\.3\s+s/);
    const waiter = lab.start(["apply", "-auto-approve", "-lock-timeout=60s"]);
    await pause(1000);
    const started = Date.now();
    waiter.kill("SIGINT");
    const stopped = await waiter.result;
    expect(stopped.exitCode).toBe(1);
    expect(Date.now() - started).toBeLessThan(3000);
    expect(stopped.stderr).toContain("Interrupted while waiting for labform apply");
    holder.kill("SIGCONT");
    await holder.result;
  });

  it("do not hinder each other once the holder is killed", async () => {
    const lab = made(text);
    const holder = await heldApply(lab);
    const waiter = lab.start(["apply", "-auto-approve", "-lock-timeout=60s"]);
    await pause(500);
    holder.kill("SIGKILL");
    expect((await holder.result).signal).toBe("SIGKILL");
    const second = await waiter.result;
    expect(second.exitCode, second.stderr).toBe(0);
    const third = await lab.run(["plan", "-detailed-exitcode"]);
    expect(third.exitCode, third.stdout).toBe(0);
  });
});

/** Takes and gives back ports where labform's nodes get theirs, as fast as it can. */
const binder = `
  const { createServer } = require("node:net");
  const held = [];
  const next = () => {
    const port = (Math.random() < 0.5 ? 23000 : 28000) + Math.floor(Math.random() * 12);
    const server = createServer().on("error", () => setTimeout(next, 2));
    server.listen(port, "127.0.0.1", () => {
      held.push(server);
      if (held.length > 4) held.shift().close();
      setTimeout(next, 5);
    });
  };
  next();
`;

describe("two labs applied at once", () => {
  it(
    "share no port, MAC address or process, though a third program takes ports all the time",
    async () => {
      const one = made(bareLab(["a", "b", "c"], { name: "one", links: { ab: ["a", "b"], bc: ["b", "c"] } }));
      const two = made(bareLab(["a", "b", "c"], { name: "two", links: { ab: ["a", "b"], bc: ["b", "c"] } }));
      const environment = { XDG_STATE_HOME: one.stateHome };
      others.push(spawn(process.execPath, ["--eval", binder], { stdio: "ignore" }));
      for (let round = 1; round <= rounds; round++) {
        const both = [one, two].map((lab) => lab.run(["apply", "-auto-approve"], { environment }));
        for (const { exitCode, stdout, stderr } of await Promise.all(both)) {
          expect(exitCode, `round ${round}: ${stdout}${stderr}`).toBe(0);
        }
        const nodes = [one, two].flatMap((lab) =>
          lab.state().instances.filter((each) => each.address.startsWith("node.")),
        );
        expect(nodes).toHaveLength(6);
        const distinct = (what: string, values: readonly unknown[]) =>
          expect(new Set(values).size, what).toBe(values.length);
        distinct(
          "pids",
          nodes.map((node) => node.attributes.pid),
        );
        distinct(
          "ports",
          nodes.flatMap(({ attributes }) => [attributes.console.port, attributes.monitor.port]),
        );
        distinct(
          "MACs",
          nodes.flatMap(({ attributes }) =>
            attributes.adapter.map((adapter: { mac_address: string }) => adapter.mac_address),
          ),
        );
        distinct(
          "directories",
          nodes.map((node) => node.attributes.directory),
        );
        for (const lab of [one, two]) {
          const plan = await lab.run(["plan", "-detailed-exitcode"], { environment });
          expect(plan.exitCode, plan.stdout + plan.stderr).toBe(0);
        }
        const gone = [one, two].map((lab) => lab.run(["destroy", "-auto-approve"], { environment }));
        for (const { exitCode, stdout, stderr } of await Promise.all(gone)) {
          expect(exitCode, `round ${round}: ${stdout}${stderr}`).toBe(0);
        }
        expect(one.processes(), `round ${round}`).toEqual([]);
      }
    },
    30_000 + rounds * 20_000,
  );
});
