import { expect, test } from "vitest";
import type { State } from "../../src/core/state.ts";
import { renderOutputs } from "../../src/ui/outputs.ts";
import { renderState } from "../../src/ui/state.ts";
import { renderStatus } from "../../src/ui/status.ts";
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

test("the status table leaves out empty columns and aligns by what a screen shows", () => {
  const row = {
    address: "node.r1",
    condition: "running",
    detail: null,
    pid: 4711,
    console: "127.0.0.1:5000",
    monitor: null,
  };
  const rows = [
    row,
    { ...row, address: "node.日本", condition: "down", pid: null, console: null, detail: "power off \u001b" },
  ];
  expect(renderStatus(rows, { colour: false })).toBe(
    [
      "ADDRESS    CONDITION  PID   CONSOLE         WHY",
      "node.r1    running    4711  127.0.0.1:5000",
      "node.日本  down                             power off \\u{1b}",
      "",
    ].join("\n"),
  );
  expect(renderStatus([], { colour: false })).toBe("Nothing of this lab exists.\n");
});

test("the last column of a table is cut where the screen ends", () => {
  const row = {
    address: "node.r1",
    condition: "down",
    detail: "x".repeat(200),
    pid: null,
    console: null,
    monitor: null,
  };
  const lines = renderStatus([row], { colour: false, width: 60 }).split("\n");
  expect(lines[1]).toHaveLength(60);
  expect(lines[1]?.endsWith("…")).toBe(true);
});
