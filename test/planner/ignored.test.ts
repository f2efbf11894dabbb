import { expect, it } from "vitest";
import type { Resource } from "../../src/core/lab.ts";
import type { ResourceSchema } from "../../src/core/schema.ts";
import type { Instance } from "../../src/core/state.ts";
import type { Attributes, Path, PlannedAttributes } from "../../src/core/values.ts";
import { NUMBER, STRING, UNKNOWN } from "../../src/core/values.ts";
import type { Decoded } from "../../src/evaluation/decode.ts";
import { keepIgnored } from "../../src/planner/ignored.ts";

const schema: ResourceSchema = {
  kind: "node",
  version: 1,
  description: "",
  attributes: {
    size: { type: NUMBER, description: "" },
    tags: { type: { kind: "map", element: STRING }, description: "" },
    names: { type: { kind: "list", element: STRING }, description: "" },
    pid: { type: NUMBER, description: "", computed: "start" },
  },
  blocks: {
    forward: { nesting: "list", description: "", attributes: { port: { type: NUMBER, description: "" } } },
    ready: { nesting: "single", description: "", attributes: { console: { type: STRING, description: "" } } },
  },
};

interface Given {
  readonly written: PlannedAttributes;
  readonly recorded: Attributes;
  readonly ignored: "all" | readonly Path[];
  readonly deferred?: readonly Path[];
}

function kept({ written, recorded, ignored, deferred = [] }: Given): { readonly [name: string]: unknown } {
  const expression = { kind: "literal", value: 0 } as unknown as Decoded["deferred"][number]["expression"];
  const scope = {} as Decoded["deferred"][number]["scope"];
  const decoded: Decoded = {
    attributes: written,
    values: new Map(),
    sensitive: [],
    deferred: deferred.map((path) => ({ path, expression, scope })),
    unsettled: [],
    places: new Map(),
    diagnostics: [],
  };
  const instance = { attributes: recorded, sensitive: [], status: "ok" } as unknown as Instance;
  const found = { instance, recorded: instance, condition: "present", live: null, refreshed: false, updating: false };
  const resource = {
    lifecycle: { ignoreChanges: ignored, triggers: [] },
    body: { attributes: [], blocks: [] },
  } as unknown as Resource;
  const result = keepIgnored(decoded, resource, found as unknown as Parameters<typeof keepIgnored>[2], schema);
  return { ...result.attributes, deferred: result.deferred.map(({ path }) => path) };
}

it("keeps an element of a map, its absence too, and leaves the others as they are written", () => {
  const written = { tags: { a: "new", b: "new", d: "new" } };
  const recorded = { tags: { a: "old", c: "old" } };
  const ignored = [
    ["tags", "a"],
    ["tags", "b"],
    ["tags", "c"],
  ];
  expect(kept({ written, recorded, ignored }).tags).toEqual({ a: "old", c: "old", d: "new" });
});

it("keeps an element of a list where both have it, whatever stands beside it", () => {
  const ignored = [
    ["names", 1],
    ["names", 2],
  ];
  const of = (written: string[], recorded: string[]) =>
    kept({ written: { names: written }, recorded: { names: recorded }, ignored }).names;
  expect(of(["x", "y", "z"], ["a", "b"])).toEqual(["x", "b", "z"]);
  expect(of(["x"], ["a", "b"])).toEqual(["x"]);
});

it("keeps an argument of one of several blocks by its number, and of the one block by its name", () => {
  const written = { forward: [{ port: 1 }, { port: 2 }], ready: { console: "new" } };
  const recorded = { forward: [{ port: 8 }, { port: 9 }], ready: { console: "old" } };
  const ignored = [
    ["forward", 1, "port"],
    ["ready", "console"],
  ];
  expect(kept({ written, recorded, ignored })).toMatchObject({
    forward: [{ port: 1 }, { port: 9 }],
    ready: { console: "old" },
  });
});

it("has nothing to keep in a block that is not recorded, or not written", () => {
  const ignored = [["ready", "console"]];
  expect(kept({ written: { ready: { console: "new" } }, recorded: { ready: null }, ignored }).ready).toEqual({
    console: "new",
  });
  expect(kept({ written: { ready: null }, recorded: { ready: { console: "old" } }, ignored }).ready).toBeNull();
});

it("keeps with all what may be written, not what labform decides", () => {
  const written = { size: 2, tags: null, pid: null };
  const recorded = { size: 1, tags: { a: "old" }, pid: 7 };
  expect(kept({ written, recorded, ignored: "all" })).toMatchObject({ size: 1, tags: { a: "old" }, pid: null });
});

it("evaluates at apply what it does not keep: a part of what is known only as a whole", () => {
  const written: PlannedAttributes = { size: UNKNOWN, tags: { a: "new", b: UNKNOWN } };
  const recorded = { size: 1, tags: { a: "old", b: "old" } };
  const deferred = [["size"], ["tags"]];
  expect(kept({ written, recorded, ignored: [["size"], ["tags", "a"]], deferred })).toEqual({
    size: 1,
    tags: { a: "new", b: UNKNOWN },
    deferred: [["tags"]],
  });
});
