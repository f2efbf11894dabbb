import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { getPriority } from "node:os";
import { afterAll, describe, expect, it } from "vitest";
import { bootableCd } from "../support/bootable.ts";
import { TestLab } from "../support/lab.ts";

describe("a change of a running node", () => {
  const lab = new TestLab();
  afterAll(() => lab.close());

  const apply = async (body: string) => {
    lab.write("live.lab.hcl", `lab "live" {}\nnode "r1" {\n  ram = 16\n  adapters = 0\n${body}}\n`);
    const { exitCode, stdout, stderr } = await lab.run(["apply", "-auto-approve"]);
    expect(exitCode, stdout + stderr).toBe(0);
    return stdout;
  };
  const pid = () => lab.instance("node.r1").attributes.pid as number;
  const inDrive = async () => {
    const { stdout, stderr } = await lab.run(["monitor", "r1", "info block"]);
    expect(stderr).toBe("");
    return stdout;
  };
  const levels = () => [...new Set(readdirSync(`/proc/${pid()}/task`).map((thread) => getPriority(Number(thread))))];
  /** In percent; 0 where nothing holds it down. */
  const share = (): number => {
    const { cgroup, companions } = lab.instance("node.r1").private;
    if (cgroup) {
      expect(readFileSync(`${cgroup.directory}/cgroup.procs`, "utf8").split("\n")).toContain(String(pid()));
      const file = cgroup.version === 2 ? "cpu.max" : "cpu.cfs_quota_us";
      const quota = Number.parseInt(readFileSync(`${cgroup.directory}/${file}`, "utf8"), 10);
      return quota > 0 ? quota / 1000 : 0;
    }
    const limiter = companions?.cpulimit?.process.pid as number | undefined;
    if (limiter === undefined) return 0;
    return Number(/--limit=(\d+)/.exec(readFileSync(`/proc/${limiter}/cmdline`, "utf8"))?.[1]);
  };

  it("is in QEMU and on the host once the apply is done, not only in the record", { timeout: 150_000 }, async () => {
    for (const name of ["a", "b"]) writeFileSync(lab.path(`${name}.iso`), bootableCd(name));
    await apply('  cdrom_image = "a.iso"\n');
    const started = pid();
    expect(await inDrive()).toContain("a.iso");
    expect(share()).toBe(0);

    const told = await apply('  cdrom_image = "b.iso"\n  process_priority = "low"\n  cpu_throttling = 80\n');
    expect(told).toContain("will be updated in place");
    expect(await inDrive()).toMatch(/b\.iso/);
    expect(levels()).toEqual([5]);
    expect(share()).toBe(80);

    await apply('  cpu_throttling = 60\n  process_priority = "very low"\n');
    expect(await inDrive()).not.toContain(".iso");
    expect(levels()).toEqual([19]);
    expect(share()).toBe(60);

    await apply('  process_priority = "very low"\n  power = "suspended"\n');
    expect(share()).toBe(0);
    expect((await lab.run(["monitor", "r1", "info status"])).stdout).toContain("paused");
    expect(pid()).toBe(started);
    expect((await lab.run(["plan"])).stdout).toContain("No changes");
  });
});
