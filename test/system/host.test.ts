import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { clock } from "../../src/system/clock.ts";
import { createHost, parseCpuInfo, parseMemoryInfo } from "../../src/system/host.ts";
import { random } from "../../src/system/random.ts";

test("the host's facts are the kernel's", async () => {
  const host = createHost();
  expect(host.bootId).toBe(readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim());
  expect(host.pidNamespace).toMatch(/^pid:\[\d+\]$/);
  expect(host.uid).toBe(process.getuid?.());
  expect(host.userName).not.toBe("");
  const cpu = await host.cpu();
  expect(cpu.count).toBe(readFileSync("/proc/cpuinfo", "utf8").match(/^processor/gm)?.length);
  const memory = await host.memory();
  expect(memory.totalBytes).toBeGreaterThan(memory.availableBytes);
  expect(memory.availableBytes).toBeGreaterThan(0);
});

test("flags are read from x86's and arm's cpuinfo", () => {
  const x86 = parseCpuInfo("processor\t: 0\nflags\t\t: fpu vmx\n\nprocessor\t: 1\nflags\t\t: fpu vmx\n", "x86_64");
  expect(x86).toEqual({ architecture: "x86_64", count: 2, flags: new Set(["fpu", "vmx"]) });
  expect(parseCpuInfo("processor\t: 0\nFeatures\t: fp asimd\n", "aarch64").flags).toEqual(new Set(["fp", "asimd"]));
  expect(parseCpuInfo("", "riscv64")).toEqual({ architecture: "riscv64", count: 1, flags: new Set() });
});

test("memory is in bytes", () => {
  const text = "MemTotal:        2048 kB\nMemFree:  1 kB\nMemAvailable:    1024 kB\n";
  expect(parseMemoryInfo(text)).toEqual({ totalBytes: 2_097_152, availableBytes: 1_048_576 });
});

test("a sleep ends after its time, or with the reason of its abort", async () => {
  const start = clock.monotonic();
  await clock.sleep(20);
  expect(clock.monotonic() - start).toBeGreaterThanOrEqual(19);
  const controller = new AbortController();
  const sleeping = clock.sleep(60_000, controller.signal);
  controller.abort(new Error("enough"));
  await expect(sleeping).rejects.toThrow("enough");
  await expect(clock.sleep(1, controller.signal)).rejects.toThrow("enough");
});

test("random values have the length and range asked for", () => {
  expect(random.hex(16)).toMatch(/^[0-9a-f]{32}$/);
  expect(random.uuid()).toMatch(/^[0-9a-f-]{36}$/);
  for (let n = 0; n < 100; n++) expect([0, 1, 2]).toContain(random.integer(3));
});
