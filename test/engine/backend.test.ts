import { afterEach, describe, expect, it } from "vitest";
import { StateServer } from "../support/stateServer.ts";
import { BackendEngine } from "./backendEngine.ts";

const engines: BackendEngine[] = [];
afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.end();
});

async function fresh(): Promise<BackendEngine> {
  const engine = new BackendEngine(await StateServer.start());
  engines.push(engine);
  return engine;
}

async function applied(): Promise<BackendEngine> {
  const engine = await BackendEngine.applied();
  engines.push(engine);
  return engine;
}

describe("a lab whose state is kept at a server", () => {
  it("asks for init once, then plans, applies, plans nothing more and destroys", async () => {
    const engine = await fresh();
    expect(await engine.refused("plan")).toContain('The backend "http" is not initialised');
    expect(await engine.succeed("init")).toContain(`Its state is kept by the backend http (${engine.server.address})`);
    await engine.apply();
    await engine.unchanged();
    expect(engine.server.document.serial).toBe(1);
    expect(engine.server.document.instances.length).toBeGreaterThan(3);
    await engine.succeed("destroy", "-auto-approve");
    expect(engine.server.document).toMatchObject({ serial: 2, instances: [] });
    expect(engine.server.lock).toBeUndefined();
  });
});

describe("init", () => {
  it("copies the state that is here to a server, and back, and keeps backups", async () => {
    const engine = await fresh();
    engine.declare("");
    await engine.apply();
    const { lineage } = engine.recorded();
    engine.declare(engine.server.block());
    expect(await engine.refused("plan")).toContain("The backend has changed since the last init");
    expect(await engine.refused("init")).toContain("The state is to be copied, and nobody can be asked");
    const there = await engine.succeed("init", "-force-copy");
    expect(there).toContain("The state was copied to the backend http");
    expect(there).toMatch(/A backup is in .*\/state-1-.*\.backup\.json/);
    expect(engine.server.document).toMatchObject({ lineage, serial: 1 });
    await engine.unchanged();

    engine.declare("");
    expect(await engine.refused("plan")).toContain("labform init -migrate-state");
    expect(await engine.refused("init")).toContain("The backend has changed since the last init");
    expect(await engine.succeed("init", "-migrate-state", "-force-copy")).toContain(
      "Its state is kept by the backend local",
    );
    await engine.server.close();
    await engine.unchanged();
    expect(engine.recorded().lineage).toBe(lineage);
  });

  it("may be run again and again", async () => {
    const engine = await applied();
    const before = engine.file("../backend.json");
    await engine.succeed("init");
    await engine.succeed("init", "-migrate-state");
    expect(engine.file("../backend.json")).toBe(before);
    await engine.unchanged();
    expect(engine.server.requests.filter(({ wish }) => wish === "write")).toHaveLength(1);
  });

  it("asks before it replaces the state of another lab", async () => {
    const engine = await applied();
    const mine = engine.server.document.lineage;
    const other = new BackendEngine(engine.server);
    try {
      other.declare("");
      await other.apply();
      other.declare(engine.server.block());
      const refused = await other.refused("init", "-migrate-state");
      expect(refused).toContain("nobody can be asked");
      expect(refused).toContain(`There is the state of ANOTHER lab already (lineage ${mine}`);
      expect(engine.server.document.lineage).toBe(mine);
      await other.succeed("init", "-migrate-state", "-force-copy");
      expect(other.recorded().lineage).toBe(engine.server.document.lineage);
      await other.unchanged();
      expect(await engine.refused("plan")).toContain("The server has the state of another lab");
      await other.succeed("destroy", "-auto-approve");
    } finally {
      other.close();
    }
  });

  it("with -reconfigure leaves behind what is here, and says what runs of it", async () => {
    const engine = await fresh();
    engine.declare("");
    await engine.apply();
    engine.declare(engine.server.block());
    const said = await engine.succeed("init", "-reconfigure");
    expect(said).toContain("instances of it are not in the state that counts now");
    expect(engine.server.state).toBeUndefined();
    expect(engine.world.isEmpty()).toBe(false);
  });

  it("takes settings from the command line, files and the environment, and writes no secret down", async () => {
    const engine = await fresh();
    const { server } = engine;
    server.user = { name: "ci", password: "hunter22" };
    engine.declare('  backend "http" {}\n');
    expect(await engine.refused("init")).toContain("The http backend has no address");
    engine.variables = { TF_HTTP_ADDRESS: server.address, LABFORM_HTTP_RETRY_MAX: "0" };
    expect(await engine.refused("init")).toContain("the server wants to know who asks");
    const given = ["-backend-config=username=ci", "-backend-config=password=hunter22"];
    await engine.succeed("init", ...given);
    expect(engine.file("../backend.json")).not.toContain("hunter22");
    expect(engine.file("../backend.json")).toContain(server.address);
    expect(await engine.refused("plan")).toContain("LABFORM_HTTP_PASSWORD");
    engine.variables = { TF_HTTP_PASSWORD: "hunter22" };
    await engine.apply();
    await engine.unchanged();
    const { exitCode, stderr } = await engine.run("init", "-backend-config=adress=x");
    expect(exitCode).toBe(1);
    expect(stderr).toContain('Did you mean "address"?');
  });

  it("needs nothing of a lab whose state is here, and says what comes next", async () => {
    const engine = await fresh();
    engine.declare("");
    expect(await engine.succeed("init")).toContain("labform plan shows what there is to do.");
    engine.declare('  backend "local" {\n    path = "kept/pair.json"\n  }\n');
    await engine.apply();
    await engine.unchanged();
    engine.write("this is no lab");
    expect(await engine.succeed("destroy", "-auto-approve")).toContain("destroyed");
  });
});

describe("a destroy without lab files", () => {
  it("finds the server by what init wrote down", async () => {
    const engine = await applied();
    engine.write("node {{{ backend");
    await engine.succeed("destroy", "-auto-approve");
    expect(engine.server.document.instances).toEqual([]);
    expect(engine.world.isEmpty()).toBe(true);
  });
});

describe("a backend block", () => {
  it.each([
    ['backend "s3" {}', 'Unknown backend "s3"', "local, on this disk, or http"],
    ['backend "http" {\n    address = var.x\n  }', "must be constants", "LABFORM_HTTP_ADDRESS"],
    ['backend "http" {\n    adress = "x"\n  }', 'Unknown argument "adress"', 'Did you mean "address"?'],
    ['backend "http" {\n    retry_max = -1\n  }', '"retry_max" is too small', "from 0 to 100"],
    ['backend "local" {}\n  backend "local" {}', "Duplicate backend block", "Remove one of the two"],
    ["backend {}", "Missing name of backend", 'backend "type" { … }'],
  ])("that says %s is refused", async (block, summary, detail) => {
    const engine = await fresh();
    engine.declare(`  ${block}\n`);
    const refused = await engine.refused("validate");
    expect(refused).toContain(summary);
    expect(refused).toContain(detail);
  });

  it("in an override file replaces the one there is, whatever its type", async () => {
    const engine = await fresh();
    const { writeFileSync } = await import("node:fs");
    writeFileSync(`${engine.directory}/override.lab.hcl`, 'lab "pair" {\n  backend "local" {}\n}\n');
    await engine.apply();
    expect(engine.server.requests).toEqual([]);
  });
});

describe("what a server has, and what is here", () => {
  it("come together again by the next command after the server was away", async () => {
    const engine = await applied();
    engine.server.fault = ({ wish }) => (wish === "write" ? "500" : undefined);
    engine.isNeverDone = true;
    expect(await engine.refused("taint", "node.a")).toContain("All that was done is recorded on this host");
    engine.isNeverDone = false;
    engine.server.fault = () => undefined;
    expect(engine.server.document.serial).toBe(1);
    expect((await engine.planned())[0]).toMatch(/^replace \| node\.a \|.*tainted/);
    await engine.succeed("init");
    expect(engine.server.document.serial).toBe(2);
    await engine.apply();
  });

  it("are both kept where both moved on, and -reconfigure is the way out", async () => {
    const engine = await applied();
    engine.server.fault = ({ wish }) => (wish === "write" ? "500" : undefined);
    await engine.refused("taint", "node.a");
    engine.server.fault = () => undefined;
    const theirs = JSON.parse(engine.server.state ?? "") as { serial: number };
    engine.server.state = JSON.stringify({ ...theirs, serial: 7 });
    const refused = await engine.refused("apply", "-auto-approve");
    expect(refused).toContain("The server's state has moved on without this host's last command");
    expect(refused).toContain("its serial is 7 now");
    const said = await engine.succeed("init", "-reconfigure");
    expect(said).toMatch(/A backup is in .*state-2-/);
    await engine.unchanged();
    await engine.apply();
    expect(engine.recorded().serial).toBeGreaterThanOrEqual(7);
  });

  it("is found out when somebody took the lock away in the middle", async () => {
    const engine = await applied();
    engine.server.fault = ({ wish }) => {
      if (wish === "write") engine.server.lock = { ID: "other", info: { ID: "other" } };
      return undefined;
    };
    const refused = await engine.refused("taint", "node.a");
    expect(refused).toContain("The lock is not this run's any more");
    engine.server.fault = () => undefined;
    expect(await engine.refused("apply", "-auto-approve")).toContain("labform force-unlock other");
    expect(await engine.refused("force-unlock", "other")).toContain("force-unlock -force");
    await engine.succeed("force-unlock", "-force", "other");
    await engine.apply();
  });
});

describe.each([false, true])("a lock at a server (generous: %s)", (generous) => {
  it("that a killed run of this host left is given up for it", async () => {
    const server = await StateServer.start();
    server.generous = generous;
    const engine = new BackendEngine(server);
    engines.push(engine);
    await engine.succeed("init");
    server.fault = ({ wish }) => (wish === "unlock" ? "reset" : undefined);
    await engine.run("apply", "-auto-approve");
    expect(server.lock).toBeDefined();
    server.fault = () => undefined;
    await engine.apply();
    expect(server.lock).toBeUndefined();
  });

  it("of another host is refused by name until it is forced", async () => {
    const server = await StateServer.start();
    server.generous = generous;
    const engine = new BackendEngine(server);
    engines.push(engine);
    await engine.succeed("init");
    const Info = JSON.stringify({ name: "far", machine: "m", bootId: "b", pidNamespace: "n", pid: 1, startTime: "1" });
    const Created = "2026-01-31T12:00:00.000Z";
    server.lock = { ID: "far-1", info: { ID: "far-1", Info, Who: "bob@far", Operation: "apply", Created } };
    const refused = await engine.refused("apply", "-auto-approve");
    expect(refused).toContain(
      generous
        ? "locked by labform apply (pid 1) of bob@far, since 2026-01-31"
        : "locked by another run of alice, since 2026-01-31",
    );
    expect(refused).toContain("labform force-unlock far-1");
    expect(await engine.refused("apply", "-auto-approve", "-lock-timeout=600ms")).toContain("It was waited for 0.6 s");
    await engine.succeed("plan", "-lock=false");
    await engine.succeed("force-unlock", "-force", "far-1");
    await engine.apply();
  });

  it("of a process of this host that has ended is given up, also where the directory was cleaned", async () => {
    const server = await StateServer.start();
    server.generous = true;
    const engine = new BackendEngine(server);
    engines.push(engine);
    await engine.succeed("init");
    server.fault = ({ wish }) => (wish === "unlock" ? "reset" : undefined);
    await engine.run("apply", "-auto-approve");
    const info = { ...server.lock?.info };
    const identity = JSON.parse(info.Info ?? "") as { startTime: string };
    info.Info = JSON.stringify({ ...identity, startTime: "1" });
    server.lock = { ID: info.ID ?? "", info };
    server.fault = () => undefined;
    const { rmSync } = await import("node:fs");
    rmSync(`${engine.directory}/.labform/default/server-lock.json`);
    await engine.apply();
    expect(server.lock).toBeUndefined();
  });
});

describe("a workspace other than default", () => {
  it("is refused by name where the state is at a server, which has one", async () => {
    const engine = await applied();
    expect(await engine.refused("-workspace=x", "plan")).toMatch(/[Ww]orkspace "x"/);
    expect(await engine.refused("workspace", "new", "x")).toContain("cannot be used with the http backend");
    engine.declare("");
    await engine.succeed("init", "-migrate-state", "-force-copy");
    await engine.succeed("workspace", "new", "x");
    await engine.succeed("workspace", "select", "default");
    engine.declare(engine.server.block());
    await engine.succeed("init", "-force-copy");
    engine.variables = { LABFORM_WORKSPACE: "x" };
    expect(await engine.refused("plan")).toContain('Workspace "x" cannot be used with the http backend');
  });
});
