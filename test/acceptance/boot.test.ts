import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { bareLab } from "../support/bare.ts";
import { canUnshare } from "../support/host.ts";
import { TestLab } from "../support/lab.ts";

describe("a lab whose state was written", () => {
  let lab: TestLab;
  let state: string;
  let running: readonly number[];
  const pids = () => lab.processes().map((one) => one.pid);
  beforeAll(async () => {
    lab = new TestLab({ "a.lab.hcl": bareLab(["a", "b"], { links: { ab: ["a", "b"] } }) });
    const applied = await lab.run(["apply", "-auto-approve"]);
    expect(applied.exitCode, applied.stderr).toBe(0);
    state = lab.read(".labform/default/state.json");
    running = pids();
    expect(running).toHaveLength(4);
  });
  afterEach(() => {
    expect(pids()).toEqual(running);
    lab.write(".labform/default/state.json", state);
  });
  afterAll(() => lab.close());

  /** Every recorded process with another value of one of its fields. */
  function record(field: "bootId" | "pidNamespace", value: string): void {
    const document = JSON.parse(state);
    let changed = 0;
    for (const instance of document.instances) {
      if (!instance.private.process) continue;
      instance.private.process[field] = value;
      changed++;
    }
    expect(changed).toBe(4);
    writeFileSync(lab.path(".labform/default/state.json"), JSON.stringify(document, undefined, 2));
  }

  it("before the host was rebooted is planned to be started again, with that reason", async () => {
    record("bootId", "00000000-0000-4000-8000-000000000000");
    const plan = await lab.run(["plan", "-detailed-exitcode"]);
    expect(plan.exitCode, plan.stderr).toBe(2);
    const services = ['service.bridge["builtin"]', "service.keeper"];
    const told = /# the host was rebooted\n((?: {4}.*\n)+)/.exec(plan.stdout)?.[1] ?? "";
    expect(
      told
        .split(/[\s,]+/)
        .filter(Boolean)
        .toSorted(),
    ).toEqual(["node.a", "node.b", ...services]);
    for (const address of ["node.a", "node.b", ...services]) {
      expect(plan.stdout).toContain(`${address} will be started`);
    }
    expect((await lab.run(["status"])).stdout).toMatch(/node\.a\s+down.*the host was rebooted/);
  });

  const cannot = (stderr: string) => {
    expect(stderr).toContain("QEMU of node.a was started in another container of this host");
    expect(stderr).toMatch(/Run\s+labform\s+where\s+it\s+was\s+started\./);
    expect(stderr).not.toContain("fault");
  };

  it("in another pid namespace is neither planned, nor applied, nor destroyed from here", async () => {
    record("pidNamespace", "pid:[1]");
    for (const command of [["plan"], ["apply", "-auto-approve"], ["status"], ["destroy", "-auto-approve"]]) {
      const result = await lab.run(command);
      expect(result.exitCode, command.join(" ")).toBe(1);
      cannot(result.stderr);
    }
  });

  it.skipIf(!canUnshare())("here is left alone by a labform in a container", async () => {
    const run = promisify(execFile);
    const inside = ["--pid", "--fork", "--mount-proc", process.execPath, resolve("dist/labform.js")];
    const options = { cwd: lab.directory, env: lab.environment() };
    const result = await run("unshare", [...inside, "destroy", "-auto-approve"], options).then(
      () => ({ code: 0, stderr: "" }),
      (error: { readonly code: number; readonly stderr: string }) => error,
    );
    expect(result.code, result.stderr).toBe(1);
    expect(result.stderr).toContain("The lab runs in another pid namespace of this host (pid:[");
    expect(JSON.parse(readFileSync(lab.path(".labform/default/state.json"), "utf8")).instances).toHaveLength(5);
  });
});
