import { existsSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { bareLab } from "../support/bare.ts";
import { Example } from "../support/example.ts";
import { type RecordedInstance, TestLab } from "../support/lab.ts";
import { TelnetClient } from "../support/telnet.ts";

let lab: TestLab | undefined;
afterEach(async () => {
  await lab?.run(["-workspace=blue", "destroy", "-auto-approve"]);
  await lab?.close();
  lab = undefined;
});

const registered = () => readdirSync(join(lab?.stateHome ?? "", "labform/labs"));

function routersOf(example: Example, workspace: string): readonly RecordedInstance[] {
  const { instances } = JSON.parse(example.lab.read(`.labform/${workspace}/state.json`)) as {
    readonly instances: readonly RecordedInstance[];
  };
  return instances.filter(({ address }) => address.startsWith("node."));
}

/** What the router r1 of a workspace hears of r2, over a link that is its own. */
async function ping(routers: readonly RecordedInstance[]): Promise<string> {
  const [first] = routers.filter(({ address }) => address.includes("r1")) as [RecordedInstance];
  const { host, port } = first.attributes["console"];
  const telnet = await TelnetClient.connect(host, port);
  try {
    return await telnet.command("ping -c 3 -i 0.2 -W 1 10.0.12.2");
  } finally {
    telnet.close();
  }
}

describe.each([
  ["default", "blue"],
  ["blue", "default"],
])("examples/03-triangle in two workspaces, of which %s is destroyed before %s", (first, last) => {
  it("runs twice side by side, and what is left runs on until it goes too", { timeout: 300_000 }, async () => {
    const example = new Example("03-triangle");
    lab = example.lab;
    const inBoth = (...words: readonly string[]) =>
      Promise.all([first, last].map((name) => example.do(`-workspace=${name}`, ...words)));
    await inBoth("apply", "-auto-approve");

    const [one, other] = [routersOf(example, first), routersOf(example, last)];
    const all = [...one, ...other];
    const different = (what: (router: RecordedInstance) => unknown) =>
      expect(new Set(all.map(what)).size, JSON.stringify(all.map(what))).toBe(6);
    different(({ attributes }) => attributes["mac_address"]);
    different(({ attributes }) => attributes["uuid"]);
    different(({ attributes }) => attributes["console"].port);
    different(({ attributes }) => attributes["monitor"].port);
    const listed = JSON.parse(await example.do("labs", "-json")) as { readonly labs: readonly object[] };
    expect(listed.labs).toMatchObject(
      ["blue", "default"].map((workspace) => ({
        name: "triangle",
        workspace,
        directory: example.lab.directory,
        nodes_running: 3,
        nodes_recorded: 3,
      })),
    );
    const captures = readdirSync(example.lab.directory).filter((name) => name.endsWith(".pcap"));
    expect(captures.toSorted()).toEqual(["r3-r1-blue.pcap", "r3-r1.pcap"]);
    await inBoth("plan", "-detailed-exitcode");

    const elsewhere = { from: tmpdir() };
    const ambiguous = await example.lab.run(["destroy", "-lab=triangle", "-auto-approve"], elsewhere);
    expect(ambiguous.exitCode).toBe(1);
    expect(ambiguous.stderr).toContain('"triangle" names several labs');
    const destroyed = await example.lab.run(["destroy", `-lab=triangle/${first}`, "-auto-approve"], elsewhere);
    expect(destroyed.exitCode, destroyed.stderr).toBe(0);
    expect(await ping(other)).toContain("3 packets transmitted, 3 packets received");
    await example.do(`-workspace=${last}`, "plan", "-detailed-exitcode");
    expect(registered()).toHaveLength(1);

    await example.do(`-workspace=${last}`, "destroy", "-auto-approve");
    expect(example.lab.processes()).toEqual([]);
    expect(registered()).toEqual([]);
    expect(await example.do("labs")).toBe("No lab of yours runs on this host.\n");
  });
});

describe("a lab whose directory is gone", () => {
  it("is listed as such, and ended from anywhere by its name", async () => {
    lab = new TestLab({ "a.lab.hcl": bareLab(["a", "b"], { links: { ab: ["a", "b"] } }) });
    const applied = await lab.run(["-workspace=blue", "apply", "-auto-approve"]);
    expect(applied.exitCode, applied.stderr).toBe(0);
    const before = lab.processes().length;
    expect(before).toBe(4);
    rmSync(lab.directory, { recursive: true });
    const elsewhere = { from: tmpdir() };
    const listed = await lab.run(["labs"], elsewhere);
    expect(listed.stdout).toMatch(/ blue {2,}2 {2,}\d+ MiB {2,}\d+[sm] {2,}gone: /);
    const wrong = await lab.run(["-workspace=default", "destroy", `-lab=${lab.directory}`], elsewhere);
    expect(wrong.stderr).toContain('in a workspace "default"');
    const unasked = await lab.run(["destroy", `-lab=${lab.directory}`], elsewhere);
    expect(unasked).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("must be approved") });
    expect(lab.processes()).toHaveLength(before);
    const destroyed = await lab.run(["destroy", `-lab=${lab.directory}`, "-auto-approve"], elsewhere);
    expect(destroyed.exitCode, destroyed.stderr).toBe(0);
    expect(destroyed.stdout).toContain("Its directory is gone. labform will end what still runs of it:");
    expect(lab.processes()).toEqual([]);
    expect(registered()).toEqual([]);
    expect(existsSync(lab.directory)).toBe(false);
    rmSync(lab.stateHome, { recursive: true });
    lab = undefined;
  });
});

describe("a port that the lab files fix", () => {
  it("is told of at plan and refused at apply, by the lab and workspace that has it", async () => {
    lab = new TestLab({ "a.lab.hcl": bareLab(["a"]) });
    const applied = await lab.run(["apply", "-auto-approve"]);
    expect(applied.exitCode, applied.stderr).toBe(0);
    const { port } = lab.instance("node.a").attributes["console"];
    lab.write("a.lab.hcl", lab.read("a.lab.hcl").replace("ram ", `console_port = ${port}\n  ram `));
    const same = await lab.run(["plan"]);
    expect(same.stdout + same.stderr).not.toContain("is taken");
    const plan = await lab.run(["-workspace=blue", "plan"]);
    expect(plan.exitCode).toBe(0);
    expect(plan.stderr).toContain(`Port ${port} of 127.0.0.1 is taken, and console_port asks for it`);
    expect(plan.stderr).toMatch(/held by lab "\w+" \(workspace "default", pid \d+\)/);
    const refused = await lab.run(["-workspace=blue", "apply", "-auto-approve"]);
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toMatch(
      new RegExp(`port ${port} of 127.0.0.1 is taken by lab "\\w+" \\(workspace "default"`),
    );
  });
});
