import { describe, expect, test } from "vitest";
import type { Captured, CapturedVariable, Deferred } from "../../src/core/plan.ts";
import type { Value } from "../../src/core/values.ts";
import { numberValue, objectValue } from "../../src/core/values.ts";
import { awaitedInstances } from "../../src/evaluation/capturedParts.ts";
import { evaluateDeferred } from "../../src/evaluation/deferred.ts";
import { formatValue } from "../../src/evaluation/formatValue.ts";

const node = (address: string): Captured => ({ kind: "resource", shape: "single", instances: [address] });

function deferred(text: string, captured: Deferred["captured"]): Deferred {
  return { text, at: "main.lab.hcl:1:1", captured };
}

const pid = (address: string): Captured => ({
  kind: "deferred",
  deferred: deferred("node.r.pid", { "node.r": node(address) }),
});

const instance = (address: string): Value => objectValue(new Map([["pid", numberValue(address.length)]]));

function result(one: Deferred): string {
  const read = JSON.parse(JSON.stringify(one)) as Deferred;
  const { value, diagnostics } = evaluateDeferred(read, instance, "2026-01-01T00:00:00Z");
  return diagnostics.length > 0
    ? diagnostics.map((found) => `${found.summary}: ${found.detail}`).join("; ")
    : formatValue(value).replace(/\s+/g, " ");
}

describe("a deferred expression that refers to a module", () => {
  const pod = (shape: "single" | "list" | "map", ...keys: readonly (string | number | null)[]): Captured => ({
    kind: "module",
    shape,
    instances: keys.map((key) => ({ key, outputs: { pid: pid(`module.pod[${key}].node.r`) } })),
  });

  test.each([
    ["module.pod.pid", pod("single", null), "23"],
    ["module.pod[1].pid", pod("list", 1), "20"],
    ["module.pod[*].pid", pod("list", 0, 1), "[ 20, 20, ]"],
    ['module.pod["abc"].pid', pod("map", "abc"), "22"],
    ["[for name, one in module.pod : name]", pod("map", "b", "a"), '[ "a", "b", ]'],
  ])("%s", (text, captured, expected) => {
    expect(result(deferred(text, { "module.pod": captured }))).toBe(expected);
  });

  test("awaits the instances behind its outputs, each once", () => {
    const shared = pid("node.x");
    const one = deferred("[module.pod, local.x]", {
      "local.x": shared,
      "module.pod": {
        kind: "module",
        shape: "single",
        instances: [{ key: null, outputs: { a: shared, b: pid("node.y") } }],
      },
    });
    expect(awaitedInstances(one)).toEqual(["node.x", "node.y"]);
  });

  test("keeps what an output says is sensitive", () => {
    const secret: Captured = { ...pid("node.r"), sensitive: true } as Captured;
    const captured: Captured = {
      kind: "module",
      shape: "single",
      instances: [{ key: null, outputs: { pid: secret } }],
    };
    expect(result(deferred("module.pod.pid + 1", { "module.pod": captured }))).toBe("(sensitive value)");
  });
});

describe("a deferred expression that refers to a module's variable", () => {
  const variable = (more: Partial<CapturedVariable> = {}): Captured => ({
    kind: "variable",
    address: "module.pod.var.v",
    deferred: deferred("node.r.pid", { "node.r": node("node.r") }),
    sensitive: false,
    nullable: true,
    ...more,
  });
  const nothing = deferred("node.r.pid > 0 ? null : 1", { "node.r": node("node.r") });
  const standard: Captured = { kind: "value", type: "number", value: 7 };

  test.each<[string, Partial<CapturedVariable>, string]>([
    ["as it is where there is no type", {}, "6"],
    ["as one of its type", { type: "string" }, '"6"'],
    [
      "with the defaults of its attributes",
      {
        deferred: deferred("{ pid = node.r.pid }", { "node.r": node("node.r") }),
        type: 'object({ pid = number, more = optional(string, "m") })',
      },
      '{ "more" = "m" "pid" = 6 }',
    ],
    ["as null where it may be", { deferred: nothing, default: standard }, "tonumber(null)"],
    ["as its default where it may not", { deferred: nothing, nullable: false, default: standard }, "7"],
    ["as sensitive", { sensitive: true }, "(sensitive value)"],
  ])("takes it %s", (_, more, expected) => {
    expect(result(deferred("var.v", { "var.v": variable(more) }))).toBe(expected);
  });

  test("is refused where it has the wrong type, or is null and must not be", () => {
    const wrong = result(deferred("var.v", { "var.v": variable({ type: "list(string)" }) }));
    expect(wrong).toContain("Wrong type for module.pod.var.v: Its type is list(string)");
    const none = result(deferred("var.v", { "var.v": variable({ deferred: nothing, nullable: false }) }));
    expect(none).toContain("module.pod.var.v cannot be null");
  });
});
