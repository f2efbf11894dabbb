import type { PlanRequest } from "../../../src/core/provider.ts";
import type { ChangeClass } from "../../../src/core/schema.ts";
import type { Planned, PlannedAttributes } from "../../../src/core/values.ts";
import type { Ready } from "../attributes.ts";
import { notesOf } from "../notes.ts";
import type { Needs } from "../offers/needs.ts";
import { AGENT_DEVICE } from "./arguments.ts";

function waitsForAgent({ ready }: PlannedAttributes): boolean {
  if (ready === null || ready === undefined || typeof ready !== "object") return false;
  return (ready as { readonly [name in keyof Ready]: Planned }).guest_agent === true;
}

/** A change of the ready block is live; only that the agent's port is not there yet takes another start. */
export function changeOfAgent({ config, prior }: PlanRequest): { readonly [path: string]: ChangeClass } {
  if (!prior || !waitsForAgent(config) || notesOf(prior).agent) return {};
  return { ready: "restart", "ready.guest_agent": "restart" };
}

/** What the agent's port needs. */
export function agentDevices(attributes: PlannedAttributes): Needs {
  if (!waitsForAgent(attributes)) return new Map();
  const remedy = "Remove guest_agent, or take a platform whose machines have a virtio bus.";
  return new Map([[AGENT_DEVICE, { who: "ready.guest_agent", remedy }]]);
}
