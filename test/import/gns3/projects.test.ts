import { readFileSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { goldenBeside } from "../../support/golden.ts";
import { Importer, type Property, project } from "./importer.ts";

/** Each of another revision and another shape. */
const projects = ["alpha/alpha", "builtins/builtins", "office/office", "branch/branch", "campus/campus", "dc/dc1"];

const golden = goldenBeside(import.meta.url);

const importer = new Importer();
afterAll(() => importer.close());

describe.each(projects)("the project %s", (name) => {
  const [folder = ""] = name.split("/");
  const path = project(`${name}.gns3`);

  it("becomes lab files that are valid and formatted, and a report", async () => {
    await importer.import(path);
    for (const file of ["main.lab.hcl", "images.auto.vars.hcl", "import-report.txt"]) {
      golden(`${folder}/${file}`, importer.read(`lab/${file}`));
    }
  });

  it("has every key of its file in a line of the report", async () => {
    const { properties } = await importer.import(path);
    const lines = new Map(properties.map((one) => [one.path, one]));
    const missing = leaves(JSON.parse(readFileSync(path, "utf8"))).filter((leaf) => lineFor(leaf, lines) === undefined);
    expect(missing).toEqual([]);
  });

  it("has a line of its own for each property of a node that is taken over", async () => {
    const { properties } = await importer.import(path);
    const paths = properties.map((one) => one.path);
    const { topology } = JSON.parse(readFileSync(path, "utf8")) as { topology: { nodes: Node[] } };
    for (const [at, node] of topology.nodes.entries()) {
      const own = `topology.nodes[${at}]`;
      if (paths.includes(own)) continue;
      const missing = Object.keys(node.properties)
        .map((key) => `${own}.properties.${key}`)
        .filter((key) => !paths.some((one) => one === key || one.startsWith(`${key}[`)));
      expect(missing).toEqual([]);
    }
  });
});

interface Node {
  readonly properties: object;
}

/** The paths of all values that hold no others. */
function leaves(value: unknown, path = ""): readonly string[] {
  if (typeof value !== "object" || value === null) return [path];
  return Object.entries(value).flatMap(([key, part]) => {
    const inner = Array.isArray(value) ? `${path}[${key}]` : path === "" ? key : `${path}.${key}`;
    return leaves(part, inner);
  });
}

/** Parts of the file of which no line may speak as a whole. */
const WHOLES =
  /^(?:|topology|topology\.(?:nodes|links|drawings|computes)|.*\.(?:properties|ports_mapping|filters|nodes))$/;

function lineFor(leaf: string, lines: ReadonlyMap<string, Property>): Property | undefined {
  const own = WHOLES.test(leaf) ? undefined : lines.get(leaf);
  if (own !== undefined) return own;
  const outer = leaf.replace(/(?:\.[^.[\]]+|\[\d+\])$/, "");
  return outer === leaf ? undefined : lineFor(outer, lines);
}
