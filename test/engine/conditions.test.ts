import { describe, expect, it } from "vitest";
import { goldenBeside } from "../support/golden.ts";
import { check, conditionLab, lifecycle, post, pre } from "./conditionLab.ts";

const golden = goldenBeside(import.meta.url);
const { apply, expectEmptyPlan, failingApply, nodes, path, pidOf, recorded, run, write } = conditionLab();

describe("what is known when the plan is made is decided then", () => {
  it("with all that is not met and all other errors, and nothing is planned", async () => {
    write(
      `variable "size" {
  default = 7
}

node "a" {
  count = 2
  size  = var.size
  ${lifecycle(
    pre("var.size < 5 + count.index", '"At most ${4 + count.index}, not ${var.size}."'),
    pre("count.index < 1", '"Only one."'),
    post("self.size != 7", '"Not of size ${self.size}."'),
  )}
}

node "b" {
  size = var.size
  ${lifecycle(post('self.size < 5 && self.note == ""', '"Smaller than ${self.size}."'))}
}

node "c" {
  size = "many"
}

output "size" {
  value = var.size
  ${pre("var.size == 1", '"Only 1 is shown."')}
}
`,
    );
    const { stdout, stderr } = await run(1, "plan");
    expect(stdout).toBe("");
    golden("conditions-plan.txt", stderr);
  });

  it("a precondition before its node is planned, so that it says what is wrong in its own words", async () => {
    write(`variable "size" {\n  default = "many"\n}\n
node "a" {
  size = var.size
  ${lifecycle(pre("can(tonumber(var.size))", '"A number, please."'))}
}
`);
    const { stderr } = await run(1, "plan");
    expect(stderr).toContain("A number, please.");
    expect(stderr.match(/^Error:/gm)).toHaveLength(1);
  });

  it("an assertion as a warning, at every plan and at apply", async () => {
    write(`node "a" {}\n\n${check("size", "node.a.size > 1", '"It is only ${node.a.size}."')}`);
    golden("conditions-check.txt", (await run(0, "plan")).stderr);
    expect((await apply()).stderr).toContain('Warning: Check "size" failed');
    const again = await run(0, "plan", "-detailed-exitcode");
    expect(again.stdout).toContain("No changes.");
    expect(again.stderr).toContain('Warning: Check "size" failed');
  });

  it("as an error where a check says neither yes nor no, or cannot be told", async () => {
    write(
      `node "a" {}\n\n${check("null", "node.a.size == 1 ? null : true")}${check("text", 'tonumber("x${node.a.size}") == 1')}`,
    );
    const { stderr } = await run(1, "plan");
    expect(stderr).toContain('Error: An assertion of check "null" says neither true nor false');
    expect(stderr).toContain("Error: Wrong argument of tonumber()");
    expect(stderr.match(/^Error:/gm)).toHaveLength(2);
  });

  it("and what it says of a sensitive value is not shown", async () => {
    write(`variable "key" {
  default   = "hidden"
  sensitive = true
}

node "a" {
  ${lifecycle(pre('var.key == ""', '"Not ${var.key}."'))}
}

${check("key", 'var.key == ""', '"Not ${var.key}."')}`);
    const { stderr } = await run(1, "plan");
    expect(stderr).not.toContain('"hidden"');
    expect(stderr).not.toContain("Not hidden");
    expect(stderr).toContain("Error: error_message refers to sensitive values");
    expect(stderr).toContain("Warning: error_message refers to sensitive values");
  });

  it("by validate, also where variables have no value", async () => {
    write(`variable "image" {
  type = string
}

node "a" {
  note = var.image
  ${lifecycle(pre("local.size > 1"), post("self.pid > 1"))}
}

node "b" {
  count = var.image == "" ? 0 : 1
  ${lifecycle(pre("local.size > 2"))}
}

locals {
  size = 1
}
${check("image", 'var.image != ""')}${check("size", "local.size == 2")}`);
    const { stderr } = await run(1, "validate");
    expect(stderr.match(/^(Error|Warning):.*$/gm)).toEqual(["Error: A precondition of node.a is not met"]);
  });
});

describe("a precondition that waits for another node", () => {
  const lab = (least: number) =>
    `node "a" {}

node "b" {
  ${lifecycle(pre(`node.a.pid >= ${least}`, `"A pid of at least ${least}, not \${node.a.pid}."`))}
}

node "c" {
  depends_on = [node.b]
}
`;

  it("is decided before the node is touched; what depends on it is not made", async () => {
    write(lab(1_000_000));
    const { stderr, stdout } = await failingApply();
    golden("conditions-precondition.txt", stderr);
    expect(stdout).toContain("1 added, 0 changed, 0 destroyed, 1 failed, 1 skipped");
    expect(await recorded()).toEqual(["node.a ok", "node.c creating"]);
    expect(nodes()).not.toContain("node.b");
  });

  it("lets it be made where it is met, and is decided at plan from then on", async () => {
    write(lab(1));
    await apply();
    expect(await recorded()).toEqual(["node.a ok", "node.b ok", "node.c ok"]);
    await expectEmptyPlan();
    write(lab(1_000_000));
    expect((await run(1, "plan")).stderr).toContain("A precondition of node.b is not met");
  });

  it("leaves a running node alone that was to be restarted", async () => {
    write(`node "a" {}\n\nnode "b" {}\n`);
    await apply();
    const pid = pidOf("node.b");
    expect(pid).toBeDefined();
    write(`node "a" {\n  size = 2\n}\n\nnode "b" {\n  size = 2\n  ${lifecycle(pre("node.a.pid == 1"))}\n}\n`);
    await failingApply();
    expect(pidOf("node.b")).toBe(pid);
    expect(await recorded()).toEqual(["node.a ok", "node.b ok"]);
  });

  it("does so too where the other is replaced, but for the stop that must come first", async () => {
    write(`node "a" {}\n\nnode "b" {\n  depends_on = [node.a]\n}\n`);
    await apply();
    write(
      `node "a" {\n  colour = "red"\n}\n\nnode "b" {\n  size = 2\n  depends_on = [node.a]\n  ${lifecycle(pre("node.a.pid > 1"))}\n}\n`,
    );
    await apply();
    await expectEmptyPlan();
  });

  it("is kept in a saved plan", async () => {
    write(lab(1_000_000));
    await run(0, "plan", "-out", "plan.json");
    write("");
    expect((await run(1, "apply", path("plan.json"))).stderr).toContain("A pid of at least 1000000, not");
    expect(await recorded()).toEqual(["node.a ok", "node.c creating"]);
  });

  it("is not decided where -target leaves it out", async () => {
    write(lab(1_000_000));
    await apply("-target", "node.a");
    expect((await run(1, "plan")).stderr).toContain("A precondition of node.b is not met");
    await run(0, "plan", "-target", "node.a");
    await run(1, "plan", "-target", "node.b");
  });

  it("cannot be that of a link that waits for its own nodes", async () => {
    write(`node "a" {}\n\nnode "b" {}\n
link "ab" {
  endpoints = [node.a.adapter[0], node.b.adapter[0]]
  ${lifecycle(pre("node.a.pid > 1"))}
}
`);
    golden("conditions-link.txt", (await run(1, "plan")).stderr);
  });
});

describe("a postcondition that the host decides", () => {
  const lab = (condition: string) =>
    `node "a" {
  for_each = toset(["x", "y"])
  secret   = "hidden"
  ${lifecycle(post(condition, '"${each.key} has pid ${self.pid}."'))}
}

node "b" {
  note = node.a["x"].pid
}

output "pid" {
  value = node.a["x"].pid
}
`;

  it("fails its node when it is done; that stays, and the next plan says it again", async () => {
    write(lab('each.key == "y" || self.pid < 0 && self.secret != ""'));
    const { stderr, stdout } = await failingApply();
    golden("conditions-postcondition.txt", stderr);
    expect(stdout).toContain("1 added, 0 changed, 0 destroyed, 1 failed, 1 skipped");
    expect(await recorded()).toEqual(['node.a["x"] ok', 'node.a["y"] ok']);
    expect((await run(0, "output")).stdout).not.toContain("pid");
    const again = await run(1, "plan");
    expect(again.stderr).toContain('A postcondition of node.a["x"] is not met');
    expect(again.stderr).not.toContain('"hidden"');
  });

  it("says nothing where it is met, at apply and at the next plan", async () => {
    write(lab("self.pid > 0 && self.id != null"));
    expect((await apply()).stderr).toBe("");
    await expectEmptyPlan();
  });

  it("is decided when all is done where its node has nothing to do but wait for others", async () => {
    const waiting = (size: number) =>
      `node "a" {\n  size = ${size}\n}\n\nnode "b" {\n  ${lifecycle(post("node.a.pid > 0 && node.a.size < 2"))}\n}\n`;
    write(waiting(1));
    await apply();
    write(waiting(2).replace("size < 2", "pid < 0"));
    const { stderr, stdout } = await failingApply();
    expect(stderr).toContain("A postcondition of node.b is not met");
    expect(stdout).not.toContain("node.b");
    expect(stdout).toContain("1 changed");
  });

  it("is none of destroy's business, nor of start's and stop's", async () => {
    write(lab("self.pid > 0"));
    await apply();
    write(lab("self.pid < 0"));
    await run(0, "stop", "node.b");
    await run(0, "start", "node.b");
    await run(0, "destroy", "-auto-approve");
    expect(nodes()).toEqual([]);
  });

  it("may be a template's", async () => {
    write(`template "t" {\n  ${lifecycle(post("self.pid < 0", '"Not ${self.id}."'))}\n}\n
node "a" {
  template = template.t
}

node "b" {
  template = template.t
  ${lifecycle(post("self.pid > 0"))}
}
`);
    const { stderr } = await failingApply();
    expect(stderr.match(/^Error:.*$/gm)).toEqual(["Error: A postcondition of node.a is not met"]);
  });
});
