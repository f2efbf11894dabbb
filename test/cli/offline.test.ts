import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import process from "node:process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const examples = resolve("examples");
const names = readdirSync(examples, { withFileTypes: true }).flatMap((one) => (one.isDirectory() ? [one.name] : []));

/** What is there by a build and by runs, and is not in the repository. */
const made = /^(\.labform|.*\.(qcow2|raw|img|pcap))$/;

let place: string;
beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), "labform-offline-"));
  cpSync(examples, place, { recursive: true, filter: (path) => !made.test(basename(path)) });
});
afterAll(() => rmSync(place, { recursive: true, force: true }));

/** The real command line on a machine that has nothing: no program on PATH, no home, no image where the lab looks for it. */
function labform(example: string, ...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [resolve("dist/labform.js"), ...args], {
    cwd: join(place, example),
    env: { PATH: "", HOME: join(place, "no-home") },
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

describe("plan -refresh=false where there is no QEMU, no image and no bridge", () => {
  it("is tried with every example", () => {
    expect(names.length).toBeGreaterThanOrEqual(5);
  });

  it.each(names)("shows what examples/%s would become, and what only the host decides as that", (name) => {
    const { status, stdout, stderr } = labform(name, "plan", "-refresh=false", "-detailed-exitcode");
    expect(stderr).toBe("");
    expect(status).toBe(2);
    expect(stdout).toContain("(decided on the host)");
    expect(stdout).toMatch(/\nPlan: [1-9]\d* to add, 0 to change, 0 to destroy\.\n/);
    expect(existsSync(join(place, name, ".labform"))).toBe(false);
  });

  it.each(names)("tells of examples/%s in JSON as much as in text", (name) => {
    const { status, stdout, stderr } = labform(name, "plan", "-refresh=false", "-json");
    expect([status, stderr]).toEqual([0, ""]);
    const events = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { readonly type: string; readonly changes?: { readonly add: number } });
    const add = events.find(({ type }) => type === "change_summary")?.changes?.add;
    expect(add).toBe(events.filter(({ type }) => type === "planned_change").length);
    expect(labform(name, "plan", "-refresh=false").stdout).toContain(`Plan: ${add} to add,`);
  });

  it("saves a plan there, which show shows", () => {
    const saved = labform("01-two-nodes", "plan", "-refresh=false", "-out=ci.plan");
    expect([saved.status, saved.stderr]).toEqual([0, ""]);
    const shown = labform("01-two-nodes", "show", "ci.plan");
    expect([shown.status, shown.stderr]).toEqual([0, ""]);
    expect(saved.stdout).toContain(shown.stdout);
    expect(JSON.parse(labform("01-two-nodes", "show", "-json", "ci.plan").stdout)).toHaveProperty("resource_changes");
  });

  it("validates it there too", () => {
    for (const name of names) expect(labform(name, "validate").status).toBe(0);
  });

  it("is the flag's doing: without it the host's lack is told", () => {
    const { status, stderr } = labform("01-two-nodes", "plan");
    expect(status).toBe(1);
    expect(stderr).toMatch(/qemu-system-x86_64|does not exist/);
  });
});
