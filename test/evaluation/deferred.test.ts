import { describe, expect, test } from "vitest";
import type { Captured, Deferred } from "../../src/core/plan.ts";
import { position } from "../../src/core/source.ts";
import type { Value } from "../../src/core/values.ts";
import { numberValue, objectValue, stringValue } from "../../src/core/values.ts";
import { capture, evaluateDeferred } from "../../src/evaluation/deferred.ts";
import { formatValue } from "../../src/evaluation/formatValue.ts";
import { valueToJson } from "../../src/evaluation/json.ts";
import { typeToJson } from "../../src/evaluation/types.ts";
import { parseFile } from "../../src/language/parse.ts";
import { valueOf } from "./support.ts";

const TIME = "2024-06-30T12:00:00.000Z";

function known(text: string): Captured {
  const value = valueOf(text);
  return { kind: "value", type: typeToJson(value.type), value: valueToJson(value) };
}

const resources: { readonly [key: string]: Captured } = {
  "var.name": known('"lab"'),
  "var.third": known("1 / 3"),
  "var.secret": { kind: "value", type: "string", value: "hunter2", sensitive: [[]] },
  "each.key": known('"a"'),
  var: known('{ name = "lab" }'),
  "node.single": { kind: "resource", shape: "single", instances: ["node.single"] },
  "node.list": { kind: "resource", shape: "list", instances: ["node.list[10]", "node.list[9]"] },
  "node.map": { kind: "resource", shape: "map", instances: ['node.map["b"]', 'node.map["a \\"q\\""]'] },
};

function captured(text: string): Deferred {
  const { body } = parseFile({ name: "pair.lab.hcl", text: `# first\nvalue = ${text}\n` });
  const [attribute] = body.attributes;
  if (!attribute) throw new Error("does not parse");
  return capture(attribute.expression, (root, member) => {
    const key = member === undefined ? root : `${root}.${member}`;
    const found = resources[key];
    if (!found) throw new Error(`asked for ${key}`);
    return found;
  });
}

const instance = (address: string): Value =>
  objectValue(
    new Map([
      ["address", stringValue(address)],
      ["pid", numberValue(4711)],
    ]),
  );

function result(deferred: Deferred): string {
  // As it comes back from a plan file.
  const read = JSON.parse(JSON.stringify(deferred)) as Deferred;
  const { value, diagnostics } = evaluateDeferred(read, instance, TIME);
  if (diagnostics.length > 0) throw new Error(diagnostics.map((one) => one.summary).join("; "));
  return formatValue(value).replace(/\s+/g, " ");
}

describe("a deferred expression", () => {
  test("keeps its text, its place, and each reference once", () => {
    const deferred = captured('"${var.name}-${node.single.pid}-${var.name}-${node["single"].pid}"');
    expect(deferred.text).toBe('"${var.name}-${node.single.pid}-${var.name}-${node["single"].pid}"');
    expect(deferred.at).toBe("pair.lab.hcl:2:9");
    expect(Object.keys(deferred.captured)).toEqual(["var.name", "node.single"]);
  });

  test("does not capture what a for in it binds", () => {
    expect(Object.keys(captured("[for x in node.list: x.pid + var.third]").captured)).toEqual([
      "node.list",
      "var.third",
    ]);
  });

  test("captures a root as a whole where an index is not constant", () => {
    const deferred = captured('var[each.key == "a" ? "name" : "other"]');
    expect(Object.keys(deferred.captured).sort()).toEqual(["each.key", "var"]);
    expect(result(deferred)).toBe('"lab"');
  });

  test.each([
    ['"${var.name}:${node.single.pid}"', '"lab:4711"'],
    ["(node.single).address", '"node.single"'],
    ["node.list[*].address", '[ "node.list[9]", "node.list[10]", ]'],
    ["keys(node.map)", '[ "a \\"q\\"", "b", ]'],
    ['node.map["b"].pid', "4711"],
    ["var.third * 3", "1"],
    ["upper(var.secret)", "(sensitive value)"],
    ["<<EOT\npid ${node.single.pid}\nEOT\n", "<<EOT pid 4711 EOT"],
    ["[\n  1 +\n  node.single.pid,\n]", "[ 4712, ]"],
  ])("is evaluated with instances and captured values: %s", (text, expected) => {
    expect(result(captured(text))).toBe(expected);
  });

  test("may refer to another one", () => {
    const inner = captured("node.single.pid + 1");
    const outer: Deferred = {
      text: "local.next * 2",
      at: "pair.lab.hcl:9:3",
      captured: { "local.next": { kind: "deferred", deferred: inner } },
    };
    expect(result(outer)).toBe("9424");
  });

  test("says where in the lab file an error is, its own or another's", () => {
    const inner = captured("[\n  node.single.nothing,\n]");
    const outer: Deferred = {
      text: "local.next[0]",
      at: "other.lab.hcl:9:3",
      captured: { "local.next": { kind: "deferred", deferred: inner } },
    };
    const { diagnostics } = evaluateDeferred(outer, instance, TIME);
    expect(diagnostics).toHaveLength(1);
    const range = diagnostics[0]?.range;
    if (!range) throw new Error("no range");
    expect(range.file.name).toBe("pair.lab.hcl");
    expect(position(range.file, range.start)).toEqual({ line: 3, column: 15 });
  });
});
