import { existsSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bareLab } from "../support/bare.ts";
import { guest } from "../support/guest.ts";
import { TestLab } from "../support/lab.ts";

const { kernel, initrd } = guest();

const waitingFor = (text: string) => `
lab "interrupted" {}
node "a" {
  ram                 = 96
  adapters            = 0
  kernel_image        = "${kernel}"
  initrd              = "${initrd}"
  kernel_command_line = "console=ttyS0 quiet labform.name=a"
  ready {
    console = "${text}"
  }
}
node "later" {
  ram        = 16
  depends_on = [node.a]
}
`;

/** "" while there is none. */
function journal(lab: TestLab): string {
  const path = lab.path(".labform/default/journal.jsonl");
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}

/** Starts an apply and answers once it waits for node.a. */
async function waitingApply(lab: TestLab) {
  const apply = lab.start(["apply", "-auto-approve", "-json"]);
  for (;;) {
    if (journal(lab).includes('"operation":"ready"')) return apply;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Each test begins where the one before ended. */
describe("an apply that waits for what never comes", () => {
  let lab: TestLab;
  beforeAll(() => {
    lab = new TestLab({ "a.lab.hcl": waitingFor("this never appears") });
  });
  afterAll(() => lab.close());

  it("ends soon after Ctrl-C with exit code 1, says so, and records what there is", async () => {
    const apply = await waitingApply(lab);
    const started = Date.now();
    apply.kill("SIGINT");
    const { exitCode, stdout, stderr } = await apply.result;
    expect(Date.now() - started).toBeLessThan(7000);
    expect(exitCode).toBe(1);
    const events = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    const messages = events.map((event) => event["@message"]);
    expect(messages).toContain("Interrupted: nothing new is started");
    expect(messages).toContainEqual(expect.stringContaining("Waiting for node.a was interrupted"));
    expect(messages).toContainEqual(expect.stringContaining("node.later: skipped"));
    expect(stderr).toBe("");
    expect(lab.instance("node.a").status).toBe("unready");
    expect((await lab.run(["status"])).stdout).toMatch(/node\.a\s+unready\s+\d+/);
  });

  it("ends at once at the second Ctrl-C, and the journal covers the rest", async () => {
    const { pid } = lab.instance("node.a").attributes;
    const apply = await waitingApply(lab);
    apply.kill("SIGSTOP");
    // Two of one signal that wait together are one to the kernel.
    apply.kill("SIGINT");
    apply.kill("SIGTERM");
    const started = Date.now();
    apply.kill("SIGCONT");
    const { exitCode } = await apply.result;
    expect(Date.now() - started).toBeLessThan(2000);
    expect(exitCode).toBe(1);
    const plan = await lab.run(["plan", "-detailed-exitcode"]);
    expect(plan.exitCode, plan.stderr).toBe(2);
    expect(plan.stdout).toContain("node.a");
    expect(lab.processes().map((one) => one.pid)).toContain(pid);
  });

  it("goes on with the same machine, and is done once the file waits for what comes", async () => {
    const { pid } = lab.instance("node.a").attributes;
    lab.write("a.lab.hcl", waitingFor("guest a ready"));
    const apply = await lab.run(["apply", "-auto-approve"]);
    expect(apply.exitCode, apply.stdout + apply.stderr).toBe(0);
    expect(lab.instance("node.a").attributes.pid).toBe(pid);
    expect(lab.instance("node.a").status).toBe("ok");
    expect(lab.instance("node.later").status).toBe("ok");
    const plan = await lab.run(["plan", "-detailed-exitcode"]);
    expect(plan.exitCode, plan.stdout).toBe(0);
  });
});

describe("an apply that is interrupted and shows text", () => {
  it("says what it stops, where it stands, and what the next one does", async () => {
    const lab = new TestLab({ "a.lab.hcl": waitingFor("this never appears") });
    try {
      const apply = lab.start(["apply", "-auto-approve"]);
      while (lab.processes().length < 2) await new Promise((resolve) => setTimeout(resolve, 20));
      await new Promise((resolve) => setTimeout(resolve, 1500));
      apply.kill("SIGTERM");
      const { exitCode, stdout, stderr } = await apply.result;
      expect(exitCode).toBe(1);
      expect(stdout).toContain("Interrupted: ");
      expect(stdout).toMatch(/Apply incomplete! 1 added, .*1 failed, 1 skipped/);
      expect(stderr).toContain("Waiting for node.a was interrupted");
      expect(stderr).toMatch(/the\s+next\s+apply\s+waits\s+again/);
      expect(JSON.parse(lab.read(".labform/default/state.json")).instances).not.toEqual([]);
    } finally {
      await lab.close();
    }
  });

  it("is an error also where nothing failed, and the next one does what is left", async () => {
    const lab = new TestLab({ "a.lab.hcl": bareLab(["a", "b", "c"]) });
    try {
      const apply = lab.start(["apply", "-auto-approve", "-parallelism=1"]);
      while (!journal(lab).includes('"operation":"prepare"')) await new Promise((resolve) => setTimeout(resolve, 1));
      apply.kill("SIGINT");
      const { exitCode, stdout, stderr } = await apply.result;
      expect(exitCode).toBe(1);
      expect(stdout).toMatch(/node\.[abc]: skipped: interrupted/);
      expect(stdout).toMatch(/Apply incomplete! .* skipped/);
      expect(stderr).toContain("Error: The apply was interrupted");
      expect(stderr).toContain("the next apply does what is left");
      const next = await lab.run(["apply", "-auto-approve"]);
      expect(next.exitCode, next.stderr).toBe(0);
      expect((await lab.run(["plan", "-detailed-exitcode"])).exitCode).toBe(0);
    } finally {
      await lab.close();
    }
  });
});
