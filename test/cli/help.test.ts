import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { commonFlags, flagParts, shownFlag, valuedFlags } from "../../src/cli/command.ts";
import { commands } from "../../src/cli/commandTable.ts";
import { platformName } from "../../src/cli/platform.ts";
import { Engine } from "../engine/engine.ts";
import { goldenBeside } from "../support/golden.ts";

const golden = goldenBeside(import.meta.url);

let engine: Engine;
beforeAll(() => {
  engine = new Engine('lab "h" {}\n');
});
afterAll(() => engine.close());

describe("help", () => {
  it("names every command with what it does, however it is asked for", async () => {
    const { stdout, exitCode } = await engine.run("help");
    expect(exitCode).toBe(0);
    for (const { name, summary } of commands)
      expect(stdout).toMatch(new RegExp(`^  ${name} +${summary.slice(0, 20)}`, "m"));
    for (const way of ["-help", "--help", "-h"]) expect(await engine.run(way)).toMatchObject({ stdout, exitCode: 0 });
    // Where no command was given nothing was done.
    expect(await engine.run()).toEqual({ stdout: "", stderr: stdout, exitCode: 1 });
  });

  it.each(commands.map((one) => [one.name, one] as const))("tells all of %s", async (name, command) => {
    const { stdout, exitCode } = await engine.run("help", name);
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`labform [-chdir=DIR] ${name} [flags]${command.operands ? ` ${command.operands}` : ""}\n`);
    for (const flag of [...command.flags, ...commonFlags]) expect(stdout).toContain(`\n  ${shownFlag(flag)}`);
    expect(stdout).toContain(`\n  ${command.example}\n`);
    expect(stdout.split("\n").filter((line) => line.length > 100)).toEqual([]);
    expect(await engine.run(name, "-help")).toMatchObject({ stdout, exitCode: 0 });
  });

  it("looks like this", async () => {
    golden("help-logs.txt", (await engine.run("help", "logs")).stdout);
  });

  it("knows no command that there is not", async () => {
    const { stdout, stderr, exitCode } = await engine.run("help", "aply");
    expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 1 });
    expect(stderr).toContain('There is no command "aply"\n\n  Did you mean "apply"?');
  });
});

test("every example is a command line that labform takes", () => {
  for (const { name, example, flags } of commands) {
    const words = example.match(/"[^"]*"|'[^']*'|\S+/g) ?? [];
    const known = [...flags, ...commonFlags].flatMap((flag) => flagParts(flag).names);
    expect(example).toContain(`labform ${name}`);
    if (commands.find((one) => one.name === name)?.passesOn) continue;
    for (const word of words.filter((one) => one.startsWith("-"))) {
      expect(known, example).toContain(word.replace(/^-/, "").replace(/=.*/, ""));
    }
  }
});

test.each([
  [["plna"], ['There is no command "plna"', 'Did you mean "plan"?', "labform -help lists the commands."]],
  [["xyzzy"], ['There is no command "xyzzy"\n\n  labform -help lists the commands.']],
  [
    ["plan", "-detailed-exitcod"],
    ["plan has no flag -detailed-exitcod", "Did you mean -detailed-exitcode?"],
  ],
  [
    ["plan", "--tarhet=node.a"],
    ["plan has no flag -tarhet", "Did you mean -target?"],
  ],
  [
    ["plan", "-auto-approve"],
    ["plan has no flag -auto-approve", "It is one of apply and destroy."],
  ],
  [["plan", "-qqqq"], ["plan has no flag -qqqq\n\n  labform help plan lists its flags."]],
  [
    ["-chdr=x", "plan"],
    ["There is no flag -chdr before the command's name", "Did you mean -chdir?"],
  ],
  [
    ["-json", "plan"],
    ["-json goes behind the command's name", "Write labform plan -json."],
  ],
  [["-json"], ["-json goes behind a command's name", "Write labform plan -json, say."]],
  [["state"], ["state needs one of list, show, mv, rm, pull and push", "Example: labform state mv"]],
  [
    ["plan", "-json=true"],
    ["-json takes no value", 'Leave out "=true".'],
  ],
  [
    ["plan", "-out"],
    ["-out needs a value", "-out=FILE"],
  ],
  [
    ["plan", "extra"],
    ["plan was given too many words", "It takes none."],
  ],
  [
    ["show", "a", "b"],
    ["show was given too many words", "It takes [planfile]."],
  ],
  [["console"], ["console needs a node", "Example: labform console r1."]],
])("%j is refused on standard error, with what was meant", async (words, messages) => {
  const { exitCode, stdout, stderr } = await engine.run(...words);
  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
  for (const message of messages) expect(stderr).toContain(message);
});

test("version says what belongs to it, under Terraform's names where it has them", async () => {
  const { stdout } = await engine.run("version", "-json");
  expect(JSON.parse(stdout)).toEqual({
    format_version: "1.0",
    labform_version: "0.1.0",
    platform: platformName(process.platform, process.arch),
    provider_selections: { memory: "0.1.0" },
    state_format: expect.any(Number),
    plan_format: expect.any(Number),
    node_version: process.versions.node,
  });
  for (const way of ["-version", "--version", "-v"]) expect((await engine.run(way, "-json")).stdout).toBe(stdout);
  expect((await engine.run("version")).stdout).toBe(
    `labform v0.1.0\non ${platformName(process.platform, process.arch)}\n`,
  );
});

test.each([
  ["linux", "x64", "linux_amd64"],
  ["linux", "arm64", "linux_arm64"],
  ["linux", "riscv64", "linux_riscv64"],
  ["darwin", "arm64", "darwin_arm64"],
  ["win32", "ia32", "windows_386"],
])("the platform %s, %s is %s", (platform, architecture, name) => {
  expect(platformName(platform, architecture)).toBe(name);
});

test("a flag is read off what commander reads", () => {
  expect(flagParts({ flags: "-f, --follow", description: "" })).toEqual({
    names: ["f", "follow"],
    value: undefined,
    optional: false,
  });
  expect(flagParts({ flags: "--watch [interval]", description: "" })).toEqual({
    names: ["watch"],
    value: "interval",
    optional: true,
  });
  expect(flagParts({ flags: "--format <a|b>", description: "" })).toEqual({
    names: ["format"],
    value: "a|b",
    optional: false,
  });
  expect(
    valuedFlags([
      { flags: "--var-file <file>", description: "" },
      { flags: "--plan [file]", description: "" },
    ]),
  ).toEqual(new Set(["var-file"]));
});
