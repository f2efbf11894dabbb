import type { ResourceKind } from "../../src/core/addresses.ts";
import type { Action } from "../../src/core/lifecycle.ts";
import type { Change, Plan } from "../../src/core/plan.ts";
import type { Instance } from "../../src/core/state.ts";

/** A recorded instance with as little in it as a test needs. */
export function instance(address: string, rest: Partial<Instance> = {}): Instance {
  const kind = address.slice(0, address.indexOf(".")) as ResourceKind;
  return {
    address,
    kind,
    provider: "memory",
    schemaVersion: 1,
    id: `${address.replaceAll(/[^a-z0-9]+/g, "-")}-00000000`,
    status: "ok",
    attributes: {},
    sensitive: [],
    dependencies: [],
    private: {},
    ...rest,
  };
}

export function change(address: string, action: Action, rest: Partial<Change> = {}): Change {
  const kind = address.slice(0, address.indexOf(".")) as ResourceKind;
  return {
    address,
    kind,
    provider: "memory",
    schemaVersion: 1,
    id: `${address.replaceAll(/[^a-z0-9]+/g, "-")}-00000000`,
    action,
    causes: [],
    prior: action === "create" ? null : instance(address, { dependencies: rest.dependencies ?? [] }),
    found: action === "create" ? null : "present",
    planned: action === "delete" ? null : {},
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

export function plan(changes: readonly Change[], rest: Partial<Plan> = {}): Plan {
  return {
    format: 1,
    labformVersion: "0.1.0",
    lineage: "",
    serial: 0,
    mode: "normal",
    lab: { name: "test", identity: "test" },
    workspace: "default",
    directory: "/labs/test",
    time: "2026-01-01T00:00:00.000Z",
    refreshed: true,
    changes,
    unchanged: 0,
    outputs: [],
    refreshes: [],
    drift: [],
    diagnostics: [],
    ...rest,
  };
}
