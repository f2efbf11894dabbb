import { execFileSync } from "node:child_process";
import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

let copy: string;

beforeEach(() => {
  copy = mkdtempSync(join(tmpdir(), "labform-compiled-"));
  cpSync(resolve("dist"), join(copy, "dist"), { recursive: true });
  symlinkSync(resolve("node_modules"), join(copy, "node_modules"));
  writeFileSync(join(copy, "package.json"), '{ "type": "module" }');
});
afterEach(() => rmSync(copy, { recursive: true, force: true }));

function compiledFiles(): readonly string[] {
  const chunks = join(copy, "dist/chunks");
  return readdirSync(chunks)
    .filter((name) => name.endsWith(".compiled"))
    .map((name) => join(chunks, name));
}

/** What labform says is three, by way of the language and all that loads it. */
function three(...flags: readonly string[]): string {
  const program = join(copy, "dist/labform.js");
  return execFileSync(process.execPath, [...flags, program, "eval", "1 + 2"], { cwd: copy, encoding: "utf8" }).trim();
}

describe("a program of dist/", () => {
  test("has what V8 made of it beside it, by the build", () => {
    expect(compiledFiles().map((path) => path.replace(/.*\/(\w+)-.*/, "$1"))).toEqual(["bridge", "keeper", "start"]);
  });

  test("is ASCII, as its text is read, so that V8 knows it again", () => {
    for (const path of compiledFiles()) {
      const text = readFileSync(path.replace(/\.compiled$/, ""), "latin1");
      expect(/[^\x00-\x7f]/.exec(text)?.[0]).toBeUndefined();
    }
  });

  test("is run with it, or without where it was compiled by another V8", () => {
    expect(three()).toBe("3");
    expect(three("--max-lazy")).toBe("3");
  });

  test.each([
    ["is missing", (path: string) => rmSync(path)],
    ["is cut short", (path: string) => truncateSync(path, 1000)],
    ["is something else", (path: string) => writeFileSync(path, "no code at all")],
  ])("is run where what V8 made of it %s", (_, spoil) => {
    compiledFiles().forEach(spoil);
    expect(three()).toBe("3");
  });

  test("loads what stands apart from it when it is wanted", () => {
    const program = join(copy, "dist/labform.js");
    writeFileSync(join(copy, "one.lab.hcl"), 'lab "one" {}\nnode "a" {\n  power = "off"\n}\n');
    const drawn = execFileSync(process.execPath, [program, "graph", "-plan", "-format=svg"], {
      cwd: copy,
      encoding: "utf8",
    });
    expect(drawn).toContain("<svg");
  });
});
