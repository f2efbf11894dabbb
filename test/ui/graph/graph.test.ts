import { describe, expect, it, test } from "vitest";
import { graphDocument } from "../../../src/ui/graph/document.ts";
import { dotText } from "../../../src/ui/graph/dot.ts";
import { chooseLayout } from "../../../src/ui/graph/layout.ts";
import { mermaidText } from "../../../src/ui/graph/mermaid.ts";
import type { Picture } from "../../../src/ui/graph/picture.ts";
import { drawSvg } from "../../../src/ui/graph/svg.ts";
import { goldenBeside } from "../../support/golden.ts";
import { chain, clos, grid, hostile, modules, Sketch, triangle } from "./labs.ts";
import { readXml } from "./xml.ts";

const golden = goldenBeside(import.meta.url);
const labs = { chain, triangle, clos, grid, modules, hostile };

async function svg(picture: Picture): Promise<string> {
  const layout = chooseLayout(picture);
  return drawSvg(dotText(picture, layout), layout.engine);
}

describe.each(["chain", "triangle", "modules", "hostile"] as const)("the lab %s", (name) => {
  const picture = labs[name]();

  it("is written as these texts", () => {
    golden(`${name}.dot`, dotText(picture));
    golden(`${name}.mmd`, mermaidText(picture));
    golden(`${name}.json`, `${JSON.stringify(graphDocument(picture), undefined, 2)}\n`);
  });
});

describe.each(Object.keys(labs) as (keyof typeof labs)[])("the drawing of %s", (name) => {
  it("is XML with all nodes and links in it, and the same each time", async () => {
    const picture = labs[name]();
    const drawn = await svg(picture);
    const { titles } = readXml(drawn);
    const edges = titles.filter((title) => picture.links.some(({ ends }) => joins(title, ends[0].node, ends[1].node)));
    expect(edges.length).toBeGreaterThanOrEqual(picture.links.length);
    for (const { address } of picture.nodes) expect(titles.map(loosely)).toContain(loosely(address));
    expect(await svg(labs[name]())).toBe(drawn);
  });

  it("has no two nodes over each other", async () => {
    const picture = labs[name]();
    const boxes = await boxesOf(picture);
    expect(boxes).toHaveLength(picture.nodes.length);
    const over = boxes.flatMap((one, at) =>
      boxes
        .slice(at + 1)
        .filter((other) => overlap(one, other))
        .map((other) => [one, other]),
    );
    expect(over).toEqual([]);
  });
});

/** Graphviz writes a name of an edge as `a--b`, with the ports where there are any. */
function joins(title: string, one: string, other: string): boolean {
  const [a, b, whole] = [loosely(one), loosely(other), loosely(title)];
  return whole.includes("--") && whole.includes(a) && whole.includes(b);
}

/** What is left of names however they are quoted. */
function loosely(text: string): string {
  return text.replaceAll("&amp;", "&").replaceAll(/[\\"]/g, "");
}

interface Box {
  readonly name: string;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** The hull of each node's shapes. */
async function boxesOf(picture: Picture): Promise<readonly Box[]> {
  const nodes = (await svg(picture)).matchAll(
    /<g id="[^"]*" class="node">\s*<title>([^<]*)<\/title>([^]*?)<\/g>\s*<\/g>/g,
  );
  return Array.from(nodes, ([, name = "", content = ""]) => {
    const numbers = Array.from(content.matchAll(/ (?:d|points)="([^"]*)"/g), ([, shape = ""]) =>
      Array.from(shape.matchAll(/(-?[\d.]+),(-?[\d.]+)/g), ([, x, y]) => [Number(x), Number(y)] as const),
    ).flat();
    const xs = numbers.map(([x]) => x);
    const ys = numbers.map(([, y]) => y);
    return { name, left: Math.min(...xs), right: Math.max(...xs), top: Math.min(...ys), bottom: Math.max(...ys) };
  });
}

function overlap(one: Box, other: Box): boolean {
  return one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;
}

test("a drawing tells conditions, adapters and impairments in words", async () => {
  const { texts } = readXml(await svg(chain()));
  const words = texts.map((text) => text.trim());
  expect(words).toEqual(expect.arrayContaining(["r0", "running", "off", "unready", "suspended", "down"]));
  expect(words).toEqual(
    expect.arrayContaining(["eth0", "eth1", "delay 20 ms", "loss 1 %", "drop every 3", "captured"]),
  );
  expect(words).toContain("Lab chain, as it is: 5 nodes, 4 links");
});

test("what a name holds is text in a drawing, and no line of it ends or begins anything", async () => {
  const drawn = await svg(hostile());
  expect(drawn).not.toContain("<script");
  expect(drawn).not.toContain("\u001b");
  expect(drawn).toContain(
    'xlink:title="node.r[&quot;&lt;b&gt;&amp;amp;\\\\&quot;]; running; &quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;\\u{a}\\u{1b}[31m\\"',
  );
  expect(readXml(drawn).texts.map((text) => text.trim())).toContain('r["<b>&amp;\\\\"]');
  expect(
    mermaidText(hostile())
      .split("\n")
      .filter((line) => /^\s*(?:end|graph|%%)/.test(line)),
  ).toEqual([]);
});

describe("the layout follows the shape:", () => {
  const engine = (picture: Picture) => chooseLayout(picture).engine;
  const star = (rays: number) => {
    const sketch = new Sketch().node("node.hub");
    for (let at = 0; at < rays; at++) sketch.node(`node.n${at}`).link(`link.l${at}`, "node.hub", `node.n${at}`);
    return sketch.picture("star");
  };

  it.each([
    ["a chain goes from left to right", chain(), "dot", true],
    ["leaves stand under their spines", clos(), "dot", false],
    ["what hangs together all around is placed by forces", triangle(), "neato", false],
    ["modules are boxes", modules(), "dot", false],
    ["a narrow tree has ranks", star(5), "dot", false],
    ["a wide one has rings", star(40), "twopi", false],
    ["a lab of one node is drawn too", new Sketch().node("node.a").picture("one"), "dot", true],
    ["and one of none", new Sketch().picture(null), "neato", false],
  ] as const)("%s", (_, picture, wanted, sideways) => {
    expect(chooseLayout(picture)).toMatchObject({ engine: wanted, sideways });
  });

  it("unless another one is asked for", () => {
    expect(chooseLayout(chain(), "circo").engine).toBe("circo");
    expect(dotText(chain(), chooseLayout(chain(), "circo"))).toContain("layout=circo");
    expect(engine(grid())).toBe("neato");
  });
});
