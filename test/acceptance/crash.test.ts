import { execFileSync } from "node:child_process";
import { resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TestLab } from "../support/lab.ts";

/** Machines without a guest: QEMU's firmware finds nothing to boot, which is enough to be started and stopped. */
const files = {
  "a.lab.hcl": `
lab "crash" {}
provider "ubridge" {
  engine = "builtin"
}
node "a" {
  ram = 16
}
node "b" {
  ram = 16
}
link "ab" {
  endpoints = [node.a.adapter[0], node.b.adapter[0]]
}
`,
};

const killer = resolve(".cache/test/killing.mjs");
const environment = (limit: number) => ({ KILL_AFTER: String(limit), LABFORM_PROGRAMS: resolve("dist") });

describe("labform killed with SIGKILL after a journal record", () => {
  const table: string[] = [];
  beforeAll(() => {
    execFileSync(process.execPath, ["scripts/bundle.mjs", "test/support/killing.ts", killer], { stdio: "inherit" });
  });
  afterAll(() => process.stdout.write(`${table.join("\n")}\n`));

  const running = (lab: TestLab) =>
    lab
      .processes()
      .map((one) => (one.command.includes("qemu") ? "qemu" : one.command.includes("keeper") ? "keeper" : "bridge"))
      .toSorted()
      .join(" ");
  const killedAt = (stderr: string) => /killed after: (.*)/.exec(stderr)?.[1];

  /** What the state records as running, by pid; nothing else of the lab may run. */
  const known = (lab: TestLab) =>
    new Set(lab.state().instances.flatMap((one) => (one.private.process ? [one.private.process.pid] : [])));

  it("of apply: the next apply converges", async () => {
    for (let limit = 1; ; limit++) {
      const lab = new TestLab(files);
      try {
        const killed = await lab.run(["apply", "-auto-approve"], { program: killer, environment: environment(limit) });
        const record = killedAt(killed.stderr);
        if (record === undefined) {
          expect(killed.exitCode, killed.stderr).toBe(0);
          break;
        }
        expect(killed.signal).toBe("SIGKILL");
        const ran = running(lab);
        const plan = await lab.run(["plan"]);
        expect(plan.exitCode, `${record}\n${plan.stderr}`).toBe(0);
        const next = await lab.run(["apply", "-auto-approve"]);
        expect(next.exitCode, `${record}\n${next.stdout}${next.stderr}`).toBe(0);
        const summary = /^Plan: .*$/m.exec(next.stdout)?.[0] ?? "No changes.";
        table.push(`apply   | ${record.padEnd(48)} | ${ran.padEnd(24)} | ${summary}`);
        const again = await lab.run(["plan", "-detailed-exitcode"]);
        expect(again.exitCode, `${record}\n${again.stdout}`).toBe(0);
        expect(
          lab
            .processes()
            .map((one) => one.pid)
            .toSorted((a, b) => a - b),
          record,
        ).toEqual([...known(lab)].toSorted((a, b) => a - b));
      } finally {
        await lab.close();
      }
    }
  }, 600_000);

  it("of destroy: the next destroy leaves nothing", async () => {
    for (let limit = 1; ; limit++) {
      const lab = new TestLab(files);
      try {
        const applied = await lab.run(["apply", "-auto-approve"]);
        expect(applied.exitCode, applied.stderr).toBe(0);
        const killed = await lab.run(["destroy", "-auto-approve"], {
          program: killer,
          environment: environment(limit),
        });
        const record = killedAt(killed.stderr);
        if (record === undefined) {
          expect(killed.exitCode, killed.stderr).toBe(0);
          break;
        }
        const ran = running(lab);
        const next = await lab.run(["destroy", "-auto-approve"]);
        expect(next.exitCode, `${record}\n${next.stdout}${next.stderr}`).toBe(0);
        const summary = /^Plan: .*$/m.exec(next.stdout)?.[0] ?? "No changes.";
        table.push(`destroy | ${record.padEnd(48)} | ${ran.padEnd(24)} | ${summary}`);
        expect(lab.processes(), record).toEqual([]);
        expect(lab.state().instances).toEqual([]);
      } finally {
        await lab.close();
      }
    }
  }, 600_000);
});
