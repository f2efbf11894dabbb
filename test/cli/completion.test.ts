import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { commands } from "../../src/cli/commandTable.ts";
import { escapeForBash, readLine } from "../../src/cli/completion/line.ts";
import { shells } from "../../src/cli/completion/scripts.ts";
import { Engine } from "../engine/engine.ts";

const lab = `
lab "c" {}
variable "size" {
  default = 1
}
node "router" {
  for_each = toset(["r1", "r 2"])
  adapters = 2
}
node "a" {}
link "up" {
  endpoints = [node.router["r1"].adapter[0], node.a.adapter[0]]
}
output "first" {
  value = 1
}
`;

let fresh: Engine;
let applied: Engine;
beforeAll(async () => {
  fresh = new Engine(lab);
  applied = new Engine(lab);
  const { exitCode, stderr } = await applied.run("apply", "-auto-approve");
  expect(exitCode, stderr).toBe(0);
  await applied.run("plan", "-out=change.plan");
});
afterAll(() => {
  fresh.close();
  applied.close();
});

/** What labform answers to fish's question, whose words come as they are. */
async function asked(engine: Engine, ...words: readonly string[]): Promise<readonly string[]> {
  const { exitCode, stdout, stderr } = await engine.run("__complete", "fish", ...words);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  const [kind = "", ...lines] = stdout.trimEnd().split("\n");
  return kind === "words" ? lines.map((line) => line.split("\t")[0] ?? "") : [kind];
}

describe("what is completed", () => {
  it("are commands, with what they do", async () => {
    expect(await asked(applied, "")).toEqual(commands.map(({ name }) => name));
    const beginning = commands.map(({ name }) => name).filter((name) => name.startsWith("st"));
    expect(await asked(applied, "st")).toEqual(beginning);
    expect(beginning).toEqual(expect.arrayContaining(["status", "start", "stop"]));
    const { stdout } = await applied.run("__complete", "fish", "pla");
    expect(stdout).toBe("words\nplan\tshow what apply would do; changes nothing\n");
  });

  it.each([
    [["-"], ["-chdir=", "-workspace=", "-help"]],
    [
      ["plan", "-d"],
      ["-destroy", "-detailed-exitcode"],
    ],
    [["plan", "--detailed"], ["-detailed-exitcode"]],
    [["logs", "a", "-f"], ["-follow"]],
    [["graph", "-format=m"], ["mermaid"]],
    [
      ["graph", "-format", ""],
      ["svg", "dot", "mermaid", "json"],
    ],
    [
      ["plan", "-refresh="],
      ["true", "false"],
    ],
    [["plan", "-out="], ["files"]],
    [["plan", "-var-file", ""], ["files"]],
    [["-chdir="], ["directories"]],
    [["-chdir", "x"], ["directories"]],
    [["plan", "-parallelism="], []],
    [
      ["completion", ""],
      ["bash", "zsh", "fish"],
    ],
    [["help", "pl"], ["plan"]],
    [
      ["capture", ""],
      ["start", "stop", "follow"],
    ],
    [["capture", "start", "up", ""], ["files"]],
    [["plan", ""], []],
    [["nothing", ""], []],
    [["plan", "--", "-"], []],
  ])("of %j: %j", async (words, wanted) => {
    expect(await asked(applied, ...words)).toEqual(wanted);
  });

  it("are the nodes and links of the state", async () => {
    const nodes = ["a", 'router["r 2"]', 'router["r1"]'];
    expect(await asked(applied, "console", "")).toEqual(nodes);
    expect(await asked(applied, "stop", "a", "")).toEqual(nodes);
    expect(await asked(applied, "console", "a", "")).toEqual([]);
    expect(await asked(applied, "capture", "stop", "")).toEqual(["up"]);
    expect(await asked(applied, "plan", "-target=node.r")).toEqual(['node.router["r 2"]', 'node.router["r1"]']);
    expect(await asked(applied, "plan", "-target", "li")).toEqual(["link.up"]);
    expect(await asked(applied, "plan", "-exclude=link")).toEqual(["link.up"]);
    expect(await asked(applied, "output", "")).toEqual(["first"]);
    expect(await asked(applied, "apply", "")).toEqual(["change.plan"]);
    expect(await asked(applied, "graph", "-plan=")).toEqual(["change.plan"]);
  });

  it("are those that the files declare where nothing is applied", async () => {
    expect(await asked(fresh, "console", "")).toEqual(["router", "a"]);
    expect(await asked(fresh, "plan", "-target=")).toEqual(["node.router", "node.a", "link.up"]);
    expect(await asked(fresh, "output", "")).toEqual(["first"]);
    expect(await asked(fresh, "plan", "-var", "")).toEqual(["size="]);
    expect(await asked(fresh, "show", "")).toEqual(["files"]);
  });

  it("are those of the directory that -chdir names", async () => {
    expect(await asked(fresh, `-chdir=${applied.directory}`, "console", "")).toContain('router["r1"]');
    expect(await asked(fresh, "-chdir", applied.directory, "console", "")).toContain('router["r1"]');
    expect(await asked(fresh, "-chdir=nowhere", "console", "")).toEqual([]);
  });

  it("is nothing in what a command passes on", async () => {
    expect(await asked(applied, "monitor", "")).toHaveLength(3);
    expect(await asked(applied, "monitor", "a", "")).toEqual([]);
    expect(await asked(applied, "monitor", "a", "-")).toEqual([]);
  });

  it("are modules and what is in them, in JSON too, also from a file that is wrong further on", async () => {
    const other = new Engine('lab "o" {}\nnode "x" {}\nnode "y" {');
    writeFileSync(join(other.directory, "b.lab.json"), '{ "node": { "z": {} }, "link": [{ "l": {} }, { "m": {} }] }');
    writeFileSync(join(other.directory, "c.lab.json"), "{");
    expect(await asked(other, "console", "")).toEqual(expect.arrayContaining(["x", "z"]));
    expect(await asked(other, "capture", "start", "")).toEqual(["l", "m"]);
    other.close();
  });
});

test("a shell that is not known is refused with those that are", async () => {
  const { exitCode, stderr } = await fresh.run("completion", "zhs");
  expect(exitCode).toBe(1);
  expect(stderr).toContain('There is no completion for "zhs"\n\n  Did you mean "zsh"?');
});

test.each([
  ["labform plan -d", { words: ["labform", "plan", "-d"], quote: "" }],
  ["labform plan ", { words: ["labform", "plan", ""], quote: "" }],
  ["labform stop 'a b' \"c", { words: ["labform", "stop", "a b", "c"], quote: '"', quotedFrom: 0 }],
  ["labform -x='no", { words: ["labform", "-x=no"], quote: "'", quotedFrom: 3 }],
  ['a r\\[\\"r\\ 2', { words: ["a", 'r["r 2'], quote: "" }],
  ['a "x\\"y', { words: ["a", 'x"y'], quote: '"' }],
  ["a \\", { words: ["a", ""], quote: "" }],
  ["a $(b `c", { words: ["a", "$(b", "`c"], quote: "" }],
])("the line %j is split as a shell does", (line, wanted) => {
  expect(readLine(line)).toMatchObject(wanted);
});

test("what is escaped for bash is read back as it was", () => {
  const word = "a[\"b c\"] \\ $(x) `y` 'z' *?~!&;|<>()\n%é";
  const { stdout } = spawnSync("bash", ["-c", `printf %s ${escapeForBash(word)}`], { encoding: "utf8" });
  expect(stdout).toBe(word);
});

/** A directory with the labform that users run, to be put on PATH. */
function programs(): string {
  const directory = mkdtempSync(join(tmpdir(), "labform-bin-"));
  const path = join(directory, "labform");
  writeFileSync(path, `#!/bin/sh\nexec '${process.execPath}' '${resolve("dist/labform.js")}' "$@"\n`);
  chmodSync(path, 0o755);
  return directory;
}

function isInstalled(shell: string): boolean {
  return spawnSync(shell, ["-c", "exit 0"]).status === 0;
}

/** What each shell takes in for a line of its own, by its own completion function. */
const harness: { readonly [shell in (typeof shells)[number]]: (line: string) => readonly string[] } = {
  bash: (line) => [
    "--norc",
    "-c",
    `source <(labform completion bash); source <(labform completion bash)
compopt() { printf 'compopt %s %s\\n' "$@"; }
COMP_LINE=$1 COMP_POINT=\${#1}; _labform; printf '%s\\n' "\${COMPREPLY[@]}"`,
    "bash",
    line,
  ],
  zsh: (line) => [
    "-f",
    "-c",
    `compdef() { :; }; eval "$(labform completion zsh)"
compadd() { local name=\${@[-1]}; print -rl -- \${(P)name}; }
compset() { PREFIX=\${PREFIX#*=}; }
_files() { print -r files $*; }
words=("\${(@z)1}"); [[ $1 == *' ' ]] && words+=(''); CURRENT=$#words; PREFIX=$words[-1]; _labform`,
    "zsh",
    line,
  ],
  fish: (line) => ["--no-config", "-c", "labform completion fish | source; complete -C $argv[1]", line],
};

function completed(shell: (typeof shells)[number], line: string, bin: string): readonly string[] {
  const { stdout, stderr, status } = spawnSync(shell, harness[shell](line), {
    cwd: applied.directory,
    env: {
      ...process.env,
      PATH: `${bin}:${process.env.PATH ?? ""}`,
      XDG_STATE_HOME: join(applied.directory, ".state"),
    },
    encoding: "utf8",
  });
  expect(stderr, `${shell}: ${line}`).toBe("");
  expect(status).toBe(0);
  return stdout.split("\n").flatMap((one) => (one.trim() === "" ? [] : [one.split("\t")[0] ?? ""]));
}

describe.each(shells)("in %s", (shell) => {
  const wanted = { bash: 'router\\[\\"r1\\"\\]', zsh: 'router["r1"]', fish: 'router["r1"]' }[shell];
  let bin: string;
  beforeAll(() => {
    bin = programs();
  });
  afterAll(() => rmSync(bin, { recursive: true, force: true }));

  it.skipIf(shell !== "bash" && !isInstalled(shell))("lines are completed by its script", () => {
    expect(completed(shell, "labform grap", bin)).toEqual(["graph"]);
    expect(completed(shell, "labform plan -det", bin)).toEqual(["-detailed-exitcode"]);
    expect(completed(shell, "labform console rou", bin)).toContain(wanted);
    const format = completed(shell, "labform graph -format=m", bin);
    expect(format).toEqual([shell === "fish" ? "-format=mermaid" : "mermaid"]);
    expect(completed(shell, "labform apply ", bin)).toEqual(["change.plan"]);
  });

  it.skipIf(shell !== "bash" && !isInstalled(shell))("nothing of what is typed is executed", () => {
    for (const word of [
      "$(touch$IFS'executed')",
      "`touch executed`",
      "-var=$(touch executed)=",
      "';touch executed;'",
    ]) {
      completed(shell, `labform stop ${word}`, bin);
    }
    expect(spawnSync("test", ["-e", join(applied.directory, "executed")]).status).toBe(1);
  });
});

test("bash goes on in an open quote, and leaves files and directories to itself", () => {
  const bin = programs();
  expect(completed("bash", "labform console 'router[", bin)).toEqual(['router["r 2"]', 'router["r1"]']);
  expect(completed("bash", "labform plan -target=node.router", bin)).toEqual([
    'node.router\\[\\"r\\ 2\\"\\]',
    'node.router\\[\\"r1\\"\\]',
  ]);
  expect(completed("bash", 'labform plan "-target=node.a', bin)).toEqual(["-target=node.a"]);
  expect(completed("bash", "labform plan -out=x", bin)).toEqual(["compopt -o default"]);
  expect(completed("bash", "labform -chdir=x", bin)).toEqual(["compopt -o dirnames"]);
  expect(completed("bash", "A=1 labform -ch", bin)).toEqual(["compopt -o nospace", "-chdir="]);
  rmSync(bin, { recursive: true, force: true });
});
