import { describe, expect, test } from "vitest";
import { order } from "../../src/config/order.ts";
import { formatRange } from "../../src/core/source.ts";
import { details, load, loaded, shown } from "./support.ts";

const root = (text: string) => ({ "a.lab.hcl": `lab "t" {}\n${text}` });
const pod = `variable "size" {}
variable "name" {
  default = "x"
}
node "r" {
  ram = var.size
}
output "ram" {
  value = node.r.ram
}
`;

describe("a module", () => {
  test("has the files of its directory, and its own names", () => {
    const lab = loaded({
      ...root('node "r" {}\nmodule "pod" {\n  source = "./pod"\n  size   = 1\n}\n'),
      "pod/a.lab.hcl": pod,
      "pod/b_override.lab.hcl": 'node "r" {\n  ram = 3\n}\n',
    });
    const call = lab.calls.get("pod");
    expect(call?.module).toMatchObject({ directory: "/labs/t/pod", path: "pod", complete: true });
    expect([...(call?.arguments.keys() ?? [])]).toEqual(["size"]);
    expect([...(call?.module.resources.keys() ?? [])]).toEqual(["node.r"]);
    expect(call?.module.resources.get("node.r")?.body.attributes[0]?.expression).toMatchObject({ value: 3 });
  });

  test.each([
    ["./pod", "pod", "/labs/t/pod"],
    ["./pod/", "pod", "/labs/t/pod"],
    ["./x/../pod", "pod", "/labs/t/pod"],
    ["../pod", "../pod", "/labs/pod"],
    ["/srv/pod", "/srv/pod", "/srv/pod"],
  ])("may be named %s", (source, path, directory) => {
    const lab = loaded({ ...root(`module "m" {\n  source = "${source}"\n}\n`), [`${path}/m.lab.hcl`]: "" });
    expect(lab.calls.get("m")?.module).toMatchObject({ path, directory });
  });

  test("is found from the directory of the module that calls it", () => {
    const lab = loaded({
      ...root('module "m" {\n  source = "./m"\n}\n'),
      "m/m.lab.hcl": 'module "up" {\n  source = "../n"\n}\nmodule "in" {\n  source = "./in"\n}\n',
      "n/n.lab.hcl": "",
      "m/in/i.lab.hcl": "",
    });
    const inner = lab.calls.get("m")?.module.calls;
    expect([...(inner?.values() ?? [])].map((one) => one.module.path)).toEqual(["n", "m/in"]);
  });

  test("is read once for all who call it, and its mistakes are told once", () => {
    const files = {
      ...root('module "a" {\n  source = "./m"\n}\nmodule "b" {\n  source = "./m/"\n}\n'),
      "m/m.lab.hcl": 'node "r" {\n  rma = 1\n}\n',
    };
    expect(shown(load(files))).toEqual(['m/m.lab.hcl:2:3 Unknown argument "rma" [rma]']);
  });

  test("stands in the order of what it is given and what it gives", () => {
    const lab = loaded({
      ...root(`node "last" {
  ram = module.pod.ram
}
module "pod" {
  source = "./pod"
  size   = node.first.ram
}
node "first" {}
`),
      "pod/a.lab.hcl": pod,
    });
    expect(order(lab).map(({ name }) => name)).toEqual([
      "module.pod",
      "node.first",
      "module.pod.var.size",
      "module.pod.node.r",
      "module.pod.output.ram",
      "node.last",
      "module.pod.var.name",
    ]);
  });

  test("comes after what it depends on, and all of it before what depends on it", () => {
    const lab = loaded({
      ...root(`module "b" {
  source     = "./pod"
  size       = 1
  depends_on = [module.a, node.x]
}
module "a" {
  source = "./pod"
  size   = 1
}
node "x" {}
`),
      "pod/a.lab.hcl": pod,
    });
    const names = order(lab).map(({ name }) => name);
    for (const before of ["module.a.node.r", "node.x"]) {
      expect(names.indexOf(before)).toBeLessThan(names.indexOf("module.b"));
    }
  });
});

describe("what does not fit a module is told with both places", () => {
  const wrong = (body: string, rest = "") =>
    load({ ...root(`module "pod" {\n  source = "./pod"\n${body}\n}\n${rest}`), "pod/a.lab.hcl": pod });

  test.each([
    ["", 'a.lab.hcl:2:1 Missing argument "size" [module "pod"]', "pod/a.lab.hcl:1:1"],
    ["  size = 1\n  nmae = 2", 'a.lab.hcl:5:3 Unknown argument "nmae" of module "pod" [nmae]', "pod/a.lab.hcl:2:1"],
  ])("in %j", (body, message, place) => {
    const checked = wrong(body);
    expect(shown(checked)).toEqual([message]);
    const [diagnostic] = checked.diagnostics;
    expect((diagnostic?.related ?? []).map((one) => formatRange(one.range))).toEqual([place]);
  });

  test("an argument that no variable is like", () => {
    const checked = wrong("  size = 1\n  quite_another = 2");
    expect(details(checked)).toBe("./pod declares no variable of this name.");
  });

  test("an output that is not there", () => {
    const checked = wrong("  size = 1", "locals {\n  x = module.pod.rma\n}\n");
    expect(shown(checked)).toEqual(['a.lab.hcl:7:7 module.pod has no output "rma" [module.pod.rma]']);
    expect(details(checked)).toContain('Did you mean "ram"?');
    const places = (checked.diagnostics[0]?.related ?? []).map((one) => formatRange(one.range));
    expect(places).toEqual(["a.lab.hcl:2:1", "pod/a.lab.hcl:8:1"]);
  });

  test.each(["try(module.pod.rma, 1)", "can(module.pod[0].ram)", "core::try(upper(module.pod.rma), 1)"])(
    "is no mistake where it is only tried: %s",
    (attempt) => {
      expect(wrong("  size = 1", `locals {\n  x = ${attempt}\n}\n`).diagnostics).toEqual([]);
      const other = wrong("  size = 1", `locals {\n  x = [${attempt}, module.pod.rma]\n}\n`);
      expect(other.diagnostics).toHaveLength(1);
    },
  );

  test.each([
    ["  count = 2", "module.pod.ram", "module.pod has no output of its own"],
    ["", "module.pod[0].ram", "module.pod has no instance [0]"],
    ["  count = 2", "module.pod[0].rma", 'module.pod has no output "rma"'],
    ["  for_each = { a = 1 }", 'module.pod["a"].rma', 'module.pod has no output "rma"'],
    ["", "module.pdo.ram", "module.pdo does not exist"],
    ["", "module", '"module" needs a name'],
    ["", "pod.ram", 'Unknown name "pod"'],
  ])("with %j the reference %s", (argument, reference, summary) => {
    const checked = wrong(`  size = 1\n${argument}`, `locals {\n  x = ${reference}\n}\n`);
    expect(checked.diagnostics.map((one) => one.summary)).toEqual([summary]);
  });

  test.each([
    ["  size = 1\n  count = 1\n  for_each = {}", "count and for_each together"],
    ["  size = each.key", '"each" has no meaning here'],
    ['  size = 1\n  version = "1.0"', '"version" cannot be used in module "pod"'],
    ["  size = 1\n  providers = {}", '"providers" cannot be used in module "pod"'],
    ["  size = 1\n  lifecycle {\n    prevent_destroy = true\n  }", '"prevent_destroy" cannot be used in lifecycle'],
    ["  size = 1\n  lifecycle {}\n  lifecycle {}", "Duplicate lifecycle"],
    ["  size = 1\n  depends_on = [module.x]", "module.x does not exist"],
    ["  size = 1\n  depends_on = [module.pod.ram]", "depends_on names whole nodes, links and modules"],
  ])("the body %j", (body, summary) => {
    expect(wrong(body).diagnostics.map((one) => one.summary)).toEqual([summary]);
  });

  test.each([
    ['lab "x" {}', "A module has no lab block"],
    ['provider "qemu" {}', "A module has no provider block"],
    ['variable "count" {}', 'A variable cannot be named "count"'],
    ['variable "source" {}', 'A variable cannot be named "source"'],
  ])("%s in it", (text, summary) => {
    const files = { ...root('module "m" {\n  source = "./m"\n}\n'), "m/m.lab.hcl": text };
    const found = load(files).diagnostics.map((one) => one.summary);
    expect(found).toContain(summary);
  });
});

describe("a source that is no directory is refused with a word of what it is", () => {
  test.each([
    ["pod", 'Did you mean "./pod"?'],
    [".", 'Did you mean "./"?'],
    ["", 'Name a directory: "./pod".'],
    ["hashicorp/consul/aws", "repository or registry"],
    ["app.example.com/corp/pod/kvm", "repository or registry"],
    ["github.com/corp/pod", "repository or registry"],
    ["git::https://example.com/pod.git", "It names a repository."],
    ["git@example.com:corp/pod.git", "It names a repository."],
    ["https://example.com/pod.zip", "It is the address of a download."],
    ["s3::https://example.com/pod.zip", "It names a repository."],
  ])("%j", (source, words) => {
    const checked = load(root(`module "m" {\n  source = "${source}"\n}\n`));
    expect(shown(checked)).toEqual([`a.lab.hcl:3:12 Bad module source "${source}" ["${source}"]`]);
    expect(details(checked)).toContain(words);
  });

  test("an expression, or nothing", () => {
    expect(shown(load(root('module "m" {\n  source = "./${"x"}"\n}\n')))).toEqual([
      'a.lab.hcl:3:12 "source" must be text in quotes ["./${"x"}"]',
    ]);
    expect(shown(load(root('module "m" {}\n')))).toEqual(['a.lab.hcl:2:1 Missing argument "source" [module "m"]']);
  });
});

describe("modules that call one another", () => {
  test("in a ring of directories are told with all its places", () => {
    const checked = load({
      ...root('module "a" {\n  source = "./a"\n}\n'),
      "a/a.lab.hcl": 'module "b" {\n  source = "../b"\n}\n',
      "b/b.lab.hcl": 'module "a" {\n  source = "../a"\n}\n',
    });
    expect(shown(checked)).toEqual(['b/b.lab.hcl:2:12 Modules call one another ["../a"]']);
    expect(details(checked)).toContain("a → b → a: each calls the next");
    expect((checked.diagnostics[0]?.related ?? []).map((one) => formatRange(one.range))).toEqual(["a/a.lab.hcl:2:12"]);
  });

  test("or itself, or the lab", () => {
    const call = (source: string) => `module "m" {\n  source = "${source}"\n}\n`;
    expect(details(load({ ...root(call("./")) }))).toContain("the lab's directory → the lab's directory");
    expect(details(load({ ...root(call("./m")), "m/m.lab.hcl": call("../") }))).toContain("the lab's directory → m →");
  });

  test("through values are told as one ring", () => {
    const files = {
      ...root(`module "a" {
  source = "./m"
  in     = module.b.out
}
module "b" {
  source = "./m"
  in     = module.a.out
}
`),
      "m/m.lab.hcl": 'variable "in" {}\noutput "out" {\n  value = var.in\n}\n',
    };
    const checked = load(files);
    expect(checked.diagnostics).toHaveLength(1);
    expect(details(checked)).toContain(
      "module.a.var.in → module.b.output.out → module.b.var.in → module.a.output.out → module.a.var.in",
    );
    expect((checked.diagnostics[0]?.related ?? []).map((one) => formatRange(one.range))).toEqual([
      "m/m.lab.hcl:3:11",
      "a.lab.hcl:8:12",
      "m/m.lab.hcl:3:11",
    ]);
  });

  test("through depends_on too, naming the module as a whole", () => {
    const files = {
      ...root(`module "a" {
  source     = "./m"
  depends_on = [module.b]
}
module "b" {
  source     = "./m"
  depends_on = [module.a]
}
`),
      "m/m.lab.hcl": 'node "r" {}\n',
    };
    const [ring] = load(files).diagnostics;
    expect(ring?.summary).toContain("wait for one another");
    expect(ring?.detail).toContain("module.a → all of module.b");
  });

  test("so often that there is no end to them", () => {
    const twice = (next: string) =>
      `module "x" {\n  source = "../${next}"\n}\nmodule "y" {\n  source = "../${next}"\n}\n`;
    const levels = Array.from({ length: 30 }, (_, at) => [`m${at}/m.lab.hcl`, at < 29 ? twice(`m${at + 1}`) : ""]);
    const files = { ...root('module "m" {\n  source = "./m0"\n}\n'), ...Object.fromEntries(levels) };
    expect(load(files).diagnostics.map((one) => one.summary)).toEqual(["The lab has too many modules"]);
  });
});

describe("a rule of a module's variable", () => {
  const module = (condition: string, more = "") => ({
    ...root('module "m" {\n  source = "./m"\n  x      = 1\n}\n'),
    "m/m.lab.hcl": `variable "x" {
  validation {
    condition     = var.x > 0 && ${condition}
    error_message = "no"
  }
}
${more}`,
  });

  test("may look at locals that come from variables", () => {
    expect(load(module("local.y > 0", "locals {\n  y = var.x\n}\n")).diagnostics).toEqual([]);
  });

  test.each([
    ["node.r.ram > 0", 'node "r" {}\n', 'A validation of var.x cannot refer to "node"'],
    ["local.y > 0", 'locals {\n  y = node.r.ram\n}\nnode "r" {}\n', "A validation of var.x cannot refer to local.y"],
  ])("cannot look at %s", (condition, more, summary) => {
    expect(load(module(condition, more)).diagnostics.map((one) => one.summary)).toEqual([summary]);
  });
});
