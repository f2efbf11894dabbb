import { expect, test } from "vitest";
import type { Instance } from "../../src/core/state.ts";
import { emptyState } from "../../src/core/state.ts";
import { stateViolations } from "../../state/invariants.ts";
import { nodeOf } from "./support.ts";

const identity = { pid: 7, uid: 0, startTime: "9", bootId: "b", pidNamespace: "pid:[1]", token: "t" };
const pending = { operation: "stop", token: "t", since: "now" } as const;

function violations(...instances: readonly Instance[]): readonly string[] {
  const byAddress = new Map(instances.map((one) => [one.address, one]));
  return stateViolations({ ...emptyState("0.1.0"), lineage: "l", instances: byAddress });
}

test("a sound state breaks nothing", () => {
  const router = nodeOf("r", {
    attributes: { disk: { hda: { key: null } } },
    sensitive: [["disk", "hda", "key"]],
    dependencies: ["node.gone"],
    private: { process: identity },
    pending: { ...pending, operation: "update" },
  });
  const link = nodeOf("r", { address: 'link.core["a"]', kind: "link" });
  expect(violations(router, link)).toEqual([]);
});

test.each<[string, readonly Instance[]]>([
  ["1: node.a[01] is no canonical address", [nodeOf("a", { address: "node.a[01]" })]],
  ["1: node.a is recorded as a link", [nodeOf("a", { kind: "link" })]],
  ["2: node.a and node.b have the same id, x", [nodeOf("a", { id: "x" }), nodeOf("b", { id: "x" })]],
  ["3: node.a depends on itself", [nodeOf("a", { dependencies: ["node.a"] })]],
  ['3: node.a depends on "nodes", which is no canonical address', [nodeOf("a", { dependencies: ["nodes"] })]],
  ["4: node.a is ok although its stop is pending", [nodeOf("a", { pending })]],
  ["5: the process of node.a has no token", [nodeOf("a", { private: { process: { ...identity, token: "" } } })]],
  ["5: node.a: private.process.pid should be a whole number", [nodeOf("a", { private: { process: {} } })]],
  [
    "5: node.a and node.b share a process token",
    [nodeOf("a", { private: { process: identity } }), nodeOf("b", { private: { process: identity } })],
  ],
  ["6: node.a has no disk.hda, which is marked sensitive", [nodeOf("a", { sensitive: [["disk", "hda"]] })]],
])("invariant %s", (message, instances) => {
  expect(violations(...instances)).toEqual([message]);
});

test("an instance under another's address breaks invariant 1", () => {
  const instances = new Map([["node.b", nodeOf("a")]]);
  expect(stateViolations({ ...emptyState("0.1.0"), lineage: "l", instances })).toEqual([
    "1: node.a stands under node.b",
  ]);
});
