import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { BackendConfig } from "../../src/core/backend.ts";
import type { ProviderFactory } from "../../src/core/provider.ts";
import type { StateStore } from "../../src/core/workspace.ts";
import { sendHttp } from "../../src/system/http.ts";
import { createPorts } from "../../src/system/index.ts";
import { createStateAccess } from "../../state/access.ts";
import { StateServer } from "../support/stateServer.ts";
import { BackendEngine } from "./backendEngine.ts";

const engines: BackendEngine[] = [];
afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.end();
});

async function local(path?: string): Promise<BackendEngine> {
  const engine = new BackendEngine(await StateServer.start());
  engines.push(engine);
  engine.declare(path === undefined ? "" : localBlock(path));
  return engine;
}

async function atServer(): Promise<BackendEngine> {
  const engine = await BackendEngine.applied();
  engines.push(engine);
  return engine;
}

const localBlock = (path: string) => `  backend "local" {\n    path = "${path}"\n  }\n`;

/** The lab's state in the hands of a run: its lock is held, and what it records is in its journal only. */
async function opened(engine: BackendEngine, backend?: BackendConfig): Promise<StateStore> {
  const real = createPorts();
  const environment = { ...process.env, XDG_STATE_HOME: join(engine.directory, ".state") };
  const ports = { ...real, host: { ...real.host, environment } };
  const place = { ports, labDirectory: engine.directory, workspace: "default", programs: "" };
  const access = createStateAccess({ ...place, labformVersion: "0.1.0", backend, sendHttp });
  return await access.open({ command: "apply", lockTimeoutMs: 0, onWait: () => {} });
}

/** A run that taints a node and is killed before its end. */
async function killedRun(engine: BackendEngine, backend?: BackendConfig): Promise<void> {
  const store = await opened(engine, backend);
  await begun(store);
  const node = store.state.instances.get("node.a");
  if (!node) throw new Error("node.a is not recorded");
  await store.record({ record: "outcome", operation: "settle", instance: { ...node, status: "tainted" } });
  await store.close();
}

async function begun(store: StateStore): Promise<void> {
  const { lineage, serial, registry, lab } = store.state;
  const time = new Date(0).toISOString();
  await store.record({ record: "begin", command: "apply", lineage, serial: serial + 1, registry, lab, time });
}

describe("a local backend's path", () => {
  it("that is the usual one has the usual journal and lock", async () => {
    const engine = await local();
    await engine.apply();
    await killedRun(engine);
    engine.declare(localBlock(".labform/default/state.json"));
    expect(await engine.planned()).toContainEqual(expect.stringMatching(/^replace \| node\.a \|.*tainted/));
    const store = await opened(engine);
    expect(await engine.refused("apply", "-auto-approve")).toContain("The lab is locked by labform apply");
    await store.close();
  });

  it("is not left by init while a run has its lock", async () => {
    const engine = await local("kept/pair.json");
    await engine.apply();
    const path = "kept/pair.json";
    const store = await opened(engine, { type: "local", settings: { path } });
    engine.declare("");
    expect(await engine.refused("init", "-migrate-state", "-force-copy")).toContain(
      "The lab is locked by labform apply",
    );
    await store.close();
    await engine.succeed("init", "-migrate-state", "-force-copy");
    await engine.unchanged();
  });

  it("may be that of another lab's state, which init replaces with what a killed run of it left", async () => {
    const engine = await local("b.json");
    await engine.apply();
    await engine.succeed("destroy", "-auto-approve");
    const killed = await opened(engine, { type: "local", settings: { path: "b.json" } });
    await begun(killed);
    await killed.close();
    engine.declare(localBlock("a.json"));
    await engine.succeed("init", "-reconfigure");
    await engine.apply();
    engine.declare(localBlock("b.json"));
    await engine.succeed("init", "-migrate-state", "-force-copy");
    await engine.unchanged();
  });
});

describe("a local backend", () => {
  it("is rid of what a kill left half-written beside its file", async () => {
    const engine = await local("kept/pair.json");
    await engine.apply();
    const half = join(engine.directory, "kept/.pair.json.0123abcd.tmp");
    writeFileSync(half, '{"format"');
    await engine.apply();
    expect(existsSync(half)).toBe(false);
  });

  it("is not written down by a command that changes nothing", async () => {
    const engine = await local("kept/pair.json");
    await engine.succeed("plan");
    expect(existsSync(join(engine.directory, ".labform"))).toBe(false);
    engine.declare(localBlock("elsewhere/pair.json"));
    await engine.apply();
    engine.write("node {{{ backend");
    await engine.succeed("destroy", "-auto-approve");
  });

  it("that init has changed is where labs looks for the state", async () => {
    const engine = await local();
    await engine.apply();
    engine.declare(localBlock("kept/pair.json"));
    await engine.succeed("init", "-force-copy");
    expect(await engine.succeed("labs")).not.toContain("no state");
  });
});

describe("a workspace", () => {
  it("of a name with signs of the shell's is quoted in what is to be typed", async () => {
    const engine = await local();
    await engine.succeed("-workspace=a$b&c", "apply", "-auto-approve");
    expect(await engine.refused("workspace", "delete", "a$b&c")).toContain("labform -workspace='a$b&c' destroy");
  });

  it("is not called as the record of the backend is", async () => {
    const engine = await atServer();
    engine.declare("");
    await engine.succeed("init", "-migrate-state", "-force-copy");
    expect(await engine.refused("workspace", "new", "backend.json")).toContain("There can be no workspace");
    await engine.unchanged();
  });
});

describe("the address that the environment names", () => {
  it("is the one that init wrote down until init is told to go to another", async () => {
    const engine = await local();
    const other = await StateServer.start();
    try {
      engine.declare('  backend "http" {}\n');
      engine.variables = { LABFORM_HTTP_ADDRESS: engine.server.address };
      await engine.succeed("init");
      await engine.apply();
      engine.variables = { LABFORM_HTTP_ADDRESS: other.address };
      expect(await engine.refused("plan")).toContain("The backend has changed since the last init");
      expect(await engine.refused("init")).toContain("The backend has changed since the last init");
      expect(other.state).toBeUndefined();
      engine.write("node {{{ backend");
      await engine.succeed("destroy", "-auto-approve");
      expect(other.requests).toEqual([]);
      expect(engine.server.document.instances).toEqual([]);
    } finally {
      await other.close();
    }
  });
});

describe("init", () => {
  it("remembers what -backend-config gave", async () => {
    const engine = await local();
    engine.declare('  backend "http" {}\n');
    await engine.succeed("init", `-backend-config=address=${engine.server.address}`);
    await engine.apply();
    await engine.succeed("init");
    await engine.unchanged();
  });
});

describe("init from one server to another", () => {
  it("has a note of both locks while it has both", async () => {
    const engine = await atServer();
    const other = await StateServer.start();
    try {
      let ids: readonly string[] = [];
      other.fault = ({ wish }) => {
        if (wish === "write") {
          const notes = JSON.parse(engine.file("server-lock.json")) as readonly { readonly ID: string }[];
          ids = notes.map(({ ID }) => ID);
        }
        return undefined;
      };
      engine.declare(other.block());
      await engine.succeed("init", "-migrate-state", "-force-copy");
      const locked = [engine.server, other].map(({ requests }) => requests.findLast(({ wish }) => wish === "lock"));
      expect(locked).not.toContain(undefined);
      for (const request of locked) expect(ids).toContain(JSON.parse(request?.body ?? "").ID);
      await engine.unchanged();
    } finally {
      await other.close();
    }
  });
});

describe("init to a server", () => {
  it.each(["-force-copy", "-reconfigure"])(
    "with %s leaves no workspace behind of which something is recorded",
    async (flag) => {
      const engine = await local();
      await engine.succeed("-workspace=blue", "apply", "-auto-approve");
      engine.declare(engine.server.block());
      const refused = await engine.refused("init", flag);
      expect(refused).toContain('workspace "blue"');
      expect(engine.server.requests).toEqual([]);
      engine.declare("");
      await engine.succeed("-workspace=blue", "destroy", "-auto-approve");
      engine.declare(engine.server.block());
      await engine.succeed("init", flag);
      await engine.succeed("init");
    },
  );
});

describe("a server", () => {
  it("names no directory of this host by its state's lineage", async () => {
    const engine = await atServer();
    engine.server.state = engine.server.state?.replaceAll(engine.server.document.lineage, "../../../../escaped");
    await engine.run("init", "-reconfigure");
    const { exitCode, stderr } = await engine.run("apply", "-auto-approve");
    expect(exitCode).toBe(1);
    expect(stderr.replaceAll(/\s+/g, " ")).toContain("has no lineage of labform's");
    expect(existsSync(join(engine.directory, "..", "escaped"))).toBe(false);
  });

  it("gets what a killed run recorded, and the next run's journal is that run's alone", async () => {
    const engine = await atServer();
    const settings = { address: engine.server.address };
    const http = { type: "http", settings } as const;
    await killedRun(engine, http);
    const store = await opened(engine, http);
    expect(engine.server.document.serial).toBe(2);
    await begun(store);
    expect(
      engine
        .file("journal.jsonl")
        .split("\n")
        .filter((line) => line.includes('"begin"')),
    ).toHaveLength(1);
    await store.close();
    expect((await engine.planned())[0]).toMatch(/^replace \| node\.a \|.*tainted/);
  });
});

describe("a state at a server", () => {
  it("is read in newer schemas, and written in them under a serial of its own", async () => {
    const engine = await atServer();
    engine.provider = (memory) => {
      const { resources } = memory.schema;
      const node = { ...(resources.node as NonNullable<typeof resources.node>), version: 9 };
      const upgrade: ProviderFactory["upgrade"] = ({ attributes, sensitive, private: notes }) => {
        return { attributes, sensitive, private: notes };
      };
      return { ...memory, schema: { ...memory.schema, resources: { ...resources, node } }, upgrade };
    };
    await engine.apply();
    await engine.apply();
    await engine.succeed("taint", "node.a");
    await engine.apply();
    expect(engine.server.document.serial).toBe(engine.recorded().serial);
  });

  it("is not said to have moved on because a run ended between two looks", async () => {
    const engine = await atServer();
    const path = (name: string) => join(engine.directory, ".labform", "default", name);
    const lateRecord = engine.file("server.json");
    await killedRun(engine, { type: "http", settings: { address: engine.server.address } });
    const state = JSON.parse(engine.file("state.json"));
    const [first, ...others] = state.instances;
    const ended = JSON.stringify({ ...state, serial: 2, instances: [{ ...first, preventDestroy: true }, ...others] });
    engine.server.fault = () => {
      engine.server.state = ended;
      writeFileSync(path("state.json"), ended);
      writeFileSync(path("journal.jsonl"), "");
      return undefined;
    };
    await engine.succeed("state", "list");
    expect(engine.file("server.json")).toBe(lateRecord);
  });

  it("that cannot be written hides nothing of what failed before", async () => {
    const engine = await atServer();
    engine.declare(engine.server.block(), '\nnode "c" {\n  ready = false\n}\n');
    engine.server.fault = ({ wish }) => (wish === "write" ? "500" : undefined);
    const refused = await engine.refused("apply", "-auto-approve");
    expect(refused).toContain("node.c did not become ready");
    expect(refused).toContain("All that was done is recorded on this host");
  });

  it("is asked of the server by no Tab key", async () => {
    const engine = await atServer();
    const before = engine.server.requests.length;
    const { stdout } = await engine.run("__complete", "fish", "taint", "");
    expect(stdout).toContain("node.a");
    expect(engine.server.requests).toHaveLength(before);
  });
});

describe("a lock at a server", () => {
  it("is not said to be taken away where there is none", async () => {
    const engine = await atServer();
    engine.declare(`  backend "http" {\n    address = "${engine.server.address}"\n  }\n`);
    expect(await engine.refused("force-unlock", "-force", "x")).toContain("has no lock_address");
  });

  it("is not taken from a run that lives, by a copy of its directory", async () => {
    const engine = await atServer();
    const alive = { ...JSON.parse(engine.file("server-lock.json"))[0], ID: "alive" };
    const identity = { ...JSON.parse(alive.Info), pid: process.ppid };
    const stat = readFileSync(`/proc/${process.ppid}/stat`, "utf8");
    identity.startTime = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
    alive.Info = JSON.stringify(identity);
    writeFileSync(join(engine.directory, ".labform/default/server-lock.json"), JSON.stringify([alive]));
    engine.server.lock = { ID: "alive", info: alive };
    expect(await engine.refused("apply", "-auto-approve")).toContain("labform force-unlock alive");
    expect(engine.server.lock?.ID).toBe("alive");
  });
});
