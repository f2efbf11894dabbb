import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { bareLab } from "../support/bare.ts";
import { guest } from "../support/guest.ts";
import { TestLab } from "../support/lab.ts";
import { isAlive } from "../support/processes.ts";

const three = (extra = "") => bareLab(["a", "b", "c"], { links: { ab: ["a", "b"], bc: ["b", "c"] }, extra });

const pid = (lab: TestLab, address: string) => lab.instance(address).attributes.pid;

async function applied(lab: TestLab, ...args: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await lab.run(["apply", "-auto-approve", ...args]);
  expect(exitCode, stdout + stderr).toBe(0);
  return stdout;
}

describe("a saved plan", () => {
  let lab: TestLab;
  beforeAll(() => {
    lab = new TestLab({ "a.lab.hcl": three() });
  });
  afterAll(() => lab.close());

  it("is its owner's alone, shown again, and applied without a question or the lab files", async () => {
    const plan = await lab.run(["plan", "-out=first.plan"]);
    expect(plan.exitCode, plan.stderr).toBe(0);
    expect(plan.stdout).toContain("labform apply first.plan");
    expect(statSync(lab.path("first.plan")).mode & 0o777).toBe(0o600);
    expect((await lab.run(["show", "first.plan"])).stdout).toContain("Plan: 7 to add, 0 to change, 0 to destroy.");
    lab.write("a.lab.hcl", "this is no lab file");
    const apply = await lab.run(["apply", "first.plan"]);
    expect(apply.exitCode, apply.stderr).toBe(0);
    lab.write("a.lab.hcl", three());
    expect((await lab.run(["plan", "-detailed-exitcode"])).exitCode).toBe(0);
  });

  it("is refused when the state moved on since, and nothing is done", async () => {
    const { serial } = lab.state();
    const again = await lab.run(["apply", "first.plan"]);
    expect(again.exitCode).toBe(1);
    expect(again.stderr).toContain("The plan is stale");
    expect(again.stderr).toMatch(/the\s+state\s+had\s+serial\s+0;\s+now\s+it\s+has\s+1/);
    expect(again.stderr).toMatch(/Make\s+a\s+new\s+plan/);
    expect(again.stdout).toBe("");
    expect(lab.state().serial).toBe(serial);
  });

  it("is refused in the one step whose object changed since, and done in the others", async () => {
    const before = { a: pid(lab, "node.a"), b: pid(lab, "node.b"), c: pid(lab, "node.c") };
    lab.write("a.lab.hcl", three().replaceAll("ram      = 16", "ram      = 17"));
    expect((await lab.run(["plan", "-out=second.plan"])).stdout).toContain("(3 to restart)");
    process.kill(before.b, "SIGKILL");
    while (isAlive(before.b)) await new Promise((resolve) => setTimeout(resolve, 5));
    const apply = await lab.run(["apply", "second.plan"]);
    expect(apply.exitCode).toBe(1);
    expect(apply.stderr).toContain("node.b is no longer as the plan found it");
    expect(apply.stderr).toMatch(/Since\s+the\s+plan\s+was\s+made:\s+QEMU/);
    expect(pid(lab, "node.a")).not.toBe(before.a);
    expect(pid(lab, "node.c")).not.toBe(before.c);
    expect(lab.processes().filter((one) => one.command.includes("qemu"))).toHaveLength(2);
    await applied(lab);
    expect(pid(lab, "node.b")).not.toBe(before.b);
  });

  it.each([
    ["no JSON", "lab {}"],
    ["another document", "{}"],
  ])("that is %s is refused by name", async (_what, text) => {
    lab.write("odd.plan", text);
    const apply = await lab.run(["apply", "odd.plan"]);
    expect(apply.exitCode).toBe(1);
    expect(apply.stderr).toContain("odd.plan is no saved plan");
    expect(apply.stderr).toContain("plan -out=FILE");
  });

  it("that is not there is refused by its path", async () => {
    const apply = await lab.run(["apply", "none.plan"]);
    expect(apply.exitCode).toBe(1);
    expect(apply.stderr).toContain(lab.path("none.plan"));
  });

  it("of a destroy removes everything", async () => {
    expect((await lab.run(["plan", "-destroy", "-out=last.plan"])).stdout).toContain(
      "0 to add, 0 to change, 7 to destroy",
    );
    const apply = await lab.run(["apply", "last.plan"]);
    expect(apply.exitCode, apply.stderr).toBe(0);
    expect(apply.stdout).toContain("Destroy complete! 7 destroyed");
    expect(lab.processes()).toEqual([]);
    expect(readdirSync(join(lab.stateHome, "labform/labs"))).toEqual([]);
  });
});

describe("a plan of a part", () => {
  let lab: TestLab;
  beforeAll(() => {
    lab = new TestLab({ "a.lab.hcl": three() });
  });
  afterAll(() => lab.close());

  const addresses = () => lab.state().instances.map((one) => one.address);

  it("takes with -target a link's two nodes and no other", async () => {
    await applied(lab, "-target=link.ab");
    expect(addresses()).toEqual(["link.ab", "node.a", "node.b", 'service.bridge["builtin"]', "service.keeper"]);
    expect((await lab.run(["plan"])).stdout).toContain("Plan: 2 to add, 0 to change, 0 to destroy.");
    await applied(lab);
  });

  it("makes with -replace one instance anew and touches no other", async () => {
    const before = { a: pid(lab, "node.a"), b: pid(lab, "node.b"), c: pid(lab, "node.c") };
    const stdout = await applied(lab, "-replace=node.b");
    expect(stdout).toContain("Plan: 1 to add, ");
    expect(pid(lab, "node.b")).not.toBe(before.b);
    expect({ a: pid(lab, "node.a"), c: pid(lab, "node.c") }).toEqual({ a: before.a, c: before.c });
    expect((await lab.run(["plan", "-detailed-exitcode"])).exitCode).toBe(0);
  });

  it.each([
    ["-target", "node.none"],
    ["-target", "what is this"],
    ["-replace", "node.none"],
  ])("refuses %s %s, which names nothing", async (flag, address) => {
    const plan = await lab.run(["plan", flag, address]);
    expect(plan.exitCode).toBe(1);
    expect(plan.stderr).toContain(address);
  });

  it("destroys with -target a node and its links, and leaves the rest running", async () => {
    const before = pid(lab, "node.a");
    const destroy = await lab.run(["destroy", "-auto-approve", "-target=node.c"]);
    expect(destroy.exitCode, destroy.stderr).toBe(0);
    expect(addresses()).not.toContain("node.c");
    expect(addresses()).not.toContain("link.bc");
    expect(addresses()).toContain("link.ab");
    expect(pid(lab, "node.a")).toBe(before);
    expect((await lab.run(["plan"])).stdout).toContain("Plan: 2 to add, 0 to change, 0 to destroy.");
  });

  it("does one step at a time with -parallelism=1", async () => {
    const { console: front } = lab.instance("node.a").attributes;
    const stdout = await applied(lab, "-parallelism=1", "-json", "-replace=node.a", "-replace=node.b");
    expect(lab.instance("node.a").attributes.console, "a replaced node keeps its ports").toEqual(front);
    let running = 0;
    let steps = 0;
    for (const { type } of events(stdout)) {
      if (type === "step_start") {
        expect(++running).toBe(1);
        steps++;
      }
      if (type === "step_complete" || type === "apply_errored") running--;
    }
    expect(steps).toBeGreaterThan(8);
    const wrong = await lab.run(["apply", "-auto-approve", "-parallelism=none"]);
    expect(wrong.exitCode).toBe(1);
    expect(wrong.stderr).toContain("-parallelism=none");
  });
});

describe("a plan with -refresh=false", () => {
  it("is made where neither QEMU nor the images are", async () => {
    const lab = new TestLab({
      "a.lab.hcl": bareLab([], {
        extra: 'node "k" {\n  kernel_image = "nowhere/vmlinuz"\n  qemu_binary  = "qemu-system-x86_64"\n}\n',
      }),
    });
    try {
      const environment = { PATH: "/nonexistent" };
      const plan = await lab.run(["plan", "-refresh=false", "-out=ci.plan"], { environment });
      expect(plan.exitCode, plan.stderr).toBe(0);
      expect(plan.stdout).toContain("nowhere/vmlinuz");
      expect(plan.stdout).toContain("(decided on the host)");
      expect(plan.stdout).toContain("Plan: 2 to add");
      const looked = await lab.run(["plan"], { environment });
      expect(looked.exitCode).toBe(1);
    } finally {
      await lab.close();
    }
  });

  it("takes the record for true and says nothing of a QEMU that ended", async () => {
    const lab = new TestLab({ "a.lab.hcl": bareLab(["a"]) });
    try {
      await applied(lab);
      process.kill(pid(lab, "node.a"), "SIGKILL");
      expect((await lab.run(["plan", "-detailed-exitcode", "-refresh=false"])).exitCode).toBe(0);
      expect((await lab.run(["plan", "-detailed-exitcode"])).exitCode).toBe(2);
    } finally {
      await lab.close();
    }
  });
});

describe("variables and directories of a lab without nodes", () => {
  let lab: TestLab;
  const text = 'lab "plain" {}\nvariable "x" {\n  default = "of the default"\n}\noutput "x" {\n  value = var.x\n}\n';
  beforeEach(async () => {
    lab = new TestLab({ "a.lab.hcl": text });
    return () => lab.close();
  });

  const planned = async (args: readonly string[] = [], environment: { readonly [name: string]: string } = {}) => {
    const plan = await lab.run(["plan", ...args], { environment });
    expect(plan.exitCode, plan.stderr).toBe(0);
    return /^ {2}\+ x = "of (.*)"$/m.exec(plan.stdout)?.[1];
  };

  it("has the last of environment, files and arguments", async () => {
    const environment = { LABFORM_VAR_x: "of the environment" };
    expect(await planned()).toBe("the default");
    expect(await planned([], environment)).toBe("the environment");
    lab.write("labform.vars.hcl", 'x = "of labform.vars"');
    expect(await planned([], environment)).toBe("labform.vars");
    lab.write("b.auto.vars.hcl", 'x = "of b.auto"');
    lab.write("a.auto.vars.hcl", 'x = "of a.auto"');
    expect(await planned([], environment)).toBe("b.auto");
    lab.write("given.hcl", 'x = "of the file"');
    expect(await planned(["-var-file=given.hcl"], environment)).toBe("the file");
    expect(await planned(["-var", "x=of the argument", "-var-file=given.hcl"])).toBe("the file");
    expect(await planned(["-var-file=given.hcl", "-var", "x=of the argument"])).toBe("the argument");
    expect(await planned(["-var", "x=of one", "-var", "x=of two"])).toBe("two");
  });

  it("exits 2 where there are changes, 0 where there are none, 1 at an error, and else 0", async () => {
    expect((await lab.run(["plan", "-detailed-exitcode"])).exitCode).toBe(2);
    expect((await lab.run(["plan"])).exitCode).toBe(0);
    await applied(lab);
    expect((await lab.run(["plan", "-detailed-exitcode"])).exitCode).toBe(0);
    lab.write("a.lab.hcl", "lab {");
    expect((await lab.run(["plan", "-detailed-exitcode"])).exitCode).toBe(1);
  });

  it("is worked on from elsewhere with -chdir; names in arguments start where the command was typed", async () => {
    const elsewhere = mkdtempSync(join(tmpdir(), "labform-from-"));
    try {
      writeFileSync(join(elsewhere, "given.hcl"), 'x = "of the file"');
      const apply = await lab.run([`-chdir=${lab.directory}`, "apply", "-auto-approve", "-var-file=given.hcl"], {
        from: elsewhere,
      });
      expect(apply.exitCode, apply.stderr).toBe(0);
      expect(readdirSync(elsewhere)).toEqual(["given.hcl"]);
      expect((await lab.run(["output", "-raw", "x"])).stdout).toBe("of the file");
    } finally {
      rmSync(elsewhere, { recursive: true, force: true });
    }
  });
});

/** The objects of a stream of JSON lines; throws at a line that is none. */
function events(stdout: string): readonly { readonly type?: string; readonly "@message"?: string }[] {
  return stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

describe("a lab with a secret", () => {
  const secret = "hunter2-never-shown";
  const text = `${bareLab(["a"])}
variable "secret" {
  sensitive = true
}
node "k" {
  ram                 = 96
  kernel_image        = "${guest().kernel}"
  kernel_command_line = "console=ttyS0 secret=\${var.secret}"
}
output "secret" {
  value     = var.secret
  sensitive = true
}
output "open" {
  value = 1
}
`;
  const given = ["-var", `secret=${secret}`];
  let lab: TestLab;
  beforeAll(() => {
    lab = new TestLab({ "a.lab.hcl": text });
  });
  afterAll(() => lab.close());

  it.each([["as text"], ["as JSON", "-json"]])("is not told it by the commands %s", async (_how, ...json) => {
    const commands: readonly (readonly string[])[] = [
      ["validate", ...given],
      ["plan", ...given, "-out=secret.plan"],
      ["show", "secret.plan"],
      ["apply", "-auto-approve", ...given],
      ["plan", "-var", `secret=${secret}-too`],
      ["show"],
      ["status"],
      ...(json.length === 0 ? [["output"]] : []),
    ];
    for (const [command = "", ...args] of commands) {
      const result = await lab.run([command, ...json, ...args]);
      expect(result.exitCode, command + result.stderr).toBe(0);
      expect(result.stdout + result.stderr, [command, ...args].join(" ")).not.toContain(secret);
    }
  });

  it("is told it where it is asked for by name, and programs are that read all outputs", async () => {
    expect((await lab.run(["output", "secret"])).stdout).toBe(`"${secret}"\n`);
    expect((await lab.run(["output", "-raw", "secret"])).stdout).toBe(secret);
    expect(JSON.parse((await lab.run(["output", "-json", "secret"])).stdout)).toBe(secret);
    expect(JSON.parse((await lab.run(["output", "-json"])).stdout).secret).toMatchObject({
      sensitive: true,
      value: secret,
    });
  });

  it.each([["validate", ...given], ["output"], ["output", "open"], ["status"], ["show"], ["show", "secret.plan"]])(
    "answers one JSON document to %s",
    async (...args) => {
      const result = await lab.run([...args, "-json"]);
      expect(result.exitCode, result.stderr).toBe(0);
      expect(() => JSON.parse(result.stdout)).not.toThrow();
    },
  );

  it("answers one JSON object a line to plan and apply, the errors among them", async () => {
    for (const command of [
      ["plan", ...given],
      ["apply", "-auto-approve", ...given],
    ]) {
      const result = await lab.run([...command, "-json"]);
      expect(result.exitCode, result.stdout).toBe(0);
      for (const event of events(result.stdout)) expect(event).toHaveProperty("type");
      expect(result.stderr).toBe("");
    }
    const unasked = await lab.run(["apply", "-json", ...given, "-replace=node.a"]);
    expect(unasked.exitCode).toBe(1);
    expect(events(unasked.stdout).at(-1)?.["@message"]).toContain("must be approved");
    const missing = await lab.run(["plan", "-json", "-input=false"]);
    expect(missing.exitCode).toBe(1);
    expect(events(missing.stdout).at(-1)?.["@message"]).toContain("secret");
  });

  it("answers what is wrong with the files in the one document of validate", async () => {
    const wrong = new TestLab({ "a.lab.hcl": 'lab "x" {}\nnode "a" {\n  rma = 1\n}\nnode "b" {\n  ram = "x"\n}\n' });
    try {
      const result = await wrong.run(["validate", "-json"]);
      expect(result.exitCode).toBe(1);
      const document = JSON.parse(result.stdout);
      expect(document).toMatchObject({ valid: false, error_count: 2, warning_count: 0 });
      expect(document.diagnostics[0]).toMatchObject({ severity: "error", range: { filename: "a.lab.hcl" } });
    } finally {
      await wrong.close();
    }
  });
});
