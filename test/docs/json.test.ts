import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ModuleEngine } from "../engine/moduleEngine.ts";
import { declarations, emittedTypes, jsonBlock } from "./jsonReference.ts";
import { comparePage } from "./page.ts";

const source = (path: string) => readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), "utf8");

const lab = `lab "pair" {}

variable "password" {
  type      = string
  sensitive = true
}

node "router" {
  for_each = toset(["r1", "r2"])
  secret   = var.password
}

link "core" {
  endpoints = [node.router["r1"].adapter[0], node.router["r2"].adapter[0]]
  weight    = 20
}

output "pid" {
  value = node.router["r1"].pid
}
`;

const mistake = `lab "pair" {}

node "zürich" {
  note = "🗻🗻" + 1
}
`;

let engine: ModuleEngine;
beforeAll(() => {
  engine = new ModuleEngine();
});
afterAll(() => engine.close());

/** What a command prints, with what is new in each run replaced. */
async function printed(...args: readonly string[]): Promise<string> {
  const { stdout, stderr } = await engine.run(...args);
  expect(stderr).toBe("");
  return stdout
    .replaceAll(/"[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}"/g, '"0b6f3f0e-5d0c-4a35-9f3a-6c1f2b7f9e10"')
    .replaceAll(/"\d{4}-\d\d-\d\dT[\d:.]+Z"/g, '"2026-01-02T03:04:05.000Z"')
    .replaceAll(/"elapsed_seconds":[\d.]+/g, '"elapsed_seconds":0.021')
    .replaceAll(/\([\d.]+ m?s\)/g, "(40 ms)")
    .replaceAll(engine.directory, "/home/ada/pair");
}

async function document(...args: readonly string[]): Promise<string> {
  return jsonBlock(JSON.parse(await printed(...args)));
}

describe("the reference of JSON output", () => {
  it("tells every field there is, as the types of the documents do, and shows what labform prints", async () => {
    const types = source("src/ui/json/types.ts");
    engine.writeAll({ "a.lab.hcl": mistake });
    const validation = await document("validate", "-json");
    const variable = ["-var", "password=hunter2"];
    engine.writeAll({ "a.lab.hcl": lab });
    const stream = await printed("apply", "-auto-approve", "-parallelism=1", "-json", ...variable);
    const state = await document("show", "-json");
    const status = await document("status", "-json");
    const outputs = await document("output", "-json");
    const graph = await document("graph", "-format=json");
    const list = await document("state", "list", "-json");
    const wait = await document("wait", "-json");
    const fmt = await document("fmt", "-check", "-json");
    const value = await document("eval", "-json", ...variable, "length(node.router)");
    engine.writeAll({
      "a.lab.hcl": lab.replace("  secret ", '  colour   = each.key == "r1" ? "green" : "white"\n  secret '),
    });
    await printed("plan", "-out=saved", ...variable);
    const plan = await document("show", "-json", "saved");
    comparePage("docs/json.md", {
      "types of a plan": declarations(types, [
        "PlanDocument",
        "ResourceChangeDocument",
        "InstanceNames",
        "ChangeDocument",
        "CauseDocument",
        "DriftDocument",
        "VariableDocument",
        "OutputChangeDocument",
        "PriorStateDocument",
        "CheckDocument",
        "CheckStatus",
        "CheckedAddress",
      ]),
      "example of a plan": plan,
      "types of a state": declarations(types, [
        "StateDocument",
        "LabName",
        "ValuesDocument",
        "OutputDocument",
        "ModuleDocument",
        "ResourceDocument",
      ]),
      "example of a state": state,
      "types of diagnostics": declarations(types, [
        "ValidationDocument",
        "DiagnosticDocument",
        "RangeDocument",
        "PositionDocument",
        "SnippetDocument",
      ]),
      "example of a validation": validation,
      "types of a status": declarations(`${source("src/ui/status.ts")}\n${source("src/core/provider.ts")}`, [
        "StatusRow",
        "EndStatistics",
      ]),
      "example of a status": status,
      "example of outputs": outputs,
      "example of a stream": `\`\`\`json\n${stream.trimEnd()}\n\`\`\``,
      "examples of other documents": [
        `\`labform graph -format=json\`:\n\n${graph}`,
        `\`labform state list -json\`:\n\n${list}`,
        `\`labform wait -json\`:\n\n${wait}`,
        `\`labform fmt -check -json\`:\n\n${fmt}`,
        `\`labform eval -json 'length(node.router)'\`:\n\n${value}`,
      ].join("\n\n"),
    });
  });

  it("tells every type of event there is, and no other", () => {
    const emitted = new Set(emittedTypes(source("src/ui/json/stream.ts")));
    const section = source("docs/json.md").split("## The stream of events")[1] ?? "";
    const told = [...section.matchAll(/^\| `([a-z_]+)` \|/gm)]
      .map(([, name = ""]) => name)
      .filter((name) => name !== "type");
    expect(emitted.size).toBeGreaterThan(10);
    expect(told.toSorted()).toEqual([...emitted].toSorted());
  });

  it("tells each exported document of the types", () => {
    const page = source("docs/json.md");
    const names = [...source("src/ui/json/types.ts").matchAll(/^export interface (\w+)/gm)].map(([, name]) => name);
    expect(names.filter((name) => !page.includes(`interface ${name} `))).toEqual([]);
  });
});
