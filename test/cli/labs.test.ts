import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findLab } from "../../src/cli/hostLabs.ts";
import { Failure } from "../../src/core/diagnostics.ts";
import type { HostLab } from "../../src/core/workspaces.ts";
import { createPorts } from "../../src/system/index.ts";
import { StateEngine } from "../engine/stateEngine.ts";

let engine: StateEngine;
const children: ChildProcess[] = [];
beforeEach(() => {
  engine = new StateEngine();
  engine.write('lab "s" {}\nnode "a" {}\nnode "b" {}\n');
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  engine.close();
});

const registry = () => join(engine.directory, ".state", "labform", "labs");

interface Entry {
  readonly name: string;
  readonly workspace: string;
  readonly directory: string;
  readonly lineage: string;
}

function register(entry: Entry): void {
  const path = join(registry(), entry.lineage);
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, "lab.json"), JSON.stringify(entry));
}

/** A process that the entry knows, as of that address. */
async function run(lineage: string, address: string): Promise<ChildProcess> {
  const token = `${lineage}-${address}`;
  const child = spawn("sleep", ["600"], { env: { ...process.env, LABFORM_TOKEN: token }, stdio: "ignore" });
  children.push(child);
  const { processes, clock } = createPorts();
  while (!processes.findByTokens(new Set([token])).has(token)) await clock.sleep(5);
  writeFileSync(join(registry(), lineage, "processes.jsonl"), `${JSON.stringify({ address, token })}\n`, { flag: "a" });
  return child;
}

/** As lineages that this lab's apply has made. */
const lineages = () => readdirSync(registry());

describe("labs", () => {
  it("says that there are none", async () => {
    expect(await engine.succeed("labs")).toBe("No lab of yours runs on this host.\n");
    expect(await engine.document("labs", "-json")).toEqual({ format_version: "1.0", labs: [] });
  });

  it("lists them by name and workspace, with what runs of them, since when and where", async () => {
    await engine.apply();
    const [lineage = ""] = lineages();
    await run(lineage, "node.a");
    await run(lineage, "service.hub");
    register({ name: "gone", workspace: "default", directory: "/nowhere/gone", lineage: "1111" });
    register({ name: "gone", workspace: "blue", directory: join(homedir(), "nowhere"), lineage: "2222" });
    await run("2222", 'module.pod["a"].node.r["x"]');
    register({ name: "lost", workspace: "default", directory: engine.directory, lineage: "3333" });
    const lines = (await engine.succeed("labs")).trimEnd().split("\n");
    expect(lines.map((line) => line.split(/ {2,}/))).toEqual([
      ["LAB", "WORKSPACE", "NODES", "MEMORY", "UP", "DIRECTORY"],
      ["gone", "blue", "1", expect.stringMatching(/^\d+ MiB$/), expect.stringMatching(/^\d+s$/), "gone: ~/nowhere"],
      ["gone", "default", "nothing runs", "-", "-", "gone: /nowhere/gone"],
      ["lost", "default", "nothing runs", "-", "-", `no state: ${engine.directory}`],
      ["s", "default", "1/2", expect.stringMatching(/^\d+ MiB$/), expect.stringMatching(/^\d+s$/), engine.directory],
    ]);
    const columns = lines.map((line) => line.indexOf(line.split(/ {2,}/).at(-1) as string));
    expect(new Set(columns).size).toBe(1);
  });

  it("tells programs more: processes, memory in bytes, the start as a time", async () => {
    await engine.apply();
    const [lineage = ""] = lineages();
    const before = Date.now();
    const { pid } = await run(lineage, "node.a");
    const { labs } = (await engine.document("labs", "-json")) as { readonly labs: readonly [Record<string, unknown>] };
    expect(labs).toEqual([
      {
        name: "s",
        workspace: "default",
        directory: engine.directory,
        directory_exists: true,
        lineage,
        nodes_running: 1,
        nodes_recorded: 2,
        memory_bytes: expect.any(Number),
        running_since: expect.any(String),
        processes: [{ address: "node.a", pid, memory_bytes: expect.any(Number) }],
      },
    ]);
    expect(labs[0]["memory_bytes"]).toBeGreaterThan(100_000);
    expect(Math.abs(Date.parse(labs[0]["running_since"] as string) - before)).toBeLessThan(5000);
  });

  it("leaves alone what another host with the same home directory runs", async () => {
    await engine.apply();
    const [lineage = ""] = lineages();
    const { facts } = engine;
    engine.facts = { hostName: "far", machineId: "f".repeat(32), bootId: "another boot" };
    expect(await engine.succeed("labs")).toBe("No lab of yours runs on this host.\n");
    expect(await engine.refused("destroy", "-lab", "s", "-auto-approve")).toContain('There is no lab "s" of yours');
    expect(lineages()).toEqual([lineage]);
    engine.facts = facts;
    expect(await engine.succeed("labs")).toContain(engine.directory);
  });

  it("needs no lab where it is called, and minds no selection that is broken", async () => {
    mkdirSync(join(engine.directory, ".labform"));
    writeFileSync(join(engine.directory, ".labform", "environment"), "a/b");
    await engine.succeed("labs");
  });
});

describe("a workspace of which something runs", () => {
  it("is not deleted, not even with -force, and is listed where its directory is gone", async () => {
    await engine.succeed("workspace", "new", "blue");
    await engine.apply();
    const [lineage = ""] = lineages();
    const child = await run(lineage, "node.a");
    await engine.succeed("workspace", "select", "default");
    const refused = await engine.refused("workspace", "delete", "-force", "blue");
    expect(refused).toContain('Workspace "blue" still runs');
    expect(refused).toContain(`node.a (pid ${child.pid})`);
    expect(refused).toContain("labform -workspace=blue destroy");
    rmSync(join(engine.directory, ".labform"), { recursive: true });
    expect(await engine.succeed("workspace", "list")).toBe("* default\n  blue\n");
    const plan = await engine.run("-workspace=blue", "plan");
    expect(plan.stderr).toContain("still runs, but its state is gone");
    expect(plan.stderr).not.toContain("does not exist yet");
    await engine.succeed("-workspace=blue", "destroy", "-auto-approve");
    expect(await engine.succeed("workspace", "list")).toBe("* default\n  blue\n");
    expect(lineages()).toEqual([]);
    await engine.succeed("workspace", "delete", "blue");
  });
});

describe("destroy -lab", () => {
  it("destroys by the state of the directory and workspace, wherever it is called", async () => {
    await engine.succeed("-workspace=blue", "apply", "-auto-approve");
    const other = new StateEngine();
    try {
      other.variables = { XDG_STATE_HOME: join(engine.directory, ".state") };
      const there = await other.run("destroy", "-lab=s", "-auto-approve", "-target=node.b");
      // The things of the memory are another world's there: what is recorded is gone from it, and only forgotten.
      expect(there.exitCode, there.stderr).toBe(0);
      expect(there.stdout).toContain(`Lab s/blue in ${engine.directory}\n`);
      expect(await engine.succeed("-workspace=blue", "state", "list")).toBe("node.a\n");
      await other.succeed("destroy", "-lab=s/blue", "-auto-approve");
      expect(lineages()).toEqual([]);
      expect(await other.refused("destroy", "-lab=s")).toContain('There is no lab "s" of yours on this host');
      expect(await other.refused("destroy", "-lab=s")).toContain("from its first apply to its destroy");
    } finally {
      other.close();
    }
  });

  it("ends by the registry what a lost state left, and touches no other state of the directory", async () => {
    await engine.apply();
    register({ name: "s", workspace: "default", directory: engine.directory, lineage: "old-lineage" });
    const child = await run("old-lineage", "node.a");
    const ended = new Promise((resolve) => child.once("exit", resolve));
    const refused = await engine.refused("destroy", "-lab=old-", "-exclude=node.a", "-auto-approve");
    expect(refused).toContain("so no part of it can be chosen");
    expect(await engine.refused("destroy", "-lab=old-")).toContain("must be approved");
    const told = await engine.succeed("destroy", "-lab=old-", "-auto-approve");
    expect(told).toContain(
      `Its state is gone. labform will end what still runs of it:\n\n  - node.a (pid ${child.pid})`,
    );
    expect(told).toContain("Nothing of lab s/default is left on this host.");
    await ended;
    expect(lineages()).toHaveLength(1);
    await engine.unchanged();
  });

  it("forgets one of which nothing runs and nothing is left, without asking", async () => {
    register({ name: "gone", workspace: "default", directory: "/nowhere/gone", lineage: "1111" });
    expect(await engine.succeed("destroy", "-lab", "gone")).toContain("nothing of it runs: labform forgets it.");
    expect(lineages()).toEqual([]);
  });
});

describe("what names a lab", () => {
  const made = (name: string, workspace: string, directory: string, lineage: string): HostLab => ({
    ...{ name, workspace, directory, lineage, registry: `/registry/${lineage}`, data: `${directory}/.labform` },
    ...{ isThere: directory !== "/gone", nodes: 1, running: [] },
  });
  const labs = [
    made("pair", "default", "/a", "aaaa1111"),
    made("pair", "blue", "/a", "aaaa2222"),
    made("ring", "default", "/b", "bbbb1111"),
    made("ring", "default", "/gone", "cccc1111"),
    made("star", "default", "/c", "dddd1111"),
  ];
  const find = (word: string, workspace?: string) => findLab(labs, { word, path: word, workspace }).lineage;
  const refused = (word: string, workspace?: string): string => {
    try {
      return find(word, workspace);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      return error.diagnostics.map(({ summary, detail }) => `${summary}\n${detail}`).join("\n");
    }
  };

  it.each([
    ["star", undefined, "dddd1111"],
    ["pair/blue", undefined, "aaaa2222"],
    ["pair", "blue", "aaaa2222"],
    ["/b", undefined, "bbbb1111"],
    ["cccc", undefined, "cccc1111"],
    ["/a", "default", "aaaa1111"],
  ])("is %s, with -workspace=%s", (word, workspace, lineage) => {
    expect(find(word, workspace)).toBe(lineage);
  });

  it("is refused where it is that of several, with what tells them apart", () => {
    expect(refused("pair")).toBe(
      '"pair" names several labs\nName one of them, by what stands nowhere else:\n  pair/blue  aaaa2222  /a\n  pair/default  aaaa1111  /a\n',
    );
    expect(refused("ring/default")).toContain("  ring/default  cccc1111  /gone (gone)\n");
    expect(refused("/a")).toContain('"/a" names several labs');
    expect(refused("aaaa")).toContain('"aaaa" names several labs');
  });

  it("is refused where there is none, with what was meant; a short prefix of a lineage is none", () => {
    expect(refused("str")).toContain('There is no lab "str" of yours on this host');
    expect(refused("str")).toContain('Did you mean "star"?');
    expect(refused("star", "green")).toContain('in a workspace "green"');
    expect(refused("ddd")).toContain('There is no lab "ddd"');
  });
});

describe("completion", () => {
  const asked = async (...words: readonly string[]) => {
    const [, ...lines] = (await engine.succeed("__complete", "fish", ...words)).trimEnd().split("\n");
    return lines.map((line) => line.split("\t", 1).join(""));
  };

  it("knows the workspaces, and what is recorded in the one that is meant", async () => {
    await engine.succeed("workspace", "new", "blue");
    await engine.apply();
    await engine.succeed("workspace", "select", "default");
    engine.write('lab "s" {}\nnode "other" {}\n');
    expect(await asked("-workspace=")).toEqual(["default", "blue"]);
    expect(await asked("-workspace", "bl")).toEqual(["blue"]);
    expect(await asked("workspace", "")).toEqual(["list", "show", "new", "select", "delete"]);
    expect(await asked("workspace", "select", "")).toEqual(["default", "blue"]);
    expect(await asked("workspace", "new", "")).toEqual([]);
    expect(await asked("console", "")).toEqual(["other"]);
    expect(await asked("-workspace=blue", "console", "")).toEqual(["a", "b"]);
    engine.variables = { LABFORM_WORKSPACE: "blue" };
    expect(await asked("console", "")).toEqual(["a", "b"]);
  });

  it("knows the host's labs, by as much of their names as tells them apart", async () => {
    register({ name: "one", workspace: "default", directory: "/one", lineage: "1111" });
    register({ name: "two", workspace: "default", directory: "/two", lineage: "2222" });
    register({ name: "two", workspace: "blue", directory: "/two", lineage: "3333" });
    register({ name: "two", workspace: "blue", directory: "/other", lineage: "4444" });
    expect((await asked("destroy", "-lab=")).toSorted()).toEqual(["3333", "4444", "one", "two/default"]);
  });
});
