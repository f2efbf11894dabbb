import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { layerOf, layers, violation } from "./layers.ts";
import { filesUnder, importsOf, root } from "./sources.ts";

const sources = ["src", "providers", "state"].flatMap(filesUnder).filter((path) => /\.tsx?$/.test(path));
const imports = sources.flatMap((path) => importsOf(path));

describe("the table of imports", () => {
  test("is kept by every file", () => {
    expect(imports.map(violation).filter(Boolean)).toEqual([]);
  });

  test("has a row for every folder of sources but the composition roots", () => {
    const without = sources.filter((path) => layerOf(path) === undefined && !path.startsWith("src/main/"));
    expect(without).toEqual([]);
    expect(Object.keys(layers).filter((folder) => !existsSync(join(root, folder)))).toEqual([]);
  });

  test("is read from imports that exist", () => {
    const missing = imports.filter(({ to }) => /^(src|providers|state)\//.test(to) && !existsSync(join(root, to)));
    expect(missing).toEqual([]);
    expect(imports.length).toBeGreaterThan(sources.length);
  });
});

describe("the reader of imports", () => {
  const read = (text: string) => importsOf("src/planner/plan.ts", text).map(({ to, line }) => `${line} ${to}`);

  test("finds every form an import has", () => {
    expect(read('import { a } from "../core/a.ts";')).toEqual(["1 src/core/a.ts"]);
    expect(read('import type { A } from "./a.ts";')).toEqual(["1 src/planner/a.ts"]);
    expect(read('import * as b from "b";\nimport "../c.ts";')).toEqual(["1 b", "2 src/c.ts"]);
    expect(read('import {\n  a,\n  b,\n} from "../../state/x.ts";')).toEqual(["1 state/x.ts"]);
    expect(read('export { a } from "./a.ts";\nexport * from "./b.ts";')).toEqual([
      "1 src/planner/a.ts",
      "2 src/planner/b.ts",
    ]);
    expect(read('const x = await import("../ui/x.ts");\ntype T = import("../ui/y.ts").T;')).toEqual([
      "1 src/ui/x.ts",
      "2 src/ui/y.ts",
    ]);
  });

  test("takes no other text for one", () => {
    expect(read('const important = 1;\nexport const from = "x";\nexport function f() { return "from"; }')).toEqual([]);
  });

  test("and the table refuse what crosses a border, and nothing else", () => {
    const of = (from: string, to: string) => violation({ from, to, line: 1 });
    expect(of("src/planner/a.ts", "src/core/a.ts")).toBeUndefined();
    expect(of("src/planner/a.ts", "src/planner/b/c.ts")).toBeUndefined();
    expect(of("src/planner/a.ts", "node:fs")).toBeUndefined();
    expect(of("src/planner/a.ts", "src/language/a.ts")).toContain("src/planner may not import src/language");
    expect(of("src/cli/a.ts", "state/store.ts")).toContain("src/cli may not import state");
    expect(of("providers/qemu/a.ts", "providers/ubridge/a.ts")).toContain("may not import providers/ubridge");
    expect(of("src/cli/a.ts", "src/main/labform.ts")).toContain("may not import src/main");
    expect(of("src/main/labform.ts", "state/store.ts")).toBeUndefined();
  });
});
