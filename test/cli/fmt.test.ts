import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { PassThrough, Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { main } from "../../src/cli/cli.ts";
import type { Context } from "../../src/cli/context.ts";
import { createContext } from "../../src/main/start.ts";
import { goldenBeside } from "../support/golden.ts";

const golden = goldenBeside(import.meta.url);

const messy = 'node r1 {\nimage="disk.qcow2" # the base\n    memory   =512\n}\n';
const neat = 'node "r1" {\n  image  = "disk.qcow2" # the base\n  memory = 512\n}\n';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "labform-fmt-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function put(name: string, text: string | Uint8Array): string {
  const path = join(directory, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

const textOf = (name: string): string => readFileSync(join(directory, name), "utf8");

interface World {
  readonly input?: string | Uint8Array;
  readonly isTTY?: boolean;
  readonly change?: (context: Context) => Context;
}

async function fmt(args: readonly string[], { input = "", isTTY = false, change = (one) => one }: World = {}) {
  const stdout = Object.assign(new PassThrough(), { isTTY });
  const stderr = Object.assign(new PassThrough(), { isTTY: false });
  const context: Context = {
    // Where no referee is found, there is no opinion of it.
    ...createContext("0.1.0", directory),
    environment: {},
    workingDirectory: directory,
    stdin: Readable.from([Buffer.from(input)]) as unknown as NodeJS.ReadStream,
    stdout: stdout as unknown as NodeJS.WriteStream,
    stderr: stderr as unknown as NodeJS.WriteStream,
  };
  const words = args[0]?.startsWith("-chdir") ? [args[0], "fmt", ...args.slice(1)] : ["fmt", ...args];
  const exitCode = await main(words, change(context));
  const read = (stream: PassThrough) => String(stream.read() ?? "");
  return { exitCode, stdout: read(stdout), stderr: read(stderr) };
}

const success = { exitCode: 0, stderr: "" };

describe("fmt", () => {
  test("formats the lab files and files of variables of the directory, and names those it changed", async () => {
    for (const name of ["b.lab.hcl", "a.lab.hcl", "labform.vars.hcl", "x.auto.vars.hcl", "other.vars.hcl"]) {
      put(name, messy);
    }
    put("neat.lab.hcl", neat);
    for (const name of ["c.lab.json", "notes.txt", "main.tf", ".hidden.lab.hcl", "old.lab.hcl~", "below/d.lab.hcl"]) {
      put(name, messy);
    }
    const changed = ["a.lab.hcl", "b.lab.hcl", "labform.vars.hcl", "other.vars.hcl", "x.auto.vars.hcl"];
    expect(await fmt([])).toEqual({ ...success, stdout: `${changed.join("\n")}\n` });
    for (const name of changed) expect(textOf(name)).toBe(neat);
    for (const name of ["c.lab.json", "notes.txt", "main.tf", ".hidden.lab.hcl", "old.lab.hcl~", "below/d.lab.hcl"]) {
      expect(textOf(name)).toBe(messy);
    }
    expect(await fmt([])).toEqual({ ...success, stdout: "" });
  });

  test("-recursive formats below too, but nothing hidden and nothing of what labform keeps", async () => {
    for (const name of ["a.lab.hcl", "a/z.lab.hcl", "a/b/c.vars.hcl", ".labform/d.lab.hcl", ".git/e.lab.hcl"]) {
      put(name, messy);
    }
    put("elsewhere/f.txt", messy);
    mkdirSync(join(directory, "elsewhere/f.lab.hcl"));
    symlinkSync(join(directory, "a"), join(directory, "link"));
    const { stdout, exitCode } = await fmt(["-recursive"]);
    expect([exitCode, stdout]).toEqual([0, "a/b/c.vars.hcl\na/z.lab.hcl\na.lab.hcl\n"]);
    expect(textOf(".labform/d.lab.hcl")).toBe(messy);
    expect(textOf(".git/e.lab.hcl")).toBe(messy);
  });

  test("formats the files and directories it is given, under the names it is given", async () => {
    put("a.lab.hcl", messy);
    put("below/b.lab.hcl", messy);
    put("below/c.lab.hcl", messy);
    put("below/.d.lab.hcl", messy);
    const names = ["./a.lab.hcl", "below", join(directory, "below/.d.lab.hcl")];
    const { stdout, exitCode } = await fmt(names);
    expect([exitCode, stdout]).toEqual([0, `./a.lab.hcl\nbelow/b.lab.hcl\nbelow/c.lab.hcl\n${names[2]}\n`]);
    expect(textOf("below/.d.lab.hcl")).toBe(neat);
  });

  test("with -chdir formats that directory, and names files from where the user stands", async () => {
    put("below/b.lab.hcl", messy);
    expect(await fmt(["-chdir=below"])).toEqual({ ...success, stdout: "below/b.lab.hcl\n" });
  });

  test("-list=false names nothing and -write=false changes nothing", async () => {
    put("a.lab.hcl", messy);
    expect(await fmt(["-write=false"])).toEqual({ ...success, stdout: "a.lab.hcl\n" });
    expect(textOf("a.lab.hcl")).toBe(messy);
    expect(await fmt(["-list=false"])).toEqual({ ...success, stdout: "" });
    expect(textOf("a.lab.hcl")).toBe(neat);
  });

  test("-check changes nothing, and its exit code says whether anything would", async () => {
    put("a.lab.hcl", messy);
    put("b.lab.hcl", neat);
    expect(await fmt(["-check"])).toEqual({ exitCode: 3, stderr: "", stdout: "a.lab.hcl\n" });
    expect(await fmt(["-check", "-list=false"])).toEqual({ exitCode: 3, stderr: "", stdout: "" });
    expect(textOf("a.lab.hcl")).toBe(messy);
    expect(await fmt(["-check", "b.lab.hcl"])).toEqual({ ...success, stdout: "" });
  });

  test("-diff shows what changes", async () => {
    put("a.lab.hcl", `# one\n\n# two\n\n# three\n${messy}\n\n\n\n\n\n\n\nlocals {\n  a = 1\n}\nx = "\${\n y }"`);
    put("below/b.vars.hcl", "a=1\r\nb = 2\r\n");
    const { stdout, exitCode } = await fmt(["-diff", "-recursive", "-check"]);
    expect(exitCode).toBe(3);
    golden("fmt-diff.txt", stdout);
  });

  test("a diff on a terminal is harmless to it, and elsewhere exact", async () => {
    put("a.lab.hcl", 'a="\u001b[2J"\n');
    expect((await fmt(["-diff", "-write=false"], { isTTY: true })).stdout).toContain('+a = "\\u{1b}[2J"');
    expect((await fmt(["-diff", "-write=false"])).stdout).toContain('+a = "\u001b[2J"');
  });

  test("finds nothing to change in labform's own examples", async () => {
    const examples = fileURLToPath(new URL("../../examples", import.meta.url));
    expect(readdirSync(examples, { recursive: true }).join(" ")).toContain(".lab.hcl");
    expect(await fmt(["-check", "-recursive", examples])).toEqual({ ...success, stdout: "" });
  });

  test("-json is one document", async () => {
    put("a.lab.hcl", messy);
    put("b.lab.hcl", neat);
    put("c.lab.hcl", "a = \n");
    const { exitCode, stdout, stderr } = await fmt(["-json", "-diff", "-check"]);
    expect([exitCode, stderr]).toEqual([1, ""]);
    expect(JSON.parse(stdout)).toMatchObject({
      format_version: "1.0",
      files: [
        { name: "a.lab.hcl", changed: true, diff: expect.stringContaining("+++ new/a.lab.hcl") },
        { name: "b.lab.hcl", changed: false },
      ],
      diagnostics: [{ severity: "error", range: { filename: "c.lab.hcl" } }],
    });
    const input = JSON.parse((await fmt(["-json", "-"], { input: "a=1" })).stdout);
    expect(input.files).toEqual([{ name: "<stdin>", changed: true, text: "a = 1" }]);
  });
});

describe("fmt of standard input", () => {
  test("writes what it gets in its form to standard output", async () => {
    expect(await fmt(["-"], { input: messy })).toEqual({ ...success, stdout: neat });
    expect(await fmt(["-"], { input: "a=1" })).toEqual({ ...success, stdout: "a = 1" });
    expect(await fmt(["-"])).toEqual({ ...success, stdout: "" });
  });

  test("with -check only says whether it has that form, with -diff what would change", async () => {
    expect(await fmt(["-check", "-"], { input: messy })).toEqual({ exitCode: 3, stderr: "", stdout: "" });
    expect(await fmt(["-check", "-"], { input: neat })).toEqual({ ...success, stdout: "" });
    const shown = "--- old/<stdin>\n+++ new/<stdin>\n@@ -1 +1 @@\n-a=1\n+a = 1\n";
    expect(await fmt(["-diff", "-"], { input: "a=1\n" })).toEqual({ ...success, stdout: shown });
  });

  test("is refused with errors, as what is not UTF-8, and beside files", async () => {
    const broken = await fmt(["-"], { input: "a = (\n" });
    expect([broken.exitCode, broken.stdout]).toEqual([1, ""]);
    expect(broken.stderr).toContain("<stdin>:2:1");
    const binary = await fmt(["-"], { input: Uint8Array.of(97, 0xff) });
    expect([binary.exitCode, binary.stdout]).toEqual([1, ""]);
    expect(binary.stderr).toContain("<stdin> is not UTF-8");
    const beside = await fmt(["-", "a.lab.hcl"]);
    expect([beside.exitCode, beside.stdout]).toEqual([1, ""]);
    expect(beside.stderr).toContain("Standard input is formatted alone");
  });
});

describe("a file that fmt writes", () => {
  test("keeps its permissions, also those that the umask takes from new ones", async () => {
    const umask = process.umask(0o077);
    try {
      for (const mode of [0o600, 0o644, 0o775]) {
        chmodSync(put("a.lab.hcl", messy), mode);
        expect((await fmt([])).exitCode).toBe(0);
        expect(textOf("a.lab.hcl")).toBe(neat);
        expect(statSync(join(directory, "a.lab.hcl")).mode & 0o777).toBe(mode);
      }
    } finally {
      process.umask(umask);
    }
  });

  test("is replaced whole, with nothing left beside it", async () => {
    const path = put("a.lab.hcl", messy);
    const { ino } = statSync(path);
    await fmt([]);
    expect(statSync(path).ino).not.toBe(ino);
    expect(readdirSync(directory)).toEqual(["a.lab.hcl"]);
  });

  test("stays where a link to it says", async () => {
    put("real/x.txt", messy);
    symlinkSync("real/x.txt", join(directory, "a.lab.hcl"));
    expect((await fmt([])).stdout).toBe("a.lab.hcl\n");
    expect(lstatSync(join(directory, "a.lab.hcl")).isSymbolicLink()).toBe(true);
    expect(textOf("real/x.txt")).toBe(neat);
  });

  test("stays its owner's", async () => {
    const path = put("a.lab.hcl", messy);
    const { ino } = statSync(path);
    const change = (context: Context): Context => ({
      ...context,
      ports: { ...context.ports, host: { ...context.ports.host, uid: context.ports.host.uid + 1 } },
    });
    expect((await fmt([], { change })).exitCode).toBe(0);
    expect([statSync(path).ino, textOf("a.lab.hcl")]).toEqual([ino, neat]);
  });

  test("keeps its line ends, and loses its byte order mark", async () => {
    put("a.lab.hcl", "\ufeffa=1\r\nbbb=2\r\n");
    await fmt([]);
    expect(textOf("a.lab.hcl")).toBe("a   = 1\r\nbbb = 2\r\n");
  });
});

describe("what fmt cannot format", () => {
  test("is told, and keeps no other file from being formatted", async () => {
    put("a.lab.hcl", "node r1 {\n  a = 1 2\n");
    put("b.lab.hcl", Uint8Array.of(97, 10, 0xff));
    put("c.lab.hcl", messy);
    symlinkSync("nowhere", join(directory, "d.lab.hcl"));
    const { exitCode, stdout, stderr } = await fmt(["-check"]);
    expect([exitCode, stdout]).toEqual([1, "c.lab.hcl\n"]);
    expect(stderr).toContain("a.lab.hcl:2");
    expect(stderr).toContain("b.lab.hcl is not UTF-8");
    expect(stderr).toContain("d.lab.hcl cannot be read");
    expect((await fmt([])).exitCode).toBe(1);
    expect(textOf("a.lab.hcl")).toBe("node r1 {\n  a = 1 2\n");
    expect(textOf("c.lab.hcl")).toBe(neat);
  });

  test.each([
    ["a file of another name", "main.tf", "main.tf is not a file that fmt formats"],
    ["a lab file in JSON", "a.lab.json", "a.lab.json is not a file that fmt formats"],
    ["what is not there", "b.lab.hcl", "There is no file or directory b.lab.hcl"],
  ])("is %s", async (_, name, summary) => {
    put("main.tf", messy);
    put("a.lab.json", "{}");
    put("z.lab.hcl", messy);
    const { exitCode, stdout, stderr } = await fmt([name, "z.lab.hcl"]);
    expect([exitCode, stdout]).toEqual([1, "z.lab.hcl\n"]);
    expect(stderr).toContain(summary);
    expect(textOf("main.tf")).toBe(messy);
  });

  test("is what may not be written, and it stays", async () => {
    put("a.lab.hcl", messy);
    const refuse = async (): Promise<never> => {
      throw Object.assign(new Error("EACCES: permission denied"), { code: "EACCES" });
    };
    for (const refused of ["access", "writeAtomic"] as const) {
      const change = (context: Context): Context => ({
        ...context,
        ports: { ...context.ports, files: { ...context.ports.files, [refused]: refuse } },
      });
      const { exitCode, stdout, stderr } = await fmt([], { change });
      expect([exitCode, stdout]).toEqual([1, ""]);
      expect(stderr).toContain("a.lab.hcl cannot be written");
      expect(stderr).toContain("EACCES");
      expect(textOf("a.lab.hcl")).toBe(messy);
    }
  });

  test("is a directory that cannot be read", async () => {
    const change = (context: Context): Context => ({
      ...context,
      ports: {
        ...context.ports,
        files: { ...context.ports.files, list: async () => Promise.reject(new Error("EACCES: permission denied")) },
      },
    });
    const { exitCode, stderr } = await fmt([], { change });
    expect(exitCode).toBe(1);
    expect(stderr).toContain("The directory . cannot be read");
  });

  test("is a flag that is neither true nor false", async () => {
    expect((await fmt(["-write=maybe"])).stderr).toContain("-write=maybe is neither true nor false");
  });
});
