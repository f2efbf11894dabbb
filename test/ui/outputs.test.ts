import { expect, test } from "vitest";
import type { State } from "../../src/core/state.ts";
import { renderOutputs } from "../../src/ui/outputs.ts";
import { renderState } from "../../src/ui/state.ts";
import { instance, nodeAttributes, schemas } from "./fixtures.ts";
import { expectGolden } from "./golden.ts";

const output = (type: unknown, value: unknown, sensitive = false) =>
  ({ type, value, sensitive }) as State["outputs"][string];

const outputs: State["outputs"] = {
  b: output("bool", true),
  deep: output(["object", { list: ["tuple", [["object", { a: "dynamic", "k-y": ["set", "number"] }]]] }], {
    list: [{ a: null, "k-y": [1] }],
  }),
  e: output(["tuple", []], []),
  el: output(["list", "dynamic"], []),
  em: output(["object", {}], {}),
  l: output(["list", "number"], [1, 2]),
  m: output(["map", "string"], { "a b": "x\ny", c: "z" }),
  s: output(["set", "string"], ["a"]),
  sen: output("string", "hunter2", true),
  str: output("string", "one\ntwo\n"),
  tab: output("string", 'a\tb"c\\ ${x}'),
};

// What Terraform 1.11 prints for the same values.
const expected = `b = true
deep = {
  "list" = [
    {
      "a" = null
      "k-y" = toset([
        1,
      ])
    },
  ]
}
e = []
el = tolist([])
em = {}
l = tolist([
  1,
  2,
])
m = tomap({
  "a b" = <<-EOT
  x
  y
  EOT
  "c" = "z"
})
s = toset([
  "a",
])
sen = <sensitive>
str = <<EOT
one
two

EOT
tab = "a\\tb\\"c\\\\ \${x}"
`;

test("outputs look as Terraform's", () => {
  expect(renderOutputs(outputs, { colour: false })).toBe(expected);
  expect(renderOutputs({}, { colour: false })).toBe("");
});

test("a single output asked for is its value alone", () => {
  expect(renderOutputs({ l: outputs["l"] as State["outputs"][string] }, { colour: false, bare: true })).toBe(
    "tolist([\n  1,\n  2,\n])\n",
  );
});

const state: State = {
  format: 1,
  labformVersion: "0.1.0",
  lineage: "11111111-2222-4333-8444-555555555555",
  serial: 3,
  registry: "/r",
  lab: { name: "pair", identity: "pair" },
  outputs,
  instances: new Map([
    ["link.core", instance("link.core", { id: "core-1", endpoints: ["a/0", "b/0"], delay_ms: 20 })],
    [
      "node.r1",
      instance(
        'node.router["r1"]',
        { ...nodeAttributes, kernel_command_line: "key=abc" },
        {
          sensitive: [["kernel_command_line"], ["ready", "console"]],
          status: "creating",
          pending: { operation: "start", token: "t0ken", since: "2026-01-02T03:04:05.000Z" },
          private: { process: { token: "t0ken" } },
        },
      ),
    ],
  ]),
};

test("a state shows what is recorded, and neither secrets nor private notes", () => {
  const text = renderState(state, { colour: false, schemas });
  expectGolden("state.txt", text);
  expect(text).not.toMatch(/hunter2|key=abc|t0ken|login:/);
});

test("an empty state says so", () => {
  expect(renderState({ ...state, outputs: {}, instances: new Map() }, { colour: false, schemas })).toContain("empty");
});
