import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { qemuSchema } from "../../providers/qemu/schema.ts";
import { ENDPOINT_KINDS } from "../../providers/ubridge/endpoints/schema.ts";
import { ubridgeSchema } from "../../providers/ubridge/schema.ts";
import { commonFlags } from "../../src/cli/command.ts";
import { commands } from "../../src/cli/commandTable.ts";
import {
  checkSchema,
  labSchema,
  metaArguments,
  metaBlocks,
  movedSchema,
  outputSchema,
  removedSchema,
  variableSchema,
} from "../../src/config/schemas.ts";
import { backendSchemas } from "../../src/core/backend.ts";
import { resourceSchema } from "../../src/core/provider.ts";
import { functions } from "../../src/evaluation/functions.ts";
import { TestLab } from "../support/lab.ts";
import { commandList, commandReference, flagTable } from "./commandReference.ts";
import { functionList } from "./functionList.ts";
import { comparePage } from "./page.ts";
import { blockReference, endpointKinds } from "./reference.ts";
import { fillRegions } from "./regions.ts";

describe("the reference of lab files", () => {
  it("tells every block and argument there is, as the schemas do", () => {
    const written = { changes: false, level: 4 };
    const made = { changes: true, level: 4 };
    comparePage("docs/lab-files.md", {
      lab: blockReference(labSchema, written),
      variable: blockReference(variableSchema, written),
      output: blockReference(outputSchema, written),
      "what nodes and links have in common": blockReference({ attributes: metaArguments }, written),
      "provider qemu": blockReference(qemuSchema.settings, written),
      "provider ubridge": blockReference(ubridgeSchema.settings, written),
      node: blockReference(resourceSchema(qemuSchema, "node", ""), made),
      link: blockReference(resourceSchema(ubridgeSchema, "link", ""), made),
      network: blockReference(resourceSchema(ubridgeSchema, "network", ""), made),
      "endpoints of links": endpointKinds(ENDPOINT_KINDS),
      "lifecycle arguments": blockReference({ attributes: metaBlocks.lifecycle.attributes }, written),
      lifecycle: blockReference({ attributes: {}, blocks: metaBlocks.lifecycle.blocks ?? {} }, written),
      check: blockReference(checkSchema, written),
      moved: blockReference(movedSchema, written),
      removed: blockReference(removedSchema, written),
      functions: functionList(functions()),
    });
  });
});

describe("the page on backends", () => {
  it("tells every setting there is, as the schemas do", () => {
    const written = { changes: false, level: 4 };
    comparePage("docs/backends.md", {
      http: blockReference(backendSchemas.http, written),
      local: blockReference(backendSchemas.local, written),
    });
  });
});

describe("the reference of commands", () => {
  it("tells every command and flag there is, as labform's own help does", () => {
    comparePage("docs/commands.md", {
      commands: commandList(commands, ""),
      "flags of every command": flagTable(commonFlags),
      ...Object.fromEntries(commands.map((one) => [one.name, commandReference(one)])),
    });
    comparePage("README.md", { commands: commandList(commands, "docs/commands.md") });
  });
});

describe("the labs on the pages", () => {
  it.each(["README.md", "docs/backends.md", "docs/guest.md", "docs/lab-files.md"])("are valid: %s", async (name) => {
    const page = readFileSync(fileURLToPath(new URL(`../../${name}`, import.meta.url)), "utf8");
    const labs = [...page.matchAll(/^```(hcl|json)\n((?:lab |\{\s*"lab").*?)^```$/gms)];
    expect(labs).not.toEqual([]);
    for (const [, syntax, text = ""] of labs) {
      const lab = new TestLab({ [`a.lab.${syntax}`]: text });
      const result = await lab.run(["validate"]);
      await lab.close();
      expect(result.stderr).toBe("");
      expect(result.exitCode).toBe(0);
    }
  });
});

describe("a page with generated parts", () => {
  const page = (name: string) => `before\n<!-- generated: ${name} -->\nold\n<!-- end of generated -->\nafter\n`;

  it("keeps what its writer wrote, and nothing of what was generated before", () => {
    const filled = "before\n<!-- generated: a -->\n\nnew\n\n<!-- end of generated -->\nafter\n";
    expect(fillRegions(page("a"), { a: "new\n" })).toBe(filled);
    expect(fillRegions(filled, { a: "new" })).toBe(filled);
  });

  it("is refused with a part that is not known, left out or not ended", () => {
    expect(() => fillRegions(page("a"), {})).toThrow("nothing to generate for a");
    expect(() => fillRegions(page("a"), { a: "", b: "" })).toThrow("no region for b");
    expect(() => fillRegions("<!-- generated: a -->\n", { a: "" })).toThrow("a does not end");
    expect(() => fillRegions(`<!-- generated: a -->\n${page("b")}`, { a: "", b: "" })).toThrow("before b begins");
    expect(() => fillRegions("<!-- end of generated -->\n", {})).toThrow("did not begin");
  });
});
