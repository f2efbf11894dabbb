import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { guest } from "../support/guest.ts";
import { canBeOthers } from "../support/host.ts";
import type { Result } from "../support/lab.ts";
import { TestLab } from "../support/lab.ts";

const { kernel, initrd } = guest();

function node(name: string, rest = ""): string {
  return `node "${name}" {
  ram          = 96
  kernel_image = "${kernel}"
  initrd       = "${initrd}"
  ${rest}
}
`;
}

let lab: TestLab;
beforeEach(() => {
  lab = new TestLab();
});
afterEach(() => lab.close());

async function refused(text: string, command: readonly string[] = ["plan"]): Promise<Result> {
  lab.write("a.lab.hcl", text);
  const result = await lab.run(command);
  expect(result.exitCode, result.stdout + result.stderr).toBe(1);
  expect(result.stderr).not.toMatch(/^\s+at .*\.[jt]s:\d+/m);
  return result;
}

describe("a wrong lab file is refused with its place", () => {
  const cases: readonly (readonly [what: string, text: string, ...expected: (string | RegExp)[]])[] = [
    ["a syntax error", `lab "x" {}\nnode "a" {\n  ram = = 3\n}\n`, "a.lab.hcl:3:9"],
    ["an unknown argument", `lab "x" {}\nnode "a" {\n  rma = 96\n}\n`, "a.lab.hcl:3:3", "rma", /did you mean "?ram/i],
    ["a wrong type", `lab "x" {}\nnode "a" {\n  ram = "much"\n}\n`, "a.lab.hcl:3:9", "number"],
    ["a duplicate node", `lab "x" {}\nnode "a" {}\nnode "a" {}\n`, "a.lab.hcl:3:1", "a.lab.hcl:2:1"],
    [
      "an unknown reference",
      `lab "x" {}\n${node("r1")}output "o" {\n  value = node.r2.pid\n}\n`,
      /a\.lab\.hcl:\d+:11/,
      /did you mean "?(node\.)?r1/i,
    ],
    [
      "an adapter out of range",
      `lab "x" {}\n${node("a")}${node("b")}link "l" {\n  endpoints = [node.a.adapter[0], node.b.adapter[3]]\n}\n`,
      /a\.lab\.hcl:15:/,
      "node.b has no adapter 3",
    ],
    [
      "an adapter used twice",
      `lab "x" {}\n${node("a")}${node("b", "adapters = 2")}link "l" {\n  endpoints = [node.a.adapter[0], node.b.adapter[0]]\n}\nlink "m" {\n  endpoints = [node.a.adapter[0], node.b.adapter[1]]\n}\n`,
      "Adapter 0 of node.a is used twice",
      "a.lab.hcl:15:",
      "a.lab.hcl:18:",
    ],
    [
      "a link to itself",
      `lab "x" {}\n${node("a")}link "l" {\n  endpoints = [node.a.adapter[0], node.a.adapter[0]]\n}\n`,
      "connects an adapter to itself",
      "a.lab.hcl:9:",
    ],
    [
      "a cycle",
      `lab "x" {}\nlocals {\n  a = local.b\n  b = local.a\n}\n`,
      "a.lab.hcl:3:",
      "a.lab.hcl:4:",
      "local.a",
      "local.b",
    ],
  ];
  it.each(cases)("%s", async (_what, text, ...expected) => {
    const { stderr } = await refused(String(text));
    for (const one of expected) {
      if (typeof one === "string") expect(stderr).toContain(one);
      else expect(stderr).toMatch(one);
    }
  });

  it("three mistakes in three blocks are three errors", async () => {
    const { stderr } = await refused(
      `lab "x" {}\nnode "a" {\n  rma = 1\n}\nnode "b" {\n  ram = "x"\n}\nnode "c" {\n  cpsu = 2\n}\n`,
      ["validate"],
    );
    expect(stderr.match(/^Error:/gm)).toHaveLength(3);
  });
});

describe("what the host lacks is named with its role and path", () => {
  it("a missing image", async () => {
    const { stderr } = await refused(`lab "x" {}\nnode "a" {\n  kernel_image = "nowhere/vmlinuz"\n}\n`);
    expect(stderr).toMatch(/kernel/i);
    expect(stderr).toContain("nowhere/vmlinuz");
    expect(stderr).toContain("a.lab.hcl:2:1");
  });

  it("a missing QEMU binary", async () => {
    const { stderr } = await refused(`lab "x" {}\nnode "a" {\n  qemu_binary = "qemu-system-nothing"\n}\n`);
    expect(stderr).toContain("qemu-system-nothing");
  });

  it("a QEMU that exits at once, with its own words", async () => {
    lab.write("broken", "no kernel");
    const text = `lab "x" {}\nnode "a" {\n  kernel_image = "broken"\n}\n`;
    const { stderr, stdout } = await refused(text, ["apply", "-auto-approve"]);
    expect(stderr).toContain("node.a");
    expect(stderr).toContain("invalid kernel header");
    expect(stdout).not.toContain("Apply complete");
  });

  it("a port that is taken, with its number and who has it", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    try {
      const { stderr } = await refused(`lab "x" {}\n${node("a", `console_port = ${port}`)}`, [
        "apply",
        "-auto-approve",
      ]);
      expect(stderr).toContain(String(port));
      expect(stderr).toContain("node.a");
    } finally {
      server.close();
    }
  });

  it.skipIf(!canBeOthers())("a directory that is not writable", async () => {
    lab.write("a.lab.hcl", `lab "x" {}\n${node("a")}`);
    chmodSync(lab.directory, 0o555);
    chmodSync(lab.stateHome, 0o777);
    const result = await lab.run(["apply", "-auto-approve"], { uid: 65534 });
    chmodSync(lab.directory, 0o755);
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toContain(lab.directory);
    expect(result.stderr).toMatch(/EACCES|permission/i);
  });
});

describe("a state that cannot be used is left as it is", () => {
  const damage = async (file: string, change: (text: string) => string, ...expected: readonly (string | RegExp)[]) => {
    lab.write("a.lab.hcl", `lab "x" {}\noutput "o" {\n  value = 1\n}\n`);
    expect((await lab.run(["apply", "-auto-approve"])).exitCode).toBe(0);
    const path = lab.path(`.labform/default/${file}`);
    const original = readFileSync(path, "utf8");
    const damaged = change(original);
    writeFileSync(path, damaged);
    const result = await lab.run(["apply", "-auto-approve", "-no-color"]);
    expect(result.exitCode, result.stdout + result.stderr).toBe(1);
    for (const one of expected) expect(result.stderr).toMatch(one);
    expect(result.stderr).toContain(path);
    expect(readFileSync(path, "utf8")).toBe(damaged);
    writeFileSync(path, original);
  };

  it("from a newer labform", () =>
    damage(
      "state.json",
      (text) =>
        text.replace('"format": 1', '"format": 99').replace(/"labformVersion": "[^"]*"/, '"labformVersion": "9.9.9"'),
      /newer/,
      /9\.9\.9/,
    ));
  it("when it is damaged", () => damage("state.json", (text) => text.slice(0, text.length / 2), /damaged/));
  it("when the journal is damaged in its middle", () =>
    damage(
      "journal.jsonl",
      () => 'deadbeef {"record":"end","time":"x"}\n00000000 {"record":"end","time":"y"}\n',
      /journal/i,
      /line 1/,
    ));
});
