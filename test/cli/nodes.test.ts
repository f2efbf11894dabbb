import { afterEach, beforeEach, expect, test } from "vitest";
import { findNode } from "../../src/cli/console/nodes.ts";
import { Failure } from "../../src/core/diagnostics.ts";
import type { State } from "../../src/core/state.ts";
import { emptyState } from "../../src/core/state.ts";
import { Engine } from "../engine/engine.ts";
import { instance } from "../ui/fixtures.ts";

const addresses = ["node.r1", 'node.router["a"]', 'node.router["b"]', "node.leaf[0]", "link.core"];
const state: State = {
  ...emptyState("0.1.0"),
  instances: new Map(addresses.map((address) => [address, instance(address)])),
};

test.each([
  ["node.r1", "node.r1"],
  ["r1", "node.r1"],
  ['router["a"]', 'node.router["a"]'],
  ["node.router[b]", 'node.router["b"]'],
  ["leaf[0]", "node.leaf[0]"],
  ["leaf", "node.leaf[0]"],
])("%s means %s", (word, address) => {
  expect(findNode(state, word).address).toBe(address);
});

function refusal(word: string): string {
  try {
    findNode(state, word);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return error.diagnostics.map((one) => `${one.summary}. ${one.detail}`).join("\n");
  }
  return "";
}

test("a word that means no node, or several, is refused with those there are", () => {
  expect(refusal("r2")).toMatch(/^There is no node "r2"\..*Did you mean .*node\.r1/);
  expect(refusal("core")).toContain('There is no node "core"');
  expect(refusal("router")).toBe(
    `"router" is more than one node. Name one of them: node.router["a"], node.router["b"]. In a shell, quote it: 'node.router["a"]'.`,
  );
});

let engine: Engine;
beforeEach(() => {
  engine = new Engine('lab "n" {}\nnode "a" {}\n');
});
afterEach(() => engine.close());

test("a kind of node without console, logs or monitor says so", async () => {
  await engine.run("apply", "-auto-approve");
  for (const [args, words] of [
    [["console", "a"], "node.a has no console to attach to"],
    [["monitor", "a"], "node.a has no monitor to attach to"],
    [["monitor", "a", "info", "status"], "node.a has no monitor"],
    [["logs", "a"], "node.a has no console log"],
    [["logs", "b"], 'There is no node "b"'],
    [["logs", "a", "-lines=-1"], "-lines=-1 is no whole number"],
  ] as const) {
    const { exitCode, stderr } = await engine.run(...args);
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining(words)]);
  }
});
