import { appendFileSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { GrowingFile, lastLinesOf } from "../../../src/cli/console/growingFile.ts";
import { files } from "../../../src/system/files.ts";

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "growing-"));
  path = join(directory, "console.log");
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const textOf = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString();

test("a log is read on from where it was left, and from its start once it was emptied or made anew", async () => {
  const log = new GrowingFile(files, path);
  const read = async () => textOf(await log.read());
  expect(await read()).toBeUndefined();
  writeFileSync(path, "one\n");
  expect(await read()).toBe("one\n");
  expect(await read()).toBe("");
  appendFileSync(path, "two\n");
  expect(await read()).toBe("two\n");
  truncateSync(path, 0);
  appendFileSync(path, "3\n");
  expect(await read()).toBe("3\n");
  writeFileSync(`${path}.new`, "another boot of another node\n");
  renameSync(`${path}.new`, path);
  expect(await read()).toBe("another boot of another node\n");
  rmSync(path);
  expect(await read()).toBeUndefined();
});

test("of a log that nobody bounded the last 32 MiB are read", async () => {
  writeFileSync(path, "start");
  truncateSync(path, 40 * 1024 * 1024);
  appendFileSync(path, "end");
  const log = new GrowingFile(files, path);
  const read = await log.read();
  expect(read?.length).toBe(32 * 1024 * 1024);
  expect(textOf(read?.subarray(-3))).toBe("end");
  appendFileSync(path, "more");
  expect(textOf(await log.read())).toBe("more");
});

test.each([
  ["a\nb\nc\n", 2, "b\nc\n"],
  ["a\nb\nlogin: ", 2, "b\nlogin: "],
  ["a\n\n\n", 2, "\n\n"],
  ["a\nb\n", 0, ""],
  ["a\nb\n", 9, "a\nb\n"],
  ["", 3, ""],
])("of %j the last %d lines are %j", (text, lines, last) => {
  expect(textOf(lastLinesOf(Buffer.from(text), lines))).toBe(last);
});
