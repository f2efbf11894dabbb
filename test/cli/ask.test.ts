import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";
import type { IPty } from "@lydell/node-pty";
import { spawn } from "@lydell/node-pty";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

const program = fileURLToPath(new URL("../../dist/labform.js", import.meta.url));

const lab = `lab "ask" {}

variable "ram" {
  type        = number
  description = "Memory of a router.\\n  In MiB."
}

variable "secret" {
  type      = string
  sensitive = true
}

variable "names" {
  type = list(string)
}

variable "given" {
  default = 1
}

output "all" {
  value     = "\${var.ram} \${var.secret} \${join("+", var.names)}"
  sensitive = true
}
`;

const PROMPT = "Enter a value: ";

let directory: string;
let terminals: Terminal[];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "labform-ask-"));
  writeFileSync(join(directory, "a.lab.hcl"), lab);
  terminals = [];
});
afterEach(() => {
  for (const terminal of terminals) terminal.kill();
  rmSync(directory, { recursive: true });
});

const environment = (more: { readonly [name: string]: string } = {}) => ({
  PATH: process.env["PATH"] ?? "",
  HOME: directory,
  XDG_STATE_HOME: join(directory, "registry"),
  TERM: "xterm",
  ...more,
});

/** A program on a pseudo-terminal of its own. */
class Terminal {
  /** What the screen was sent. */
  text = "";
  readonly exitCode: Promise<number>;
  readonly #pty: IPty;
  #answered = 0;
  #ended = false;
  #noticed = () => {};

  constructor(command: string, args: readonly string[], more?: { readonly [name: string]: string }) {
    const options = { cwd: directory, env: environment(more), cols: 80, rows: 24 };
    this.#pty = spawn(command, [...args], options);
    this.#pty.onData((data) => {
      this.text += stripVTControlCharacters(data).replaceAll("\r", "");
      this.#noticed();
    });
    this.exitCode = new Promise((resolve) => {
      this.#pty.onExit(({ exitCode }) => {
        this.#ended = true;
        this.#noticed();
        resolve(exitCode);
      });
    });
    terminals.push(this);
  }

  /** Types `keys` once the next question is there. */
  async answer(keys: string): Promise<void> {
    while (!this.text.includes(PROMPT, this.#answered)) {
      if (this.#ended) throw new Error(`ended without a question:\n${this.text}`);
      await new Promise<void>((resolve) => {
        this.#noticed = resolve;
      });
    }
    this.#answered = this.text.indexOf(PROMPT, this.#answered) + PROMPT.length;
    this.#pty.write(keys);
  }

  kill(): void {
    if (!this.#ended) this.#pty.kill("SIGKILL");
  }
}

const labform = (...args: readonly string[]) => new Terminal(process.execPath, [program, ...args]);

describe("on a terminal", () => {
  test("each missing variable is asked for in the order of the files, a sensitive one without echo", async () => {
    const terminal = labform("apply", "-no-color");
    await terminal.answer("512\r");
    await terminal.answer("hunter2\r");
    await terminal.answer('["a", "b"]\r');
    await terminal.answer("yes\r");
    expect(await terminal.exitCode).toBe(0);
    expect(
      terminal.text.startsWith(`var.ram
  Memory of a router.
    In MiB.

  Enter a value: 512

var.secret
  Enter a value:${" "}

var.names
  Enter a value: ["a", "b"]

`),
    ).toBe(true);
    expect(terminal.text).not.toContain("hunter2");
    const output = execFileSync(process.execPath, [program, "output", "-raw", "all"], {
      cwd: directory,
      env: environment(),
    });
    expect(output.toString()).toBe("512 hunter2 a+b");
  });

  test("what is typed ahead is taken for the questions to come, and a secret in it is not shown", async () => {
    const terminal = labform("plan");
    await terminal.answer('512\rhunter2\r["a"]\r');
    expect(await terminal.exitCode).toBe(0);
    expect(terminal.text).not.toContain("hunter2");
    expect(terminal.text).toContain("(sensitive value)");
  });

  test("a value of another type ends it at once", async () => {
    const terminal = labform("plan");
    await terminal.answer("much\r");
    expect(await terminal.exitCode).toBe(1);
    expect(terminal.text).toContain("Wrong type for var.ram");
    expect(terminal.text).not.toContain("var.secret");
  });

  test.each([
    ["Ctrl-C", "\u0003"],
    ["Ctrl-D", "\u0004"],
  ])("%s leaves the question, and nothing is done", async (name, key) => {
    const terminal = labform("apply", "-auto-approve");
    await terminal.answer("512\r");
    await terminal.answer(`hunt${name === "Ctrl-C" ? "" : "\u0015"}${key}`);
    expect(await terminal.exitCode).toBe(1);
    expect(terminal.text).toContain("No value for var.secret");
    expect(terminal.text.replace(/\s+/g, " ")).toContain(`Its question was left with ${name}, and nothing was done.`);
    expect(terminal.text).not.toContain("hunt");
  });

  test("questions are shown where standard output is redirected, and do not get into it", async () => {
    const terminal = new Terminal("sh", ["-c", `"${process.execPath}" "${program}" plan > plan.txt`]);
    await terminal.answer('512\rhunter2\r["a"]\r');
    expect(await terminal.exitCode).toBe(0);
    expect(readFileSync(join(directory, "plan.txt"), "utf8")).toMatch(/^\s*Changes to outputs:/);
  });

  test.each([
    ["-input=false", ["plan", "-input=false"], {}],
    ["LABFORM_INPUT=0", ["plan"], { LABFORM_INPUT: "0" }],
    ["-json", ["plan", "-json"], {}],
  ])("nobody is asked with %s", async (_, args, more) => {
    const terminal = new Terminal(process.execPath, [program, ...args], more);
    expect(await terminal.exitCode).toBe(1);
    expect(terminal.text).not.toContain(PROMPT);
    for (const name of ["ram", "secret", "names"]) expect(terminal.text).toContain(`No value for var.${name}`);
  });

  test("nobody is asked for values of a lab that is wrong in another way", async () => {
    writeFileSync(join(directory, "b.lab.hcl"), "locals {\n  a = var.none\n}\n");
    const terminal = labform("plan");
    expect(await terminal.exitCode).toBe(1);
    expect(terminal.text).toContain("var.none does not exist");
    expect(terminal.text).not.toMatch(/Enter a value|No value for/);
  });
});

test("without a terminal missing values are errors", () => {
  const ended = spawnSync(process.execPath, [program, "plan"], { cwd: directory, env: environment(), input: "512\n" });
  expect(ended.status).toBe(1);
  expect(ended.stdout.toString()).toBe("");
  expect(ended.stderr.toString()).toContain("No value for var.ram");
});
