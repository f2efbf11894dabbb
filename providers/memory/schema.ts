import type { ProviderSchema } from "../../src/core/schema.ts";
import { CARRIER } from "../../src/core/schema.ts";
import type { Type } from "../../src/core/values.ts";
import { BOOL, NUMBER, STRING } from "../../src/core/values.ts";

const adapterType: Type = {
  kind: "object",
  attributes: new Map([
    ["id", STRING],
    ["mac_address", STRING],
    ["name", STRING],
  ]),
};

/** At least one argument of each change class, one computed attribute of each moment and one block, and nothing besides. */
export const memorySchema: ProviderSchema = {
  name: "memory",
  description: "Nodes and links that exist in labform's memory only, for simulation and benchmarks.",
  settings: {
    attributes: {
      hub: { type: STRING, description: "The hub that carries the links.", default: "main" },
    },
  },
  resources: {
    node: {
      kind: "node",
      version: 1,
      description: "A node of no substance.",
      attributes: {
        size: {
          type: NUMBER,
          description: "How much it is.",
          default: 1,
          minimum: 1,
          whole: true,
          change: "restart",
        },
        note: { type: STRING, description: "Anything that may change while it runs.", change: "live" },
        secret: { type: STRING, description: "Anything that must not be shown.", sensitive: true, change: "live" },
        colour: { type: STRING, description: "What it is for good.", default: "white", change: "replace" },
        adapters: {
          type: NUMBER,
          description: "How many adapters it has.",
          default: 1,
          minimum: 0,
          maximum: 256,
          whole: true,
          change: "restart",
        },
        ready: { type: BOOL, description: "Whether it ever becomes ready.", default: true, change: "live" },
        power: {
          type: STRING,
          description: "Whether it runs.",
          oneOf: ["on", "off", "suspended"],
          default: "on",
          change: "live",
        },
        id: { type: STRING, description: "Its name on the host.", computed: "plan" },
        adapter: {
          type: { kind: "list", element: adapterType },
          description: "Its adapters, in order.",
          computed: "plan",
        },
        serial_number: { type: NUMBER, description: "Given when it is made.", computed: "create" },
        pid: { type: NUMBER, description: "Given at every start.", computed: "start" },
      },
      blocks: {
        card: {
          nesting: "map",
          description: "A part that has a name.",
          change: "live",
          attributes: { text: { type: STRING, description: "What is on it." } },
        },
      },
    },
    link: {
      kind: "link",
      version: 1,
      description: "A link between two adapters, carried by a hub.",
      attributes: {
        endpoints: {
          type: { kind: "dynamic" },
          description: "The two adapters it connects.",
          required: true,
          endpoints: true,
          change: "replace",
        },
        weight: { type: NUMBER, description: "Changes while frames pass.", default: 0, whole: true, change: "live" },
        carrier: CARRIER,
        suspended: { type: BOOL, description: "Nothing passes.", default: false, change: "live" },
        id: { type: STRING, description: "Its name on the hub.", computed: "plan" },
        hub: { type: STRING, description: "The hub it is on.", computed: "plan", change: "restart" },
      },
    },
    "service.hub": {
      kind: "service",
      version: 1,
      description: "What carries links.",
      attributes: {
        name: { type: STRING, description: "The provider's setting.", change: "replace" },
        pid: { type: NUMBER, description: "Given at every launch.", computed: "start" },
      },
    },
  },
};
