import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LifecycleEngine } from "./lifecycleLab.ts";

/** What is asked for in one place meets what is asked for in another. */
let engine: LifecycleEngine;
beforeEach(() => {
  engine = new LifecycleEngine();
});
afterEach(() => engine.close());

const link = (end: string, ignored: string) =>
  `link "l" {\n  endpoints = [node.a.adapter[0], ${end}]\n  lifecycle {\n    ignore_changes = ${ignored}\n  }\n}\n`;

describe("a link whose endpoints are ignored", () => {
  it.each(["[endpoints]", "all"])("stays where it is, wherever its node stands in the files: %s", async (ignored) => {
    const lab = (end: string) => `${link(end, ignored)}\nnode "a" {}\nnode "c" {}\nnode "b" {}\n`;
    engine.lab(lab("node.b.adapter[0]"));
    await engine.applied();
    engine.lab(lab("node.c.adapter[0]"));
    expect(await engine.changes()).toEqual([]);
  });

  it("says so where that node is to go", async () => {
    engine.lab(`node "a" {}\nnode "b" {}\nnode "c" {}\n${link("node.b.adapter[0]", "[endpoints]")}`);
    await engine.applied();
    engine.lab(`node "a" {}\nnode "c" {}\n${link("node.c.adapter[0]", "[endpoints]")}`);
    const told = await engine.refusal("plan");
    expect(told).toContain("Endpoint 1 of link.l is an adapter of no node of this lab");
    expect(told).toContain("Its endpoints stay as they are recorded, since ignore_changes names them");
    expect(told).toContain('link "l" {');
  });
});

it("a link may name an adapter by its id, wherever its node stands in the files", async () => {
  engine.lab('node "a" {}\nnode "b" {}\n');
  await engine.applied();
  const { id } = engine.recorded("node.b").attributes as { readonly id: string };
  engine.lab(`node "a" {}\nlink "l" {\n  endpoints = [node.a.adapter[0], "${id}/0"]\n}\nnode "b" {}\n`);
  expect(await engine.changes()).toEqual(["create | link.l"]);
});

describe("an instance that the lab files do not want any more", () => {
  /** What a plan does and why, the service aside, and how OpenTofu's word for it is. */
  const reasons = async () => {
    await engine.succeeded("plan", "-out=p");
    const { resource_changes } = JSON.parse(await engine.succeeded("show", "-json", "p")) as {
      resource_changes: readonly {
        address: string;
        action_reason?: string;
        change: { causes: readonly { summary: string }[] };
      }[];
    };
    return resource_changes.map(
      ({ address, action_reason, change: { causes } }) => `${address} | ${action_reason} | ${causes[0]?.summary}`,
    );
  };

  it.each([
    ["count = 2", "count = 1", "node.a[1] | delete_because_count_index | its count no longer reaches [1]"],
    [
      'for_each = toset(["x", "y"])',
      'for_each = toset(["x"])',
      'node.a["y"] | delete_because_each_key | its for_each no longer has "y"',
    ],
    [
      "count = 1",
      'for_each = toset(["x"])',
      "node.a[0] | delete_because_wrong_repetition | its block has for_each now, and instances with names as keys",
    ],
    [
      'for_each = toset(["x"])',
      "",
      'node.a["x"] | delete_because_wrong_repetition | its block is no longer repeated, and has one instance without a key',
    ],
  ])("is told with what became of its block: %s, then %s", async (before, after, reason) => {
    engine.lab(`node "a" {\n  ${before}\n}\n`);
    await engine.applied();
    engine.lab(`node "a" {\n  ${after}\n}\n`);
    expect(await reasons()).toContain(reason);
  });

  it("is told with its module, where that is gone", async () => {
    engine.writeAll({ "pod/pod.lab.hcl": 'node "r" {}\n' });
    engine.lab('module "pod" {\n  source   = "./pod"\n  for_each = toset(["x", "y"])\n}\n');
    await engine.applied();
    engine.lab('module "pod" {\n  source   = "./pod"\n  for_each = toset(["x"])\n}\n');
    expect(await engine.changes()).toEqual([
      'delete | module.pod["y"].node.r | module.pod["y"] is no longer in the lab files',
    ]);
  });

  it("is not taken for one that is not enabled, where a removed block speaks of it", async () => {
    engine.lab('node "a" {}\nnode "k" {}\n');
    await engine.applied();
    engine.lab('node "k" {}\nremoved {\n  from = node.a\n}\n');
    expect(await reasons()).toContain("node.a | delete_because_no_resource_config | its removed block says so");
  });
});
