import { describe, expect, test } from "vitest";
import {
  formatAddress,
  isWithinTarget,
  moduleOf,
  parseAddress,
  parseModuleAddress,
  parseTarget,
} from "../../src/core/addresses.ts";

describe("an address", () => {
  test.each([
    ["node.r1", [], "node", "r1", undefined],
    ['node.router["r1"]', [], "node", "router", "r1"],
    ["link.core[0]", [], "link", "core", 0],
    ['service.bridge["ubridge"]', [], "service", "bridge", "ubridge"],
    ["module.pod.node.r1", [{ name: "pod", key: undefined }], "node", "r1", undefined],
    [
      'module.pod["a"].module.inner[2].link.x[1]',
      [
        { name: "pod", key: "a" },
        { name: "inner", key: 2 },
      ],
      "link",
      "x",
      1,
    ],
    ['module.p["].node.x"].node.r["a[\\"b\\"].c"]', [{ name: "p", key: "].node.x" }], "node", "r", 'a["b"].c'],
    ["module.module.node.node", [{ name: "module", key: undefined }], "node", "node", undefined],
  ])("%s is read and written back", (text, modules, kind, name, key) => {
    const address = parseAddress(text);
    expect(address).toEqual({ modules, kind, name, key });
    expect(address && formatAddress(address)).toBe(text);
  });

  test.each([
    "",
    "node",
    "node.",
    "node.r1.",
    ".node.r1",
    "node.r1.pid",
    "module.pod",
    "module.pod.",
    "node.r1.node.r2",
    "node.r1.module.pod.node.r2",
    "pod.node.r1",
    'node.r["a"',
    'node.r["a"]x',
    'node.r["\\q"]',
    "node.r[a]",
    "disk.a",
  ])("%j is none", (text) => {
    expect(parseAddress(text)).toBeUndefined();
  });

  test("of a module is one of steps alone", () => {
    expect(parseModuleAddress('module.pod["a"].module.inner')).toEqual([
      { name: "pod", key: "a" },
      { name: "inner", key: undefined },
    ]);
    expect(parseModuleAddress("module.pod.node.r1")).toBeUndefined();
    expect(moduleOf('module.pod["a"].node.r1')).toBe('module.pod["a"]');
    expect(moduleOf("node.r1")).toBe("");
  });
});

describe("a target", () => {
  test.each([
    ["node.r", 'node.r["a"]', true],
    ['node.r["a"]', 'node.r["a"]', true],
    ['node.r["a"]', 'node.r["b"]', false],
    ["node.r[1]", 'node.r["1"]', false],
    ["node.r", "link.r", false],
    ["node.r", "node.r2", false],
    ["node.r", "module.pod.node.r", false],
    ["module.pod", 'module.pod["a"].node.r', true],
    ["module.pod", "module.pod.module.inner.node.r", true],
    ["module.pod", "module.pod2.node.r", false],
    ['module.pod["a"]', 'module.pod["b"].node.r', false],
    ["module.pod.module.inner", 'module.pod["a"].module.inner[3].link.x', true],
    ["module.pod.node.r", 'module.pod["a"].node.r["x"]', true],
    ["module.pod.node.r", "module.pod.link.r", false],
    ["module.pod.module.inner", "module.pod.node.inner", false],
  ])("%s and %s: %s", (text, address, wanted) => {
    const target = parseTarget(text);
    expect(target && isWithinTarget(address, target)).toBe(wanted);
  });

  test.each(["module", "node.r.pid", "node.r.module.x", ""])("is not %j", (text) => {
    expect(parseTarget(text)).toBeUndefined();
  });
});
