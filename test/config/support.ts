import { dirname } from "node:path";
import { loadLab } from "../../src/config/load.ts";
import type { ResourceKind } from "../../src/core/addresses.ts";
import type { Checked, Lab } from "../../src/core/lab.ts";
import type { ProviderSchema, ResourceSchema } from "../../src/core/schema.ts";
import { formatRange, rangeText } from "../../src/core/source.ts";
import { DYNAMIC, NUMBER, STRING } from "../../src/core/values.ts";

const node: ResourceSchema = {
  kind: "node",
  version: 1,
  description: "A machine.",
  attributes: {
    ram: { type: NUMBER, description: "Memory in MiB.", default: 256 },
    adapter_type: { type: STRING, description: "The model.", default: "e1000" },
    mac_address: { type: STRING, description: "The base.", computed: "plan", optional: true },
    adapter: { type: DYNAMIC, description: "The adapters.", computed: "plan" },
    pid: { type: NUMBER, description: "The process.", computed: "start" },
  },
  blocks: {
    disk: {
      nesting: "map",
      description: "A drive.",
      attributes: { image: { type: STRING, description: "Its base image.", required: true } },
      blocks: {
        part: {
          nesting: "list",
          description: "A part of it.",
          attributes: { size: { type: NUMBER, description: "How large it is." } },
        },
      },
    },
    ready: {
      nesting: "single",
      description: "When it is ready.",
      attributes: {
        console: { type: STRING, description: "Text to wait for." },
        note: { type: STRING, description: "Why it is." },
      },
    },
    forward: {
      nesting: "list",
      description: "A port.",
      attributes: { port: { type: NUMBER, description: "Its number.", required: true } },
    },
  },
};

const link: ResourceSchema = {
  kind: "link",
  version: 1,
  description: "A cable.",
  attributes: { endpoints: { type: DYNAMIC, description: "What it connects.", required: true, endpoints: true } },
};

export const resourceSchemas = new Map<ResourceKind, ResourceSchema>([
  ["node", node],
  ["link", link],
]);

export const schemas: readonly ProviderSchema[] = [
  {
    name: "qemu",
    description: "QEMU.",
    settings: { attributes: { accel: { type: STRING, description: "What emulates." } } },
    resources: { node },
  },
  { name: "ubridge", description: "Links.", settings: { attributes: {} }, resources: { link } },
];

/**
 * Loads one file after `lab "t" {}`, which takes no line of its own, or several files as they are. Those with a
 * directory in their name are a module's.
 */
export function load(source: string | { readonly [name: string]: string }, labformVersion = "0.1.0"): Checked<Lab> {
  const texts = typeof source === "string" ? { "t.lab.hcl": `${source}\nlab "t" {}\n` } : source;
  const all = Object.entries(texts).map(([name, text]) => ({ name, text }));
  const within = (directory: string) => all.filter(({ name }) => dirname(name) === directory);
  return loadLab({
    workspace: "default",
    directory: "/labs/t",
    files: within("."),
    readModule: (_, name) => within(name),
    schemas,
    resourceSchemas,
    labformVersion,
  });
}

export function loaded(source: string | { readonly [name: string]: string }): Lab {
  const { value, diagnostics } = load(source);
  if (!value) throw new Error(JSON.stringify(diagnostics.map((one) => one.summary)));
  return value;
}

/** `t.lab.hcl:2:3 Unknown argument "x" [x]`: place, summary, and the marked text. */
export function shown(checked: { readonly diagnostics: Checked<Lab>["diagnostics"] }): string[] {
  return checked.diagnostics.map(({ range, summary }) =>
    range ? `${formatRange(range)} ${summary} [${rangeText(range)}]` : summary,
  );
}

export function details(checked: { readonly diagnostics: Checked<Lab>["diagnostics"] }): string {
  return checked.diagnostics.map(({ detail }) => detail ?? "").join("\n");
}
