import { describe, expect, test } from "vitest";
import type { Captured, CapturedExpression, Deferred } from "../../src/core/plan.ts";
import type { Value } from "../../src/core/values.ts";
import { numberValue, objectValue } from "../../src/core/values.ts";
import { awaitedInstances, capturedParts, withParts } from "../../src/evaluation/capturedParts.ts";
import { evaluateDeferred } from "../../src/evaluation/deferred.ts";

const deferred = (text: string, captured: Deferred["captured"]): Deferred => ({ text, at: "a.lab.hcl:1:1", captured });
const local = (text: string, captured: Deferred["captured"]): CapturedExpression => ({
  kind: "deferred",
  deferred: deferred(text, captured),
});
const node: Captured = { kind: "resource", shape: "single", instances: ["node.r"] };
const instance = (): Value => objectValue(new Map([["pid", numberValue(3)]]));

function result(one: Deferred): { readonly raw: unknown; readonly errors: readonly string[] } {
  const read = JSON.parse(JSON.stringify(one)) as Deferred;
  const { value, diagnostics } = evaluateDeferred(read, instance, "2026-01-01T00:00:00Z");
  return { raw: value.raw, errors: diagnostics.map(({ summary }) => summary) };
}

/** Two locals a step, each made of both of the step before: written out as a tree, 2^steps of them. */
function ladder(steps: number): Deferred {
  let pair = [local("node.r.pid", { "node.r": node }), local("node.r.pid + 1", { "node.r": node })] as const;
  for (let step = 0; step < steps; step++) {
    const captured = { "local.a": pair[0], "local.b": pair[1] };
    pair = [local("min(local.a, local.b)", captured), local("max(local.a, local.b)", captured)];
  }
  return deferred("local.b - local.a", { "local.a": pair[0], "local.b": pair[1] });
}

describe("the expressions captured in one", () => {
  test("stand in it once each, however many others share them", () => {
    const one = withParts(ladder(40));
    expect(Object.keys(one.parts ?? {})).toHaveLength(82);
    expect(result(one)).toEqual({ raw: 1, errors: [] });
    expect([...capturedParts(one)].filter(({ kind }) => kind === "deferred")).toHaveLength(82);
    expect(new Set(awaitedInstances(one))).toEqual(new Set(["node.r"]));
  });

  test("may be a long chain", () => {
    let last = local("node.r.pid", { "node.r": node });
    for (let step = 0; step < 5_000; step++) last = local("local.x + 1", { "local.x": last });
    expect(result(withParts(deferred("local.x", { "local.x": last }))).raw).toBe(5_003);
  });

  test("are found in the outputs of modules, and keep what is sensitive", () => {
    const secret: Captured = { ...local("node.r.pid", { "node.r": node }), sensitive: true };
    const pod: Captured = {
      kind: "module",
      shape: "single",
      instances: [{ key: null, outputs: { a: secret, b: node } }],
    };
    const one = withParts(deferred("[module.pod.a, module.pod.b]", { "module.pod": pod }));
    expect(one.captured["module.pod"]).toMatchObject({ instances: [{ outputs: { a: { kind: "part" }, b: node } }] });
    const { value } = evaluateDeferred(one, instance, "2026-01-01T00:00:00Z");
    expect((value.raw as readonly Value[]).map(({ sensitive }) => sensitive)).toEqual([true, false]);
  });

  test("tell what is wrong with one of them once", () => {
    const wrong = local('1 + "a${node.r.pid}"', { "node.r": node });
    const both = deferred("[local.a, local.b]", {
      "local.a": local("local.w", { "local.w": wrong }),
      "local.b": local("local.w", { "local.w": wrong }),
    });
    expect(result(withParts(both)).errors).toHaveLength(1);
  });

  test("nothing is changed of an expression that captured none", () => {
    const one = deferred("node.r.pid", { "node.r": node });
    expect(withParts(one)).toBe(one);
  });
});
