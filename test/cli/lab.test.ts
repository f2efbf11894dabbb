import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import { readLab } from "../../src/cli/lab.ts";
import type { Diagnostic } from "../../src/core/diagnostics.ts";
import { Failure } from "../../src/core/diagnostics.ts";
import { createContext } from "../../src/main/start.ts";

const context = createContext("0.1.0", fileURLToPath(new URL("../../dist", import.meta.url)));
const directories: string[] = [];

afterEach(async () => {
  for (const directory of directories.splice(0)) await rm(directory, { recursive: true });
});

type Files = { readonly [name: string]: string | Uint8Array };

async function directoryWith(files: Files): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "labform-lab-"));
  directories.push(directory);
  for (const [name, content] of Object.entries(files)) await writeFile(join(directory, name), content);
  return directory;
}

/** What a lab of these files is refused with. */
async function errorsOf(files: Files, programs = context.programs): Promise<readonly Diagnostic[]> {
  const directory = await directoryWith(files);
  try {
    await readLab({ ...context, programs }, directory, {});
  } catch (error) {
    if (error instanceof Failure) return error.diagnostics;
    throw error;
  }
  throw new Error("the lab was read");
}

const summaries = (diagnostics: readonly Diagnostic[]) => diagnostics.map((one) => one.summary);

describe("a file that labform's grammar rejects", () => {
  const wrong = { "t.lab.hcl": 'lab "t" {}\nlocals {\n  a = = 1\n}\n' };
  /** A referee that accepts whatever it is asked about. */
  const lenient = () =>
    directoryWith({ "referee.js": 'require("node:worker_threads").parentPort.postMessage("accepts");' });

  test("and HashiCorp's accepts is called a fault of labform, at the place it was rejected", async () => {
    const errors = await errorsOf(wrong, await lenient());
    expect(summaries(errors)).toEqual([
      expect.any(String),
      "t.lab.hcl is valid HCL: that it was rejected is a fault of labform",
    ]);
    expect(errors[1]?.range).toEqual(errors[0]?.range);
  });

  test("and HashiCorp's rejects too is the user's mistake", async () => {
    expect(summaries(await errorsOf(wrong))).toEqual([expect.not.stringContaining("fault of labform")]);
  });

  test.each([
    ["nesting", `${"(".repeat(300)}1${")".repeat(300)}`, "The expression is nested too deeply"],
    ["length", `1${" + 1".repeat(600)}`, "The expression is too long"],
    ["keys", "{ var.x = 1 }", "It is not clear what this key means"],
    ["exponents", "1e70001", "`1e70001` is out of range"],
  ])("by a rule of its own about %s is no fault of labform, whatever HashiCorp's says", async (_, text, summary) => {
    const files = { "t.lab.hcl": `lab "t" {}\nlocals {\n  a = ${text}\n}\n` };
    expect(summaries(await errorsOf(files, await lenient()))).toEqual([summary]);
  });
});

describe("a file that is not UTF-8", () => {
  const latin1 = (text: string) => Buffer.from(text, "latin1");

  test.each([
    ["a letter of another encoding", latin1('lab "t" {}\n# caf\xe9\n'), "Byte 16 (counted from 0), 0xe9 on line 2"],
    [
      "half a character at the end, after a replacement character in its own right",
      Buffer.concat([Buffer.from('# \ufffd é\nlab "t" {}'), latin1("\xe2\x82")]),
      "Byte 19 (counted from 0), 0xe2 on line 2",
    ],
    ["UTF-16", Buffer.from('\ufefflab "t" {}', "utf16le"), "Byte 0 (counted from 0), 0xff on line 1"],
  ])("is refused at the first byte of %s", async (_, bytes, detail) => {
    const [error, ...others] = await errorsOf({ "t.lab.hcl": bytes });
    expect(others).toEqual([]);
    expect(error?.summary).toBe("t.lab.hcl is not UTF-8");
    expect(error?.subject).toMatch(/^file \/.*\/t\.lab\.hcl$/);
    expect(error?.detail).toContain(detail);
  });

  test("may be one of variables as well", async () => {
    const files = { "t.lab.hcl": 'lab "t" {}\n', "labform.vars.hcl": latin1('a = "\xfc"\n') };
    expect(summaries(await errorsOf(files))).toEqual(["labform.vars.hcl is not UTF-8"]);
  });
});

test("a replacement character and a byte order mark are UTF-8", async () => {
  const directory = await directoryWith({ "t.lab.hcl": '\ufefflab "t" {}\n# \ufffd\n' });
  expect((await readLab(context, directory, {})).lab.name).toBe("t");
});
