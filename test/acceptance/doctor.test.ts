import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Finding } from "../../src/core/doctor.ts";
import { bareLab } from "../support/bare.ts";
import type { RunOptions } from "../support/lab.ts";
import { TestLab } from "../support/lab.ts";

let lab: TestLab;
beforeEach(() => {
  lab = new TestLab();
  mkdirSync(lab.path("tmp"));
});
afterEach(() => lab.close());

async function doctor(
  options: RunOptions = {},
): Promise<{ readonly exitCode: number | null; readonly findings: readonly Finding[] }> {
  const environment = { TMPDIR: lab.path("tmp"), ...options.environment };
  const result = await lab.run(["doctor", "-json"], { ...options, environment });
  expect(result.stderr).toBe("");
  const { findings } = JSON.parse(result.stdout) as { readonly findings: readonly Finding[] };
  expect(spawnSync("ls", [lab.path("tmp")], { encoding: "utf8" }).stdout).toBe("");
  return { exitCode: result.exitCode, findings };
}

function about(findings: readonly Finding[], subject: string): Finding | undefined {
  return findings.find((one) => one.subject === subject);
}

describe("doctor on this host", () => {
  it("sees a guest executed, and what KVM really does", async () => {
    const { exitCode, findings } = await doctor();
    expect(exitCode).toBe(0);
    expect(about(findings, "TCG")).toMatchObject({ level: "ok" });
    expect(about(findings, "TCG")?.text).toMatch(/^a guest instruction was executed/);
    expect(about(findings, "QEMU")?.text).toMatch(/^version \d+\.\d+\.\d+ in .*x86_64/);
    const kvm = about(findings, "KVM");
    if (!existsSync("/dev/kvm")) expect(kvm?.text).toMatch(/^not to be had; nodes use tcg: /);
    else if (!/\b(vmx|svm)\b/.test(readFileSync("/proc/cpuinfo", "utf8"))) expect(kvm?.text).toMatch(/nodes use tcg/);
  });

  it("finds that a lab which runs can run, and leaves it as it is", async () => {
    lab.write("a.lab.hcl", bareLab(["a", "b"], { links: { ab: ["a", "b"] } }));
    expect((await lab.run(["apply", "-auto-approve"])).exitCode).toBe(0);
    const { exitCode, findings } = await doctor();
    expect(exitCode, JSON.stringify(findings)).toBe(0);
    expect(about(findings, "nodes")?.text).toMatch(/^2 in the lab: 32 MiB of memory, 2 CPUs, 4 adapters/);
    expect(about(findings, "links")?.text).toMatch(/^1 in the lab, carried by labform's own bridge/);
    expect(about(findings, "console_ports")?.level).toBe("ok");
    expect((await lab.run(["plan", "-detailed-exitcode"])).exitCode).toBe(0);
  });

  it("tells a missing image and binary by their place, and exits 1", async () => {
    lab.write(
      "a.lab.hcl",
      `${bareLab(["a"])}node "b" {\n  kernel_image = "no-image"\n  qemu_binary  = "/no/qemu-system-x86_64"\n}\n`,
    );
    const { exitCode, findings } = await doctor();
    expect(exitCode).toBe(1);
    const told = findings.filter((one) => one.level === "error").map((one) => `${one.at} ${one.text}`);
    expect(told).toEqual([
      expect.stringMatching(/^a\.lab\.hcl:\d+:1 node\.b: QEMU binary .* does not exist/),
      expect.stringMatching(/^a\.lab\.hcl:\d+:1 node\.b: Kernel image .*no-image does not exist/),
    ]);
  });
});

describe("doctor where QEMU hangs", () => {
  it("ends it at once when interrupted", async () => {
    mkdirSync(lab.path("bin"));
    const pidFile = lab.path("pid");
    const script = `#!/bin/sh\ncase "$*" in *--version*) echo "QEMU emulator version 9.0.0";; *) echo $$ >${pidFile}; exec sleep 60;; esac\n`;
    writeFileSync(lab.path("bin/qemu-system-x86_64"), script);
    chmodSync(lab.path("bin/qemu-system-x86_64"), 0o755);
    const PATH = `${lab.path("bin")}:${process.env.PATH}`;
    const { kill, result } = lab.start(["doctor"], { environment: { PATH, TMPDIR: lab.path("tmp") } });
    await expect
      .poll(() => existsSync(pidFile) && readFileSync(pidFile, "utf8"), { timeout: 10_000 })
      .toMatch(/^\d+\n$/);
    const interrupted = performance.now();
    kill("SIGINT");
    expect(await result).toMatchObject({ exitCode: 1, stdout: "", stderr: expect.stringContaining("Interrupted") });
    expect(performance.now() - interrupted).toBeLessThan(2500);
    expect(isSleeping(Number(readFileSync(pidFile, "utf8")))).toBe(false);
    expect(spawnSync("ls", [lab.path("tmp")], { encoding: "utf8" }).stdout).toBe("");
  });
});

/** What was killed may stay a zombie, which has no command line any more. */
function isSleeping(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").startsWith("sleep");
  } catch {
    return false;
  }
}
