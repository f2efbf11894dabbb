import { describe, expect, test } from "vitest";
import { formatRange } from "../../src/core/source.ts";
import { details, load, loaded, shown } from "./support.ts";

const pair = {
  "a.lab.hcl": `lab "pair" {
  identity         = "pair-\${lab.workspace}"
  required_version = "~> 0.1"
}
variable "image" {
  type        = string
  description = "A base image"
  default     = "x.qcow2"
}
variable "names" {
  type      = list(string)
  default   = ["r1", "r2"]
  sensitive = true
  nullable  = false
}
locals {
  count_of = length(var.names)
  names    = toset(var.names)
}
`,
  "b.lab.hcl": `provider "qemu" {
  accel = local.count_of > 1 ? "tcg" : "kvm"
}
node "router" {
  for_each = local.names
  ram      = 512
  disk "hda" {
    image = var.image
  }
  forward {
    port = 1
  }
  forward {
    port = 2
  }
  depends_on = [node.first]
}
node "first" {
  mac_address = "02:00:00:00:00:01"
}
link "core" {
  count     = 2
  endpoints = [node.router["r1"].adapter[count.index], node.first.adapter[0]]
}
output "pids" {
  value       = { for name, n in node.router : name => n.pid }
  description = "Processes"
  sensitive   = true
  depends_on  = [link.core]
}
`,
};

test("a lab of several files is read block by block", () => {
  const lab = loaded(pair);
  expect(lab.name).toBe("pair");
  expect(lab.requiredVersion?.text).toBe("~> 0.1");
  expect(
    [...lab.variables.values()].map(({ name, type, sensitive, nullable }) => [name, type.kind, sensitive, nullable]),
  ).toEqual([
    ["image", "string", false, true],
    ["names", "list", true, false],
  ]);
  expect(lab.variables.get("image")?.description).toBe("A base image");
  expect([...lab.locals.keys()]).toEqual(["count_of", "names"]);
  expect([...lab.providers.keys()]).toEqual(["qemu"]);
  expect([...lab.resources.keys()]).toEqual(["node.router", "node.first", "link.core"]);
  const router = lab.resources.get("node.router");
  expect(router?.forEach?.kind).toBe("attribute");
  expect(router?.body.attributes.map(({ name }) => name)).toEqual(["ram"]);
  expect(router?.dependsOn.map(({ address }) => address)).toEqual(["node.first"]);
  expect(lab.resources.get("link.core")?.count).toBeDefined();
  expect(lab.outputs.get("pids")).toMatchObject({ sensitive: true, description: "Processes" });
});

test("files are read in the order of their names, whatever order they are given in", () => {
  const files = { "b.lab.hcl": 'node "b" {}', "a.lab.hcl": 'node "a" {}\nlab "t" {}', "B.lab.hcl": 'node "c" {}' };
  expect([...loaded(files).resources.keys()]).toEqual(["node.c", "node.a", "node.b"]);
});

describe("the lab block", () => {
  test("there must be one", () => {
    expect(shown(load({ "t.lab.hcl": 'node "r1" {}' }))).toEqual(["The lab has no lab block"]);
    expect(shown(load({}))).toEqual(["No lab files here"]);
  });

  test("a second one names the first", () => {
    const checked = load({ "a.lab.hcl": 'lab "one" {}', "b.lab.hcl": 'lab "two" {}' });
    expect(shown(checked)).toEqual(['b.lab.hcl:1:1 Duplicate lab block [lab "two"]']);
    expect(checked.diagnostics[0]?.related?.map(({ range }) => formatRange(range))).toEqual(["a.lab.hcl:1:1"]);
  });

  test("is not missed where a file cannot be parsed", () => {
    expect(load({ "t.lab.hcl": 'lab "t" {' }).diagnostics.map(({ summary }) => summary)).not.toContain(
      "The lab has no lab block",
    );
  });

  test("a lab for another version gets that one word", () => {
    const text = 'lab "t" {\n  required_version = ">= 2.0"\n}\nfuture "x" {}\n';
    expect(shown(load({ "t.lab.hcl": text }))).toEqual([
      't.lab.hcl:2:22 The lab is for another version of labform [">= 2.0"]',
    ]);
    expect(shown(load({ "t.lab.hcl": text }, "2.1.0"))).toEqual(['t.lab.hcl:4:1 Unknown block "future" [future]']);
  });

  test("a constraint that is none, or no text, is an error", () => {
    const withVersion = (version: string) =>
      shown(load({ "t.lab.hcl": `lab "t" {\n  required_version = ${version}\n}\n` }));
    expect(withVersion('"about 1"')).toEqual(['t.lab.hcl:2:22 "about 1" is no version constraint ["about 1"]']);
    expect(withVersion("var.x")).toEqual(['t.lab.hcl:2:22 "required_version" must be text in quotes [var.x]']);
  });

  test("refers only to what is known before the rest", () => {
    expect(shown(load({ "t.lab.hcl": 'lab "t" {\n  identity = local.x\n}\nlocals {\n  x = 1\n}\n' }))).toEqual([
      't.lab.hcl:2:14 The lab block cannot refer to "local" [local.x]',
    ]);
  });
});

describe("what does not fit is told with its place", () => {
  test.each([
    ['nod "r1" {}', 't.lab.hcl:1:1 Unknown block "nod" [nod]', 'Did you mean "node"?'],
    ["x = 1", 't.lab.hcl:1:1 Argument "x" outside of a block [x]', "locals"],
    ['node "r1" {\n  rma = 1\n}', 't.lab.hcl:2:3 Unknown argument "rma" [rma]', 'Did you mean "ram"?'],
    ['node "r1" {\n  pid = 1\n}', 't.lab.hcl:2:3 "pid" cannot be set [pid]', "labform decides"],
    ['node "r1" {\n  disk = {}\n}', 't.lab.hcl:2:3 "disk" is a block, not an argument [disk]', 'disk "name" { … }'],
    ['node "r1" {\n  ram {}\n}', 't.lab.hcl:2:3 "ram" is an argument, not a block [ram]', "ram = "],
    ['node "r1" {\n  dsk "a" {}\n}', 't.lab.hcl:2:3 Unknown block "dsk" [dsk "a"]', 'Did you mean "disk"?'],
    [
      'node "r1" {\n  disk {\n    image = "x"\n  }\n}',
      "t.lab.hcl:2:3 Missing name of disk [disk]",
      'disk "name" { … }',
    ],
    ['node "r1" {\n  ready "x" {}\n}', 't.lab.hcl:2:9 Too many names for ready ["x"]', "ready { … }"],
    ['node "r1" {\n  disk "a" {}\n}', 't.lab.hcl:2:3 Missing argument "image" [disk "a"]', "Its base image"],
    ['link "l" {}', 't.lab.hcl:1:1 Missing argument "endpoints" [link "l"]', "What it connects"],
    ["node {}", "t.lab.hcl:1:1 Missing name of node [node]", 'node "name" { … }'],
    ['node "a" "b" {}', 't.lab.hcl:1:10 Too many names for node ["b"]', 'node "name" { … }'],
    ['node "1a" {}', 't.lab.hcl:1:6 Bad name for node ["1a"]', "begins with a letter"],
    ['provider "qmeu" {}', 't.lab.hcl:1:10 Unknown provider "qmeu" ["qmeu"]', 'Did you mean "qemu"?'],
    ['provider "qemu" {\n  acel = ""\n}', 't.lab.hcl:2:3 Unknown argument "acel" [acel]', 'Did you mean "accel"?'],
    ['output "o" {}', 't.lab.hcl:1:1 Missing argument "value" [output "o"]', "What the output shows"],
    ['variable "v" {\n  sensitive = 1\n}', 't.lab.hcl:2:15 "sensitive" must be true or false [1]', "before anything"],
    [
      'variable "v" {\n  default = local.x\n}',
      "t.lab.hcl:2:13 The default of a variable must be a constant [local.x]",
      "",
    ],
    ['variable "v" {\n  type = number\n  default = "x"\n}', 't.lab.hcl:3:13 Wrong type for var.v ["x"]', "number"],
    ["locals {\n  a {}\n}", 't.lab.hcl:2:3 Unknown block "a" [a]', "name = value"],
    [
      'node "r1" {\n  depends_on = [link.x.y]\n}',
      "t.lab.hcl:2:17 depends_on names whole nodes, links and modules [link.x.y]",
      "",
    ],
    [
      'node "r1" {\n  depends_on = ["node.x"]\n}',
      't.lab.hcl:2:17 depends_on names whole nodes, links and modules ["node.x"]',
      "without quotes",
    ],
    ['node "r1" {\n  depends_on = node.x\n}', "t.lab.hcl:2:16 depends_on must be a list [node.x]", ""],
  ])("%s", (text, summary, detail) => {
    const checked = load(text);
    expect(shown(checked)).toEqual([summary]);
    expect(details(checked)).toContain(detail);
  });

  test.each([
    [
      "data",
      'check "t" {\n  data "http" "x" {}\n  assert {\n    condition = lab.name == ""\n    error_message = "x"\n  }\n}',
      "no data sources",
    ],
    ["resource", 'resource "a" "b" {}', 'node "r1"'],
    [
      "create_before_destroy",
      'node "r1" {\n  lifecycle {\n    create_before_destroy = true\n  }\n}',
      "cannot be there at once",
    ],
    ["dynamic", 'node "r1" {\n  lifecycle {\n    dynamic "precondition" {}\n  }\n}', "Write each block out"],
    ["template", 'link "l" {\n  endpoints = []\n  template  = template.x\n}', "Only nodes"],
    ["dynamic", 'variable "v" {\n  dynamic "validation" {}\n}', "Write each validation block out"],
    ["count", 'template "t" {\n  count = 2\n}', "Write count in the node's block"],
    ["for_each", 'template "t" {\n  for_each = []\n}', "Write for_each in the node's block"],
    ["ephemeral", 'variable "v" {\n  ephemeral = true\n}', "not supported by this version"],
  ])("%s is refused by name", (word, text, reason) => {
    const checked = load(text.startsWith("lab") ? { "t.lab.hcl": text } : text);
    expect(checked.diagnostics[0]?.summary).toContain(`"${word}"`);
    expect(details(checked)).toContain(reason);
  });
});

test("a name declared twice is told with both places", () => {
  const text = `node "a" {}
node "a" {}
variable "v" {}
variable "v" {}
locals {
  l = 1
}
locals {
  l = 2
}
output "o" {
  value = 1
}
output "o" {
  value = 2
}
provider "qemu" {}
provider "qemu" {}
node "b" {
  ready {}
  ready {}
  disk "x" {
    image = "a"
  }
  disk "x" {
    image = "b"
  }
}
`;
  const checked = load(text);
  const places = checked.diagnostics.map(({ summary, range, related }) => [
    summary,
    range && formatRange(range),
    ...(related ?? []).map((one) => formatRange(one.range)),
  ]);
  expect(places).toEqual([
    ['Duplicate node "a"', "t.lab.hcl:2:1", "t.lab.hcl:1:1"],
    ['Duplicate variable "v"', "t.lab.hcl:4:1", "t.lab.hcl:3:1"],
    ['Duplicate local "l"', "t.lab.hcl:9:3", "t.lab.hcl:6:3"],
    ['Duplicate output "o"', "t.lab.hcl:14:1", "t.lab.hcl:11:1"],
    ['Duplicate provider "qemu"', "t.lab.hcl:18:1", "t.lab.hcl:17:1"],
    ["Duplicate ready", "t.lab.hcl:21:3", "t.lab.hcl:20:3"],
    ['Duplicate disk "x"', "t.lab.hcl:25:3", "t.lab.hcl:22:3"],
  ]);
});

test("count and for_each together are refused with both places", () => {
  const checked = load('node "a" {\n  count    = 1\n  for_each = []\n}');
  expect(shown(checked)).toEqual(["t.lab.hcl:3:3 count and for_each together [for_each]"]);
  expect(checked.diagnostics[0]?.related?.map(({ range }) => formatRange(range))).toEqual(["t.lab.hcl:2:3"]);
});

test("all mistakes of all files are told, and a syntax error hides no others but makes nothing missing", () => {
  const checked = load({
    "a.lab.hcl": 'lab "t" {}\nnode "a" {\n  rma = 1\n}\nlink "l" {\n  endpoints = [node.b\n}\n',
    "b.lab.hcl": 'nod "x" {}\n',
  });
  const summaries = checked.diagnostics.map(({ summary }) => summary);
  expect(summaries).toContain('Unknown argument "rma"');
  expect(summaries).toContain('Unknown block "nod"');
  expect(summaries.some((one) => /missing argument|does not exist/i.test(one))).toBe(false);
});
