import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Binaries } from "../../../providers/qemu/binary.ts";
import type { Ports } from "../../../src/core/ports.ts";
import { createPorts } from "../../../src/system/index.ts";
import { failureOf } from "./support.ts";

let directory: string;
let program: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "labform-binary-"));
  program = join(directory, "qemu-system-x86_64");
  write("7.2.1");
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** Says what it is, and notes each time it is asked; `before` is done before it says anything. */
function write(version: string, before = ""): void {
  const text = `#!/bin/sh
echo asked >> ${directory}/asked
${before}
case "$*" in
  *help*) echo 'Network devices:'; echo 'name "e1000", bus PCI, alias "e1000-82540em"';;
  *-qmp*) cat ${directory}/answers;;
  *) echo 'QEMU emulator version ${version}';;
esac
`;
  const cpus = { return: [{ name: "qemu64" }, { name: "max" }] };
  writeFileSync(join(directory, "answers"), lines(READY, TARGET, MACHINES, cpus, { return: {} }));
  writeFileSync(program, text);
  chmodSync(program, 0o755);
}

const READY = { return: {} };
const TARGET = { return: { arch: "x86_64" } };
const MACHINES = { return: [{ name: "pc-i440fx-7.2", alias: "pc", "cpu-max": 255 }] };

function lines(...answers: readonly object[]): string {
  return answers.map((answer) => `${JSON.stringify(answer)}\n`).join("");
}

function aRun(cacheHome = join(directory, "cache")): Binaries {
  const real = createPorts();
  const host: Ports["host"] = { ...real.host, environment: { ...real.host.environment, XDG_CACHE_HOME: cacheHome } };
  return new Binaries({ ...real, host });
}

function timesAsked(): number {
  try {
    return readFileSync(join(directory, "asked"), "utf8").split("\n").length - 1;
  } catch {
    return 0;
  }
}

it("is asked what it is once, and later runs remember", async () => {
  const binary = await aRun().inspect(program);
  expect(binary).toMatchObject({ version: "7.2.1", sandbox: true });
  expect(timesAsked()).toBe(1);
  const later = aRun();
  expect(await later.inspect(program)).toEqual(binary);
  expect([...(await later.devices(binary))]).toEqual(["e1000", "e1000-82540em"]);
  expect(timesAsked()).toBe(3);
  expect(await aRun().offers(binary)).toEqual({
    target: "x86_64",
    machines: { "pc-i440fx-7.2": 255, pc: 255 },
    cpus: ["qemu64", "max"],
    devices: ["e1000", "e1000-82540em"],
    adapters: { e1000: "PCI", "e1000-82540em": "PCI" },
  });
  expect(timesAsked()).toBe(3);
});

it("may tell no CPU models, and then nothing is said of them", async () => {
  const unknown = { error: { class: "CommandNotFound", desc: "The command query-cpu-definitions has not been found" } };
  writeFileSync(join(directory, "answers"), lines(READY, TARGET, MACHINES, unknown, { return: {} }));
  const binary = await aRun().inspect(program);
  expect(await aRun().offers(binary)).toMatchObject({ cpus: null });
});

it("is not believed when it stops in the middle of its answers", async () => {
  writeFileSync(join(directory, "answers"), lines(READY, TARGET, MACHINES));
  const binary = await aRun().inspect(program);
  expect(await failureOf(aRun().offers(binary))).toContain(`${program} does not say which machines it has`);
});

it("is asked again when it is another file", async () => {
  await aRun().inspect(program);
  write("8.0.0");
  expect((await aRun().inspect(program)).version).toBe("8.0.0");
  const { atime } = statSync(program);
  utimesSync(program, atime, new Date(0));
  await aRun().inspect(program);
  expect(timesAsked()).toBe(3);
});

it("is asked again when what was kept is damaged, and when nothing can be kept", async () => {
  const binary = await aRun().inspect(program);
  const [kept] = await createPorts().files.list(join(directory, "cache/labform/qemu"));
  writeFileSync(join(directory, "cache/labform/qemu", kept ?? ""), '{"identity": 1');
  expect(await aRun().inspect(program)).toEqual(binary);
  writeFileSync(join(directory, "file"), "");
  expect(await aRun(join(directory, "file")).inspect(program)).toEqual(binary);
  expect(await aRun(join(directory, "file")).inspect(program)).toEqual(binary);
  expect(timesAsked()).toBe(4);
});

it("is asked for its devices again after it failed, was killed or named none", async () => {
  write("7.2.1", `case "$*" in *help*) . ${directory}/fault;; esac`);
  for (const [at, [fault, ending]] of (
    [
      ["echo 'name \"e1000\"'; exit 3", "exit code 3"],
      ["echo 'name \"e1000\"'; kill -KILL $$", "signal SIGKILL"],
      ["exit 0", "exit code 0"],
    ] as const
  ).entries()) {
    const cache = join(directory, `cache${at}`);
    const binary = await aRun(cache).inspect(program);
    writeFileSync(`${directory}/fault`, fault);
    expect(await failureOf(aRun(cache).devices(binary))).toContain(
      `${program} does not say what it emulates\n${program} -device help ended with ${ending} and said: `,
    );
    writeFileSync(`${directory}/fault`, "");
    expect([...(await aRun(cache).devices(binary))]).toEqual(["e1000", "e1000-82540em"]);
  }
});

it("is not taken for one without a sandbox because it was killed when it was asked", async () => {
  write("7.2.1", 'case "$*" in *sandbox*) kill -KILL $$;; esac');
  expect(await failureOf(aRun().inspect(program))).toContain(
    `${program} does not say which QEMU it is\n${program} --version ended with signal SIGKILL`,
  );
  write("7.2.1", 'case "$*" in *sandbox*) exit 1;; esac');
  expect(await aRun().inspect(program)).toMatchObject({ version: "7.2.1", sandbox: false });
});
