import { describe, expect, it } from "vitest";
import type { Target } from "../../src/core/addresses.ts";
import { formatTarget, parseTarget } from "../../src/core/addresses.ts";
import type { MoveStatement } from "../../src/core/moveOrder.ts";
import { orderMoves } from "../../src/core/moveOrder.ts";

function target(text: string): Target {
  const parsed = parseTarget(text);
  if (!parsed) throw new Error(`${text} is no address`);
  return parsed;
}

/** `in pod: node.a → node.b` */
function statement(text: string): MoveStatement<string> {
  const [, place = "", from = "", to = ""] = /^(?:in (.*): )?(.*) → (.*)$/.exec(text) ?? [];
  return { place: place === "" ? [] : place.split("."), from: target(from), to: target(to), block: text };
}

function ordered(...texts: readonly string[]): readonly string[] {
  const result = orderMoves(texts.map(statement));
  return "ring" in result
    ? ["ring:", ...result.ring.map(({ block }) => block)]
    : result.order.map(({ block }) => block);
}

describe("moves are in order", () => {
  it.each([
    ["as they stand where nothing joins them", ["node.a → node.b", "node.c → node.d"], [0, 1]],
    ["a chain from its begin", ["node.b → node.c", "node.a → node.b"], [1, 0]],
    ["a chain of whole resources and instances", ["node.b[0] → node.c", "node.a → node.b"], [1, 0]],
    ["what is in a module after the module came", ["in q: node.a → node.b", "module.p → module.q"], [1, 0]],
    ["what leaves a module before the module goes", ["module.p → module.q", "module.p.node.a → node.a"], [1, 0]],
    ["what enters a module after the module came", ["node.a → module.q.node.a", "module.p → module.q"], [1, 0]],
    ["what is in a module that only gets a key", ["in p: node.a → node.b", "module.p → module.p[0]"], [1, 0]],
    ["a module in a module", ["in p: module.x → module.y", "in p.y: node.a → node.b"], [0, 1]],
    ["other keys of one node beside each other", ['node.a[0] → node.a["x"]', 'node.a[1] → node.a["y"]'], [0, 1]],
  ])("%s", (_, texts, order) => {
    expect(ordered(...texts)).toEqual(order.map((at) => texts[at]));
  });

  it.each([
    ["two that lead to each other", ["node.a → node.b", "node.b → node.a"]],
    ["three, with a fourth beside them", ["node.a → node.b", "node.b → node.c", "node.c → node.a"]],
    ["keys that change places", ["node.a[0] → node.a[1]", "node.a[1] → node.a[0]"]],
    ["modules", ["module.a → module.b", "module.b → module.a"]],
  ])("unless they lead in a ring: %s", (_, texts) => {
    expect(ordered("node.x → node.y", ...texts)).toEqual(["ring:", ...texts]);
  });

  it("names a module's steps by its place: the same block in two of them is two statements", () => {
    const [first, second] = ["in p: node.a → node.b", "in q: node.a → node.b"] as const;
    expect(ordered(first, second)).toEqual([first, second]);
    expect(formatTarget(target("module.p.node.a"))).toBe("module.p.node.a");
  });
});
