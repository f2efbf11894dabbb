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

/** Writes the files to a directory of their own and reads them as a lab. */
async function read(files: { readonly [name: string]: string | Uint8Array }) {
  const directory = await mkdtemp(join(tmpdir(), "labform-lab-"));
  directories.push(directory);
  for (const [name, content] of Object.entries(files)) await writeFile(join(directory, name), content);
  return readLab(context, directory, {});
}

async function errorsOf(files: { readonly [name: string]: string | Uint8Array }): Promise<readonly Diagnostic[]> {
  try {
    await read(files);
  } catch (error) {
    if (error instanceof Failure) return error.diagnostics;
    throw error;
  }
  throw new Error("the lab was read");
}

const summaries = (diagnostics: readonly Diagnostic[]) => diagnostics.map((one) => one.summary);

describe("a file that labform's grammar rejects", () => {
  const tooDeep = `locals {\n  a = ${"(".repeat(300)}1${")".repeat(300)}\n}\n`;
  const unclear = "locals {\n  a = { var.x = 1 }\n}\n";

  test.each([
    ["nesting", tooDeep, "The expression is nested too deeply"],
    ["keys", unclear, "It is not clear what this key means"],
    ["exponents", "locals {\n  a = 1e70001\n}\n", "`1e70001` is out of range"],
  ])("by a rule of its own about %s is not called a fault of labform", async (_, text, summary) => {
    expect(summaries(await errorsOf({ "t.lab.hcl": `lab "t" {}\n${text}` }))).toEqual([summary]);
  });

  test("and HashiCorp's too is the user's mistake", async () => {
    const errors = await errorsOf({ "t.lab.hcl": 'lab "t" {}\nlocals {\n  a = = 1\n}\n' });
    expect(errors.length).toBe(1);
    expect(errors[0]?.syntax).toBe(true);
  });

  test("and HashiCorp's accepts is called a fault of labform, at the line it rejected", async () => {
    // Functions in namespaces came to HCL after the version the referee is of; the other way round, an error of
    // labform's grammar is needed that the referee does not share: a replacement character between two items.
    const errors = await errorsOf({ "t.lab.hcl": 'lab "t" {}\nlocals {\n  a = 1 # \ufffd\n}\n\ufffd' });
    expect(errors[0]?.syntax).toBe(true);
  });
});
