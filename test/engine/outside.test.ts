import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { goldenBeside } from "../support/golden.ts";
import { Engine } from "./engine.ts";

const golden = goldenBeside(import.meta.url);

let engine: Engine;
beforeEach(() => {
  engine = new Engine();
});
afterEach(() => {
  engine.close();
});

const file = (name: string, text: string | Uint8Array) => writeFileSync(join(engine.directory, name), text);
const saved = () => readFileSync(join(engine.directory, "saved"), "utf8");

/** Without the line ends that the terminal's width makes. */
const unwrapped = (text: string) => text.replace(/\s+/g, " ");

const lab = (rest: string) => engine.write(`lab "files" {}\n${rest}\n`);

async function output(name: string): Promise<string> {
  const { stdout, stderr, exitCode } = await engine.run("output", name);
  expect(exitCode, stderr).toBe(0);
  return stdout.trim();
}

async function apply(...args: readonly string[]): Promise<void> {
  const { stderr, exitCode } = await engine.run("apply", ...(args.length > 0 ? args : ["-auto-approve"]));
  expect(exitCode, stderr).toBe(0);
}

test("relative names start in the lab's directory, in validations, locals, provider settings and nodes alike", async () => {
  mkdirSync(join(engine.directory, "texts"));
  file("texts/note.txt", "from a file");
  lab(`
variable "note" {
  default = "texts/note.txt"
  validation {
    condition     = fileexists(var.note)
    error_message = "There is no \${var.note}."
  }
}
provider "memory" {
  hub = trimspace(file("texts/note.txt"))
}
locals {
  note = file(var.note)
}
node "a" {
  note = local.note
}
output "note" {
  value = node.a.note
}
output "names" {
  value = join(" ", fileset(path.module, "**/*.txt"))
}`);
  await apply();
  expect(await output("note")).toBe('"from a file"');
  expect(await output("names")).toBe('"texts/note.txt"');
  const broken = await engine.run("plan", "-var", "note=no.txt");
  expect(broken.stderr).toContain("There is no no.txt.");
});

test.each([
  ["the body of a loop over what is not known", '[for one in split(",", local.pid) : file("note.txt")]', '["note"]'],
  ["a template's loop over it", 'templatefile("loop.tpl", { list = split(",", local.pid) })', '"note"'],
  [
    "a template given no more than is known later",
    'templatefile("loop.tpl", jsondecode("{\\"list\\":[1]}${local.none}"))',
    '"note"',
  ],
  ["a loop's condition", '[for one in ["x"] : file("note.txt") if local.pid != ""]', '["note"]'],
  ["what try() falls back to", 'try(local.list[local.pid], file("note.txt"))', '"note"'],
  [
    "a choice in a text",
    '"%{ if local.pid == "" }${file("gone.txt")}%{ else }${file("note.txt")}%{ endif }"',
    '"note"',
  ],
])("%s reads its files at plan", async (_, expression, expected) => {
  file("note.txt", "note");
  file("loop.tpl", '%{ for one in list }${file("note.txt")}%{ endfor }');
  lab(`
node "a" {}
locals {
  pid  = "\${node.a.pid}"
  none = substr(local.pid, 0, 0)
  list = [local.none]
}
output "read" {
  value = ${expression}
}`);
  const { exitCode, stderr } = await engine.run("plan", "-out", "saved");
  expect(exitCode, stderr).toBe(0);
  rmSync(join(engine.directory, "note.txt"));
  rmSync(join(engine.directory, "loop.tpl"));
  await apply("saved");
  expect(JSON.stringify(JSON.parse((await engine.run("output", "-json", "read")).stdout))).toBe(expected);
});

test("a file that is missing is told at the argument, with its name and where names start", async () => {
  lab('node "a" {\n  note = file("no.txt")\n}');
  const { stderr, exitCode } = await engine.run("plan");
  expect(exitCode).toBe(1);
  expect(stderr).toContain("Wrong argument of file()");
  expect(unwrapped(stderr)).toContain('there is no file "no.txt". Relative names start in the lab\'s directory');
  expect(stderr).toContain("a.lab.hcl:3:15");
});

test("validate reads files too, also where variables have no value", async () => {
  lab('variable "x" {}\nnode "a" {\n  note = "${var.x}${file("no.txt")}"\n}');
  const { stderr, exitCode } = await engine.run("validate");
  expect(exitCode).toBe(1);
  expect(stderr).toContain('there is no file "no.txt"');
});

describe("an argument that waits for something", () => {
  const waiting = `
node "a" {}
node "b" {
  note = "\${file("text.txt")}\${filesha1("text.txt")} \${filebase64("bytes")} \${templatefile("t.tmpl", { serial = node.a.serial_number })}\${length(fileset(".", "*.txt"))}\${fileexists("gone")}"
}
output "note" {
  value = node.b.note
}`;

  beforeEach(() => {
    file("text.txt", "é");
    file("bytes", Uint8Array.of(0xff, 0));
    file("t.tmpl", '[${upper("serial")} ${serial}]');
  });

  test("is applied with the files as they were when the plan was made", async () => {
    lab(waiting);
    expect((await engine.run("plan", "-out=saved")).exitCode).toBe(0);
    for (const name of ["text.txt", "bytes", "t.tmpl", "a.lab.hcl"]) rmSync(join(engine.directory, name));
    file("gone", "");
    file("more.txt", "");
    await apply("saved");
    const digest = createHash("sha1").update("é").digest("hex");
    expect(await output("note")).toMatch(new RegExp(`^"é${digest} /wA= \\[SERIAL \\d+\\]1false"$`));
  });

  test("keeps only what it read itself", async () => {
    file("other.txt", "other content");
    lab(`${waiting}\nnode "c" {\n  note = file("other.txt")\n}`);
    await engine.run("plan", "-out=saved");
    const plan = JSON.parse(saved()) as {
      readonly changes: readonly { readonly address: string; readonly deferred: { readonly note?: object } }[];
    };
    const deferred = JSON.stringify(plan.changes.find((one) => one.address === "node.b")?.deferred.note);
    expect(deferred).toContain('[${upper(\\"serial\\")} ${serial}]');
    expect(deferred).not.toContain("other content");
    expect(plan.changes.find((one) => one.address === "node.c")?.deferred).toEqual({});
  });

  test("is refused at apply where the name of the file was not known at plan", async () => {
    lab('node "a" {}\nnode "b" {\n  note = file("${node.a.serial_number}.txt")\n}');
    const { stderr, exitCode } = await engine.run("apply", "-auto-approve");
    expect(exitCode).toBe(1);
    expect(stderr).toContain("Wrong argument of file()");
    expect(stderr).toMatch(/"\d+\.txt" was not read when the plan was made/);
  });

  test("shows where in its template it went wrong, though that is not opened any more", async () => {
    file("t.tmpl", 'first\n${["a"][serial]}');
    lab(waiting);
    const { stderr, exitCode } = await engine.run("apply", "-auto-approve");
    expect(exitCode).toBe(1);
    expect(unwrapped(stderr)).toContain("t.tmpl:2:9, used at a.lab.hcl:5:10");
  });
});

test("a template's mistake is shown in the template, and the call beside it", async () => {
  file("motd.tmpl", "Welcome\n\nto ${nane}!\n");
  lab('node "a" {\n  note = templatefile("motd.tmpl", { name = "r1" })\n}');
  const { stderr, exitCode } = await engine.run("plan");
  expect(exitCode).toBe(1);
  golden("template-mistake.txt", stderr);
});

test("what is read is sensitive where its name is, and is shown nowhere", async () => {
  file("secret.txt", "hunter2");
  lab('variable "name" {\n  default   = "secret.txt"\n  sensitive = true\n}\nnode "a" {\n  note = file(var.name)\n}');
  const { stdout, stderr } = await engine.run("plan");
  expect(stdout).toContain("(sensitive value)");
  expect(stdout + stderr).not.toContain("hunter2");
});

describe("the time", () => {
  const times = `
node "a" {
  note = "\${plantimestamp()} \${timestamp()}"
}
output "note" {
  value = node.a.note
}
output "plan" {
  value = plantimestamp()
}`;

  test("of apply is known after apply, that of the plan at plan, and is the plan's own", async () => {
    lab(times);
    const { stdout } = await engine.run("plan", "-out=saved");
    expect(stdout).toMatch(/note += \(known after apply\)/);
    const { time } = JSON.parse(saved()) as { readonly time: string };
    const planned = time.replace(/\.\d+Z$/, "Z");
    expect(stdout).toMatch(new RegExp(`plan += "${planned}"`));
    await apply("saved");
    const [, plan, applied] = /^"(\S+) (\S+)"$/.exec(await output("note")) ?? [];
    expect(plan).toBe(planned);
    expect(applied).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(Date.parse(String(applied))).toBeGreaterThanOrEqual(Date.parse(planned));
  });
});
