import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { bareLab } from "../support/bare.ts";
import { TestLab } from "../support/lab.ts";

let lab: TestLab;
afterEach(() => lab.close());

function committed(): TestLab {
  const made = new TestLab({ "a.lab.hcl": bareLab(["a", "b"], { links: { ab: ["a", "b"] } }) });
  git(made, "init", "--quiet");
  git(made, "add", "--all");
  git(made, "-c", "user.name=test", "-c", "user.email=test@example.org", "commit", "--quiet", "--message=lab");
  return made;
}

function git(made: TestLab, ...args: readonly string[]): string {
  return execFileSync("git", args, { cwd: made.directory, encoding: "utf8" });
}

const registered = () => readdirSync(join(lab.stateHome, "labform/labs"));

describe("a checkout cleaned with `git clean -ffdx` while its lab runs", () => {
  it("is told of by plan and status, refused by apply, and destroyed", async () => {
    lab = committed();
    const applied = await lab.run(["apply", "-auto-approve"]);
    expect(applied.exitCode, applied.stderr).toBe(0);
    expect(git(lab, "status", "--porcelain")).toBe("");
    const pids = ["node.a", "node.b"].map((address) => lab.instance(address).attributes.pid);
    git(lab, "clean", "-ffdx", "--quiet");
    expect(existsSync(lab.path(".labform"))).toBe(false);

    for (const command of ["plan", "status"]) {
      const told = await lab.run([command]);
      expect(told.exitCode).toBe(0);
      expect(told.stderr).toContain('Warning: Lab "bare" of this directory still runs, but its state is gone');
      for (const pid of pids) expect(told.stderr).toMatch(new RegExp(`^ +node\\.[ab] \\(pid ${pid}\\)$`, "m"));
      expect(told.stderr).toContain("labform destroy");
    }
    expect(existsSync(lab.path(".labform"))).toBe(false);

    const refused = await lab.run(["apply", "-auto-approve"]);
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toContain('Error: Lab "bare" of this directory still runs');
    expect(lab.processes()).toHaveLength(4);

    const unasked = await lab.run(["destroy"]);
    expect(unasked.exitCode).toBe(1);
    expect(unasked.stderr).toContain("destroy must be approved");
    expect(lab.processes()).toHaveLength(4);

    const destroyed = await lab.run(["destroy", "-auto-approve"]);
    expect(destroyed.exitCode, destroyed.stderr).toBe(0);
    for (const pid of pids) expect(destroyed.stdout).toMatch(new RegExp(`^ {2}- node\\.[ab] \\(pid ${pid}\\)$`, "m"));
    expect(lab.processes()).toEqual([]);
    expect(registered()).toEqual([]);

    const again = await lab.run(["destroy", "-auto-approve"]);
    expect(again.exitCode, again.stderr).toBe(0);
    expect(again.stdout).toContain("nothing to destroy");

    const anew = await lab.run(["apply", "-auto-approve"]);
    expect(anew.exitCode, anew.stderr).toBe(0);
  }, 120_000);

  it("keeps its state where LABFORM_DATA_DIR puts it outside", async () => {
    lab = committed();
    const data = mkdtempSync(join(tmpdir(), "labform-data-"));
    const environment = { LABFORM_DATA_DIR: data };
    try {
      const applied = await lab.run(["apply", "-auto-approve"], { environment });
      expect(applied.exitCode, applied.stderr).toBe(0);
      expect(existsSync(join(data, "default/state.json"))).toBe(true);
      git(lab, "clean", "-ffdx", "--quiet");
      const plan = await lab.run(["plan", "-detailed-exitcode"], { environment });
      expect(plan.exitCode, plan.stdout + plan.stderr).toBe(0);
      expect(plan.stderr).toBe("");
      const destroyed = await lab.run(["destroy", "-auto-approve"], { environment });
      expect(destroyed.exitCode, destroyed.stderr).toBe(0);
      expect(lab.processes()).toEqual([]);
      expect(registered()).toEqual([]);
    } finally {
      rmSync(data, { recursive: true, force: true });
    }
  });

  it("is found all the same when LABFORM_DATA_DIR stood inside and was cleaned away, set or not", async () => {
    lab = committed();
    const environment = { LABFORM_DATA_DIR: "build/labform" };
    const applied = await lab.run(["apply", "-auto-approve"], { environment });
    expect(applied.exitCode, applied.stderr).toBe(0);
    expect(existsSync(lab.path("build/labform/default/state.json"))).toBe(true);
    git(lab, "clean", "-ffdx", "--quiet");
    for (const options of [{ environment }, {}]) {
      const plan = await lab.run(["plan"], options);
      expect(plan.exitCode).toBe(0);
      expect(plan.stderr).toContain("still runs, but its state is gone");
    }
    const destroyed = await lab.run(["destroy", "-auto-approve", "-json"]);
    expect(destroyed.exitCode, destroyed.stdout).toBe(0);
    const messages = destroyed.stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line)["@message"]);
    expect(messages).toContainEqual(expect.stringContaining("still runs, but its state is gone"));
    expect(lab.processes()).toEqual([]);
    expect(registered()).toEqual([]);
    const again = await lab.run(["destroy", "-auto-approve"], { environment });
    expect(again.exitCode, again.stderr).toBe(0);
  });
});
