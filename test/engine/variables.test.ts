import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Engine } from "./engine.ts";

let engine: Engine;
beforeEach(() => {
  engine = new Engine();
});
afterEach(() => {
  vi.unstubAllEnvs();
  engine.close();
});

const file = (name: string, text: string) => writeFileSync(join(engine.directory, name), text);

test("of all that is given to a variable the last wins: environment, files by name, then the command line", async () => {
  engine.write('lab "v" {}\nvariable "x" {\n  default = "default"\n}\noutput "x" {\n  value = var.x\n}\n');
  const value = async (...args: readonly string[]) => {
    const { stdout, stderr, exitCode } = await engine.run("plan", ...args);
    expect(exitCode, stderr).toBe(0);
    return /\+ x += "(.*)"/.exec(stdout)?.[1];
  };
  expect(await value()).toBe("default");
  vi.stubEnv("LABFORM_VAR_x", "environment");
  expect(await value()).toBe("environment");
  file("labform.vars.hcl", 'x = "labform.vars"');
  expect(await value()).toBe("labform.vars");
  file("a.auto.vars.hcl", 'x = "a"');
  file("B.auto.vars.hcl", 'x = "B"');
  expect(await value()).toBe("a");
  file("given", 'x = "given"');
  expect(await value("-var-file=given")).toBe("given");
  expect(await value("-var-file=given", "-var", "x=argument")).toBe("argument");
  expect(await value("-var", "x=argument", "-var-file=given")).toBe("given");
  expect(await value("-var", "x=1", "-var", "x=2")).toBe("2");
});

describe("a rule that a value breaks", () => {
  const lab = `lab "v" {}
variable "size" {
  type = number
  validation {
    condition     = var.size < 10
    error_message = "Too large."
  }
  validation {
    condition     = var.size % 2 == 0
    error_message = "Not even."
  }
}
node "a" {
  size = var.size
}
`;

  test.each([["plan"], ["apply", "-auto-approve"], ["validate"]])(
    "is an error of %s, with all others",
    async (...args) => {
      engine.write(lab);
      const { exitCode, stderr } = await engine.run(...args, "-var", "size=11");
      expect(exitCode).toBe(1);
      expect(stderr.match(/Invalid value for var\.size/g)).toHaveLength(2);
      expect(stderr).toContain("<argument -var size>:1:1");
      expect(stderr).toContain("Too large.");
      expect(stderr).toContain("Not even.");
      expect(engine.world.nodes.size).toBe(0);
    },
  );

  test("is told beside what else is wrong with the lab", async () => {
    engine.write(`${lab}output "x" {\n  value = upper([])\n}\noutput "y" {\n  value = var.none\n}\n`);
    const { stderr } = await engine.run("plan", "-var", "size=12");
    expect(stderr).toContain("Too large.");
    expect(stderr).toContain("var.none does not exist");
    expect(stderr).toContain("upper");
  });

  test("keeps nobody from destroying", async () => {
    engine.write(lab);
    expect((await engine.run("apply", "-auto-approve", "-var", "size=2")).exitCode).toBe(0);
    expect((await engine.run("destroy", "-auto-approve", "-var", "size=3")).exitCode).toBe(0);
    expect((await engine.run("destroy", "-auto-approve")).exitCode).toBe(0);
  });
});

describe("validate without values", () => {
  const lab = `lab "v" {}
variable "many" {
  type = number
}
variable "hub" {
  type = string
}
variable "secret" {
  type      = string
  sensitive = true
}
provider "memory" {
  hub = var.hub
}
locals {
  note = "n\${var.many}"
}
node "many" {
  count = var.many
  note  = "\${local.note} \${count.index}"
}
node "one" {}
link "a" {
  endpoints = [node.one.adapter[0], node.many[0].adapter[0]]
}
output "many" {
  value = node.many[*].id
}
`;

  test("finds a lab valid, and says what was not looked at to the end", async () => {
    engine.write(lab);
    expect(await engine.run("validate")).toEqual({
      exitCode: 0,
      stdout:
        "The lab files are valid.\nWithout a value: var.many, var.hub, var.secret. What depends on it was checked as far as its type tells.\n",
      stderr: "",
    });
    expect(JSON.parse((await engine.run("validate", "-json")).stdout)).toMatchObject({ valid: true, diagnostics: [] });
    expect((await engine.run("validate", "-var=many=1", "-var=hub=h", "-var=secret=s")).stdout).toBe(
      "The lab files are valid.\n",
    );
  });

  test.each([
    ["in what depends on them", 'node "b" {\n  size = -var.many\n  adapters = 1000\n  note = [local.note]\n}\n', 2],
    ["in what does not", 'node "b" {\n  adapters = 1000\n}\n', 1],
    ["in an output of a sensitive one", 'output "s" {\n  value = [var.secret]\n}\n', 1],
    ["in how many instances there are", 'node "b" {\n  count = upper(var.many, 1)\n}\n', 1],
    ["in an expression of a local", "locals {\n  x = upper([var.hub])\n}\n", 1],
    [
      "in a rule",
      'variable "y" {\n  default = 1\n  validation {\n    condition = var.y > 1\n    error_message = "."\n  }\n}\n',
      1,
    ],
    [
      "in a link to an adapter that is not there",
      'link "b" {\n  endpoints = [node.one.adapter[7], node.one.adapter[0]]\n}\n',
      1,
    ],
  ])("finds what is wrong %s", async (_, text, errors) => {
    engine.write(lab + text);
    const { stdout, exitCode } = await engine.run("validate", "-json");
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ valid: false, error_count: errors });
  });
});

describe("a sensitive variable's value", () => {
  const lab = (size: string) => `lab "v" {}
variable "secret" {
  type      = string
  sensitive = true
}
locals {
  greeting = "hello \${var.secret}"
}
node "a" {
  note = local.greeting
  size = ${size}
}
node "b" {
  note = "\${node.a.note} too"
}
output "greeting" {
  value     = node.b.note
  sensitive = true
}
`;
  const first = "hunter2";
  const second = "swordfish";

  test("shows in no plan, run, state or message, only where it is asked for by name", async () => {
    engine.write(lab("1"));
    const given = (secret: string) => [`-var=secret=${secret}`];
    const told: string[] = [];
    const run = async (...args: readonly string[]) => {
      const { exitCode, stdout, stderr } = await engine.run(...args);
      expect(exitCode, args.join(" ") + stderr).toBe(0);
      told.push(stdout, stderr);
      return stdout;
    };
    await run("validate", ...given(first));
    expect(await run("plan", ...given(first))).toContain("(sensitive value)");
    await run("plan", "-json", ...given(first));
    await run("plan", "-out=saved", ...given(first));
    await run("show", join(engine.directory, "saved"));
    await run("show", "-json", join(engine.directory, "saved"));
    await run("apply", join(engine.directory, "saved"));
    expect(await run("plan", ...given(second))).toContain("(sensitive value)");
    await run("plan", "-json", ...given(second));
    await run("apply", "-auto-approve", "-json", ...given(second));
    await run("show");
    await run("show", "-json");
    await run("status", "-json");
    expect(await run("output")).toContain("greeting = <sensitive>\n");
    expect(told.join("")).not.toMatch(/hunter2|swordfish/);
    expect(await run("output", "-raw", "greeting")).toBe("hello swordfish too");
  });

  test("in an output that is not declared sensitive is an error, which does not show it", async () => {
    engine.write(`${lab("1")}output "leak" {\n  value = node.b.note\n}\n`);
    const { exitCode, stderr } = await engine.run("plan", `-var=secret=${first}`);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("Output refers to sensitive values");
    expect(stderr).not.toContain(first);
  });

  test("is not shown where something goes wrong with it", async () => {
    for (const size of [
      "var.secret",
      "tonumber(var.secret)",
      "var.secret + 1",
      "{ a = 1 }[var.secret]",
      "1 / length(var.secret.x)",
    ]) {
      engine.write(lab(size));
      const { exitCode, stdout, stderr } = await engine.run("plan", `-var=secret=${first}`);
      expect(exitCode, size).toBe(1);
      expect(stdout + stderr).not.toContain(first);
      expect(stderr).toContain("a.lab.hcl:");
    }
  });
});

test("a lab's identity may come from a variable, not from a sensitive one", async () => {
  const lab = (sensitive: boolean) => `lab "v" {
  identity = "\${lab.name}-\${var.site}"
}
variable "site" {
  sensitive = ${sensitive}
}
node "a" {}
`;
  engine.write(lab(false));
  expect((await engine.run("validate")).exitCode).toBe(0);
  expect((await engine.run("apply", "-auto-approve", "-var=site=north")).exitCode).toBe(0);
  expect(JSON.parse((await engine.run("show", "-json")).stdout)).toMatchObject({ lab: { identity: "v-north" } });
  engine.write(lab(true));
  const { exitCode, stderr } = await engine.run("plan", "-var=site=north");
  expect(exitCode).toBe(1);
  expect(stderr).toContain("identity may not be sensitive");
  expect(stderr).not.toContain("north");
});

describe("a default that does not fit its type", () => {
  const lab = `lab "v" {}
variable "size" {
  type    = number
  default = "large"
}
locals {
  double = var.size * 2
}
output "double" {
  value = local.double
}
output "wrong" {
  value = upper([])
}
`;

  test.each([["plan"], ["validate"], ["eval", "local.double"]])(
    "is one error of %s, beside what else is wrong and with nothing that only follows from it",
    async (...args) => {
      engine.write(lab);
      const { exitCode, stderr } = await engine.run(...args);
      expect(exitCode).toBe(1);
      expect(stderr.match(/^Error: .*/gm)).toEqual([
        "Error: Wrong type for var.size",
        "Error: Wrong argument of upper()",
      ]);
    },
  );
});

test("what is wrong beside a variable without a value is told in the same run", async () => {
  engine.write(`lab "v" {}
variable "size" {}
output "size" {
  value = var.size
}
output "wrong" {
  value = upper([])
}
`);
  const { stderr } = await engine.run("plan");
  expect(stderr.match(/^Error: .*/gm)).toEqual(["Error: No value for var.size", "Error: Wrong argument of upper()"]);
});

test("a reference that names nothing of a node or a module is one error", async () => {
  engine.write(`lab "v" {}
node "a" {}
node "b" {
  count = 2
}
output "x" {
  value = [node.a.siez, node.b.size]
}
`);
  const { stderr } = await engine.run("plan");
  expect(stderr.match(/^Error: .*/gm)).toEqual([
    'Error: node.a has no attribute "siez"',
    "Error: node.b has no attribute of its own",
  ]);
});
