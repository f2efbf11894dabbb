import { describe, expect, it } from "vitest";
import { goldenBeside } from "../support/golden.ts";
import { check, conditionLab, pre } from "./conditionLab.ts";

const golden = goldenBeside(import.meta.url);
const { apply, expectEmptyPlan, failingApply, path, recorded, run, write } = conditionLab();

describe("a precondition of an output", () => {
  it("keeps what was recorded before", async () => {
    const lab = (size: number, condition: string) =>
      `node "a" {\n  size = ${size}\n}\n\noutput "pid" {\n  value = node.a.pid\n  ${pre(condition)}\n}\n`;
    write(lab(1, "node.a.pid > 0"));
    await apply();
    const before = (await run(0, "output", "pid")).stdout;
    write(lab(2, "node.a.pid < 0"));
    expect((await failingApply()).stderr).toContain("A precondition of output.pid is not met");
    expect((await run(0, "output", "pid")).stdout).toBe(before);
  });

  it("is not needed for what comes from a module's variable whose value is not allowed: it is not recorded either", async () => {
    write(
      'node "a" {}\nmodule "m" {\n  source = "./m"\n  pid = node.a.pid\n}\noutput "pid" {\n  value = module.m.pid\n}\n',
      {
        m: `variable "pid" {
  validation {
    condition     = var.pid < 0
    error_message = "It is positive"
  }
}
output "pid" {
  value = var.pid
}
`,
      },
    );
    const { stderr } = await failingApply();
    expect(stderr).toContain("Invalid value for module.m.var.pid");
    expect(stderr).toContain("It is positive. It is given at");
    expect((await run(0, "output", "-json")).stdout).toBe("{}\n");
  });

  const main = `node "seed" {}

module "pod" {
  source   = "./pod"
  for_each = { a = 1, b = -1 }
  least    = each.value
  seed     = node.seed.pid
}

locals {
  notes = { for name, pod in module.pod : name => pod.note }
}

node "a" {
  note = module.pod["a"].note
}

node "b" {
  note = module.pod["b"].note
}

node "all" {
  size = length(local.notes)
}

output "b" {
  value = module.pod["b"].note
}
`;
  const pod = `variable "least" {
  type = number
}

variable "seed" {
  type = number
}

output "note" {
  value = "known"
  ${pre("var.seed * var.least > 0", '"The seed is ${var.seed}."')}
}

${check("seed", "var.seed * var.least > 0", '"The seed is ${var.seed}."')}`;

  it("holds back what uses the output of a module, though its value is known", async () => {
    write(main, { pod });
    const { stderr, stdout } = await failingApply();
    golden("conditions-module.txt", stderr);
    expect(await recorded()).toEqual(["node.a ok", "node.seed ok"]);
    expect(stdout).toContain("2 added, 0 changed, 0 destroyed, 2 failed");
    expect((await run(0, "output")).stdout).not.toContain("known");
  });

  it("lets it be used where it is met", async () => {
    write(main.replace("b = -1", "b = 2"), { pod });
    expect((await apply()).stderr).toBe("");
    expect((await run(0, "output", "-raw", "b")).stdout).toBe("known");
    await expectEmptyPlan();
  });

  it("is not decided where -target leaves out what it comes from", async () => {
    write(`node "a" {}\n\nnode "b" {}\n\noutput "o" {\n  value = 1\n  ${pre("node.b.pid < 0")}\n}\n`);
    await apply("-target", "node.a");
    expect((await run(0, "output")).stdout).not.toContain("o =");
  });
});

describe("a check of what the host decides", () => {
  it("warns when all is done, and again at the next plan", async () => {
    write(
      `node "a" {}\n\nnode "b" {}\n\n${check("pids", "node.a.pid == node.b.pid", '"${node.a.id} is not ${node.b.id}."')}`,
    );
    expect((await run(0, "plan", "-out", "plan.json")).stderr).toBe("");
    const { stderr } = await run(0, "apply", path("plan.json"));
    expect(stderr).toContain('Warning: Check "pids" failed');
    expect(stderr).toContain("node.a.pid == node.b.pid");
    expect(stderr).toMatch(/is not b-\w+\./);
    expect((await run(0, "plan")).stderr).toContain('Warning: Check "pids" failed');
  });

  it("is told in JSON as every diagnostic", async () => {
    write(`node "a" {}\n\n${check("pid", "node.a.pid < 0")}`);
    const { stdout } = await apply("-json");
    const lines = stdout.trim().split("\n");
    const found = lines.map((line) => JSON.parse(line) as { type: string; diagnostic?: object });
    expect(found.filter(({ type }) => type === "diagnostic").map(({ diagnostic }) => diagnostic)).toEqual([
      expect.objectContaining({
        severity: "warning",
        summary: 'Check "pid" failed',
        detail: "All is not well.",
        range: expect.objectContaining({
          filename: "a.lab.hcl",
          start: expect.objectContaining({ line: 7, column: 23 }),
        }),
        snippet: expect.objectContaining({
          values: [{ traversal: "node.a.pid", statement: expect.stringMatching(/^is \d+$/) }],
        }),
      }),
    ]);
  });

  it("says nothing of what was not made", async () => {
    write(
      `node "a" {\n  ready = false\n}\n\nnode "b" {\n  depends_on = [node.a]\n}\n\n${check("pid", "node.b.pid < 0")}`,
    );
    expect((await failingApply()).stderr).not.toContain("Check");
  });
});
