import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Reader } from "../../src/core/ports.ts";
import { reader as real } from "../../src/system/reader.ts";
import { SimulatedHost } from "../simulation/host.ts";
import { createReader } from "../simulation/ports/reader.ts";

const directory = mkdtempSync(join(tmpdir(), "labform-reader-"));
const large = Buffer.alloc(700_000, "labform");
const simulatedHost = new SimulatedHost(1);

beforeAll(() => {
  mkdirSync(join(directory, "below"));
  simulatedHost.disk.makeDirectory("/r/below");
  for (const [name, content] of [
    ["empty", Buffer.alloc(0)],
    ["large", large],
    ["bytes", Buffer.of(0xff, 0)],
  ] as const) {
    writeFileSync(join(directory, name), content);
    simulatedHost.disk.write(`/r/${name}`, content, 0o600);
  }
});
afterAll(() => rmSync(directory, { recursive: true }));

const worlds: readonly (readonly [string, Reader, string])[] = [
  ["the system", real, directory],
  ["a simulated host", createReader(simulatedHost), "/r"],
];

describe.each(worlds)("what expressions read of %s", (_, reader, root) => {
  test("is all of a file, up to a bound", () => {
    expect(Buffer.from(reader.read(`${root}/bytes`, 2))).toEqual(Buffer.of(0xff, 0));
    expect(reader.read(`${root}/empty`, 0)).toHaveLength(0);
    expect(Buffer.from(reader.read(`${root}/large`, large.length)).equals(large)).toBe(true);
    expect(() => reader.read(`${root}/large`, large.length - 1)).toThrow(expect.objectContaining({ code: "EFBIG" }));
  });

  test("is a digest of a file of any length", () => {
    for (const algorithm of ["md5", "sha1", "sha256", "sha512"] as const) {
      expect(reader.digest(`${root}/large`, algorithm)).toBe(createHash(algorithm).update(large).digest("hex"));
    }
  });

  test("is what stands in a directory, and of which kind it is", () => {
    expect([...reader.list(root)].sort()).toEqual(["below", "bytes", "empty", "large"]);
    expect(reader.kind(root)).toBe("directory");
    expect(reader.kind(`${root}/empty`)).toBe("file");
  });

  test("is refused by the system's codes", () => {
    const code = (name: string): unknown => expect.objectContaining({ code: name });
    expect(() => reader.kind(`${root}/no`)).toThrow(code("ENOENT"));
    expect(() => reader.read(`${root}/no/no`, 1)).toThrow(code("ENOENT"));
    expect(() => reader.read(`${root}/empty/x`, 1)).toThrow(code("ENOTDIR"));
    expect(() => reader.read(`${root}/below`, 1)).toThrow(code("EISDIR"));
    expect(() => reader.digest(`${root}/no`, "md5")).toThrow(code("ENOENT"));
    expect(() => reader.list(`${root}/empty`)).toThrow(code("ENOTDIR"));
  });
});

test("the system's links are followed", () => {
  const link = join(directory, "below", "link");
  symlinkSync(join(directory, "empty"), link);
  expect(real.kind(link)).toBe("file");
  rmSync(link);
});
