import type { ResourceKind } from "../../src/core/addresses.ts";
import type { Change, Plan } from "../../src/core/plan.ts";
import type { ResourceSchema } from "../../src/core/schema.ts";
import type { Instance } from "../../src/core/state.ts";
import type { Attributes } from "../../src/core/values.ts";
import { BOOL, DYNAMIC, NUMBER, STRING } from "../../src/core/values.ts";

/** A small stand-in for a provider's schemas, with one of each thing a screen has to tell apart. */
const node: ResourceSchema = {
  kind: "node",
  version: 1,
  description: "A machine.",
  attributes: {
    id: { type: STRING, description: "", computed: "plan" },
    ram: { type: NUMBER, description: "", default: 256, change: "restart" },
    cpus: { type: NUMBER, description: "", default: 1, change: "restart" },
    adapter_type: { type: STRING, description: "", default: "e1000", change: "restart" },
    on_stop: { type: STRING, description: "", default: "power_off", change: "live" },
    boot_priority: { type: DYNAMIC, description: "", change: "restart" },
    kernel_command_line: { type: STRING, description: "", change: "restart" },
    password: { type: STRING, description: "", sensitive: true, change: "live" },
    console: { type: DYNAMIC, description: "", computed: "create" },
    pid: { type: NUMBER, description: "", computed: "start" },
    command_line: { type: DYNAMIC, description: "", computed: "start" },
  },
  blocks: {
    disk: {
      nesting: "map",
      description: "",
      attributes: {
        image: { type: STRING, description: "", required: true, change: "replace" },
        interface: { type: STRING, description: "", default: "ide", change: "restart" },
        linked_clone: { type: BOOL, description: "", default: true, change: "replace" },
        readonly: { type: BOOL, description: "", default: false, change: "restart" },
      },
    },
    ready: {
      nesting: "single",
      description: "",
      change: "live",
      attributes: {
        console: { type: STRING, description: "" },
        timeout_s: { type: NUMBER, description: "", default: 300 },
      },
    },
  },
};

const link: ResourceSchema = {
  kind: "link",
  version: 1,
  description: "A cable.",
  attributes: {
    id: { type: STRING, description: "", computed: "plan" },
    endpoints: { type: DYNAMIC, description: "", required: true, change: "replace", endpoints: true },
    delay_ms: { type: NUMBER, description: "", default: 0, change: "live" },
  },
};

export const schemas: ReadonlyMap<ResourceKind, ResourceSchema> = new Map([
  ["node", node],
  ["link", link],
]);

export const nodeAttributes: Attributes = {
  id: "r1-3f2a9c1d",
  ram: 256,
  cpus: 1,
  adapter_type: "e1000",
  on_stop: "power_off",
  boot_priority: null,
  kernel_command_line: "console=ttyS0",
  password: "hunter2",
  console: { host: "127.0.0.1", port: 5000 },
  pid: 4711,
  command_line: ["qemu-system-x86_64", "-m", "256"],
  disk: { hda: { image: "/images/a.qcow2", interface: "ide", linked_clone: true, readonly: false } },
  ready: { console: "login:", timeout_s: 300 },
};

export function instance(
  address: string,
  attributes: Attributes = nodeAttributes,
  rest: Partial<Instance> = {},
): Instance {
  return {
    address,
    kind: address.slice(0, address.indexOf(".")) as ResourceKind,
    provider: address.startsWith("link") ? "ubridge" : "qemu",
    schemaVersion: 1,
    id: String(attributes["id"] ?? address),
    status: "ok",
    attributes,
    sensitive: [],
    dependencies: [],
    private: {},
    ...rest,
  };
}

export function change(address: string, action: Change["action"], rest: Partial<Change> = {}): Change {
  const kind = address.slice(0, address.indexOf(".")) as ResourceKind;
  return {
    address,
    kind,
    provider: kind === "link" ? "ubridge" : "qemu",
    schemaVersion: 1,
    id: address,
    action,
    causes: [],
    prior: action === "create" ? null : instance(address),
    found: action === "create" ? null : "present",
    planned: action === "delete" ? null : nodeAttributes,
    rests: false,
    classes: {},
    sensitive: [],
    deferred: {},
    dependencies: [],
    ends: [],
    settings: {},
    ...rest,
  };
}

export function plan(rest: Partial<Plan> = {}): Plan {
  return {
    format: 1,
    labformVersion: "0.1.0",
    lineage: "11111111-2222-4333-8444-555555555555",
    serial: 3,
    mode: "normal",
    lab: { name: "pair", identity: "pair" },
    workspace: "default",
    directory: "/labs/pair",
    time: "2026-01-02T03:04:05.000Z",
    refreshed: true,
    changes: [],
    unchanged: 0,
    outputs: [],
    refreshes: [],
    drift: [],
    diagnostics: [],
    ...rest,
  };
}
