import { describe, expect, test } from "vitest";
import { graphOf } from "../../src/config/graph.ts";
import { order } from "../../src/config/order.ts";
import { formatRange } from "../../src/core/source.ts";
import { details, load, loaded, shown } from "./support.ts";

describe("a reference to what does not exist", () => {
  const declared = `
variable "image" {}
locals {
  size = 1
}
node "r1" {}
node "many" {
  count = 2
}
node "named" {
  for_each = toset(["a"])
}
`;
  const withOutput = (expression: string) => load(`output "o" {\n  value = ${expression}\n}${declared}`);
  test.each([
    ["var.imgae", "var.imgae does not exist", 'Did you mean "image"?'],
    ["local.sizes", "local.sizes does not exist", 'Did you mean "size"?'],
    ["local.other", "local.other does not exist", "locals { other = … }"],
    ["node.r2.pid", "node.r2 does not exist", 'Did you mean "r1"?'],
    ["link.core", "link.core does not exist", 'link "core" { … }'],
    ["lab.nme", "lab.nme does not exist", 'Did you mean "name"?'],
    ["lab.secret", "lab.secret does not exist", "lab.name and lab.workspace"],
    ["path.home", "path.home does not exist", "path.module"],
    ["node.r1.pdi", 'node.r1 has no attribute "pdi"', 'Did you mean "pid"?'],
    ["node.r1[0]", "node.r1 has no instance [0]", "without a key"],
    ["node.many.pid", "node.many has no attribute of its own", "node.many[0].pid"],
    ["node.many[1].pdi", 'node.many has no attribute "pdi"', 'Did you mean "pid"?'],
    ['node.named["a"].pdi', 'node.named has no attribute "pdi"', 'Did you mean "pid"?'],
    ["each.key", '"each" has no meaning here', "for_each"],
    ["count.index", '"count" has no meaning here', "count"],
    ["r1.pid", 'Unknown name "r1"', "Did you mean node.r1?"],
    ["image", 'Unknown name "image"', "Did you mean var.image?"],
    ["vra.image", 'Unknown name "vra"', 'Did you mean "var"?'],
    ["e1000", 'Unknown name "e1000"', '"e1000"'],
    ["module.x.y", "module.x does not exist", 'module "x" { … }'],
    ["output.o", '"output" cannot be referred to', "local"],
    ["terraform.workspace", '"terraform" cannot be referred to', "lab.workspace"],
    ["var", '"var" needs a name', "var.name"],
    ["node[var.image]", '"node" needs a name', "node.name"],
  ])("%s", (expression, summary, detail) => {
    const checked = withOutput(expression);
    expect(checked.diagnostics.map((one) => one.summary)).toEqual([summary]);
    expect(details(checked)).toContain(detail);
    expect(checked.diagnostics[0]?.range && formatRange(checked.diagnostics[0].range)).toBe("t.lab.hcl:2:11");
  });

  test.each([
    "node.r1",
    "node.r1.adapter[0].id",
    "node.many[*].pid",
    "node.many[0].pid",
    'node.many["0"].pid',
    "{ for k, n in node.named : k => n.pid }",
    "[for each in [1] : each]",
    "path.module",
  ])("%s exists", (expression) => {
    expect(shown(withOutput(expression))).toEqual([]);
  });

  test("is told in nested blocks and in depends_on too", () => {
    const text = 'node "a" {\n  disk "d" {\n    image = "${var.x}"\n  }\n  depends_on = [node.z]\n}';
    expect(shown(load(text))).toEqual([
      "t.lab.hcl:3:16 var.x does not exist [var.x]",
      "t.lab.hcl:5:17 node.z does not exist [node.z]",
    ]);
  });
});

describe("each and count", () => {
  test("stand for the instance inside its body", () => {
    const text =
      'node "a" {\n  for_each = toset(["x"])\n  ram = each.value\n  disk "d" {\n    image = each.key\n  }\n}\nnode "b" {\n  count = 1\n  ram = count.index\n}';
    expect(shown(load(text))).toEqual([]);
  });

  test("have no meaning in what makes the instances, or in the other kind's", () => {
    const text = 'node "a" {\n  for_each = toset([each.key])\n  ram = count.index\n}';
    expect(shown(load(text))).toEqual([
      't.lab.hcl:2:21 "each" has no meaning here [each.key]',
      't.lab.hcl:3:9 "count" has no meaning here [count.index]',
    ]);
  });
});

describe("a provider", () => {
  test("cannot refer to nodes", () => {
    expect(shown(load('provider "qemu" {\n  accel = node.a.pid\n}\nnode "a" {}'))).toEqual([
      't.lab.hcl:2:11 A provider cannot refer to "node" [node.a.pid]',
    ]);
  });

  test("cannot do so by way of locals either", () => {
    const text = 'provider "qemu" {\n  accel = local.x\n}\nlocals {\n  x = local.y\n  y = node.a.pid\n}\nnode "a" {}';
    const checked = load(text);
    expect(shown(checked)).toEqual(['t.lab.hcl:2:11 Provider "qemu" cannot refer to local.x [local.x]']);
    expect(details(checked)).toContain("local.x comes from node.a");
  });
});

describe("blocks that wait for one another", () => {
  test("are told as one ring with all its places", () => {
    const text = `locals {
  a = local.b
  b = node.n.pid
}
node "n" {
  ram = local.a
}
output "o" {
  value = local.a
}
`;
    const checked = load(text);
    expect(shown(checked)).toEqual(["t.lab.hcl:2:7 local.a, local.b and node.n wait for one another [local.b]"]);
    expect(details(checked)).toContain("local.a → local.b → node.n → local.a");
    expect(checked.diagnostics[0]?.related?.map((one) => `${formatRange(one.range)} ${one.message}`)).toEqual([
      "t.lab.hcl:3:7 local.b refers to node.n",
      "t.lab.hcl:6:9 node.n refers to local.a",
    ]);
  });

  test("include those tied by depends_on", () => {
    const checked = load('node "a" {\n  depends_on = [node.b]\n}\nnode "b" {\n  depends_on = [node.a]\n}');
    expect(checked.diagnostics.map((one) => one.summary)).toEqual(["node.a and node.b wait for one another"]);
  });

  test("one alone refers to itself", () => {
    expect(shown(load('node "a" {\n  ram = node.a.pid\n}'))).toEqual([
      "t.lab.hcl:2:9 node.a refers to itself [node.a.pid]",
    ]);
  });

  test("two rings are two errors", () => {
    const checked = load("locals {\n  a = local.b\n  b = local.a\n  c = local.d\n  d = local.c\n}");
    expect(checked.diagnostics).toHaveLength(2);
  });
});

describe("the order of blocks", () => {
  const text = `output "o" {
  value      = local.x
  depends_on = [link.l]
}
link "l" {
  endpoints = [node.b.adapter[0], node.a.adapter[0]]
}
node "a" {
  ram        = var.size
  depends_on = [node.c]
}
node "b" {}
node "c" {}
locals {
  x = node.a.pid
  y = var.size
}
provider "qemu" {
  accel = local.y
}
variable "size" {}
`;

  test("puts each after what it refers to, providers before all resources, else as in the files", () => {
    expect(order(loaded(text)).map((one) => one.name)).toEqual([
      "var.size",
      "local.y",
      "provider.qemu",
      "node.c",
      "node.a",
      "local.x",
      "node.b",
      "link.l",
      "output.o",
    ]);
  });

  test("comes from what each refers to", () => {
    const { edges } = graphOf(loaded(text));
    const found = (name: string) => [...(edges.get(name)?.keys() ?? [])];
    expect(found("link.l")).toEqual(["node.b", "node.a"]);
    expect(found("node.a")).toEqual(["var.size", "node.c"]);
    expect(found("output.o")).toEqual(["local.x", "link.l"]);
    expect(found("node.b")).toEqual([]);
  });

  test("is found for a chain longer than any stack", () => {
    const count = 20_000;
    const lines = Array.from({ length: count }, (_, at) => `  x${at} = ${at + 1 < count ? `local.x${at + 1}` : 1}`);
    const names = order(loaded(`locals {\n${lines.join("\n")}\n}`)).map((one) => one.name);
    expect(names[0]).toBe(`local.x${count - 1}`);
    expect(names[count - 1]).toBe("local.x0");
  });
});
