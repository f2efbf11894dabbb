import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Engine } from "./engine.ts";

interface Document {
  readonly format_version: string;
  readonly ok: boolean;
  readonly findings: readonly {
    readonly subject: string;
    readonly level: string;
    readonly text: string;
    readonly at: string | null;
  }[];
}

let engine: Engine;
beforeEach(() => {
  engine = new Engine();
});
afterEach(() => engine.close());

async function doctor(...args: readonly string[]): Promise<{ readonly exitCode: number; readonly document: Document }> {
  const { exitCode, stdout, stderr } = await engine.run("doctor", "-json", ...args);
  expect(stderr).toBe("");
  return { exitCode, document: JSON.parse(stdout) as Document };
}

/** What is said of the lab's own files. */
async function ofLab(...args: readonly string[]): Promise<readonly string[]> {
  const { findings } = (await doctor(...args)).document;
  return findings.filter((one) => one.subject === "lab").map(({ level, at, text }) => `${level} ${at} ${text}`);
}

describe("doctor", () => {
  it("examines the host where there is no lab", async () => {
    const { exitCode, document } = await doctor();
    expect(exitCode).toBe(0);
    expect(document).toMatchObject({ format_version: "1.0", ok: true });
    expect(document.findings.map(({ subject }) => subject)).toEqual(
      expect.arrayContaining(["CPUs", "memory", "open files", "registry", "disk space"]),
    );
    const { stdout } = await engine.run("doctor");
    expect(stdout.trimEnd().split("\n").at(-1)).toMatch(/^Labs can run here/);
  });

  it("finds nothing wrong with a lab that can run, applied or not, and changes nothing", async () => {
    engine.write('lab "small" {}\nnode "a" {}\n');
    expect((await engine.run("doctor")).stdout).toContain('Lab "small" can run here');
    expect(await ofLab()).toEqual([]);
    expect((await engine.run("apply", "-auto-approve")).exitCode).toBe(0);
    expect((await doctor()).exitCode).toBe(0);
    expect(await ofLab()).toEqual([]);
    expect((await engine.run("plan", "-detailed-exitcode")).exitCode).toBe(0);
  });

  it("tells every error of the lab files with its place, and exits 1", async () => {
    engine.write('lab "small" {}\nnode "a" {\n  sise = 1\n}\nnode "b" {\n  size = "big"\n}\n');
    expect((await doctor()).exitCode).toBe(1);
    expect(await ofLab()).toEqual([
      expect.stringMatching(/^error a\.lab\.hcl:3:3 .*sise/),
      expect.stringMatching(/^error a\.lab\.hcl:6:10 .*size/),
    ]);
    engine.write('lab "small" {}\nnode "a" {\n  size = "big"\n}\nnode "b" {\n  size = 0\n}\n');
    expect((await doctor()).document.ok).toBe(false);
    expect(await ofLab()).toEqual([
      expect.stringMatching(/^error a\.lab\.hcl:3:10 /),
      expect.stringMatching(/^error a\.lab\.hcl:6:10 /),
    ]);
    expect((await engine.run("doctor")).stdout).toContain('Lab "small" cannot run here: 2 errors.');
  });

  it("tells of files that make no lab", async () => {
    engine.write('node "a" {}\n');
    expect((await doctor()).exitCode).toBe(1);
    expect((await engine.run("doctor")).stdout).toContain("The lab cannot run here: ");
  });

  it("says once what is wrong with many nodes in the same words", async () => {
    engine.write('lab "small" {}\nnode "a" {\n  count    = 5\n  adapters = 300\n}\n');
    expect(await ofLab()).toHaveLength(1);
  });

  it("takes values for variables as plan does", async () => {
    engine.write('lab "small" {}\nvariable "size" {\n  type = number\n}\nnode "a" {\n  size = var.size\n}\n');
    expect((await doctor("-var", "size=2")).exitCode).toBe(0);
    expect((await doctor("-var", "size=0")).exitCode).toBe(1);
  });

  it("examines what does not hang on a variable without a value, and asks for none", async () => {
    const a = 'variable "size" {\n  type = number\n}\nnode "a" {\n  size = var.size\n}\n';
    engine.write(`lab "small" {}\n${a}node "b" {}\n`);
    const { exitCode, document } = await doctor();
    expect(exitCode).toBe(0);
    expect(document.findings).toContainEqual(
      expect.objectContaining({
        subject: "variables",
        level: "note",
        text: "var.size has no value, so what it decides was not examined",
      }),
    );
    engine.write(`lab "small" {}\n${a}node "b" {\n  size = 0\n}\n`);
    expect(await ofLab()).toEqual([expect.stringMatching(/^error a\.lab\.hcl:9:10 /)]);
  });

  it("tells of a state that cannot be read", async () => {
    engine.write('lab "small" {}\nnode "a" {}\n');
    mkdirSync(join(engine.directory, ".labform", "default"), { recursive: true });
    writeFileSync(join(engine.directory, ".labform", "default", "state.json"), "{");
    expect((await doctor()).exitCode).toBe(1);
    expect(await ofLab()).toEqual([expect.stringMatching(/^error null .*state/i)]);
  });

  it("tells of a registry that others can enter", async () => {
    const registry = join(engine.directory, ".state", "labform", "labs");
    mkdirSync(registry, { recursive: true });
    chmodSync(registry, 0o777);
    const { exitCode, document } = await doctor();
    expect(exitCode).toBe(1);
    expect(document.findings).toContainEqual(
      expect.objectContaining({ subject: "registry", level: "error", text: `${registry} cannot be trusted` }),
    );
  });
});
