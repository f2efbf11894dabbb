import type { Diagnostic } from "../../../src/core/diagnostics.ts";
import { errorDiagnostic } from "../../../src/core/diagnostics.ts";
import type { PlanRequest } from "../../../src/core/provider.ts";
import type { ChangeClass } from "../../../src/core/schema.ts";
import type { Planned, PlannedAttributes } from "../../../src/core/values.ts";
import type { Ready } from "../attributes.ts";
import type { Binaries, Binary } from "../binary.ts";
import { notesOf } from "../notes.ts";
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

/** `had`: what this binary was found to have devices for before. */
export async function checkAgent(
  binary: Binary,
  planned: PlannedAttributes,
  had: PlannedAttributes,
  binaries: Binaries,
): Promise<readonly Diagnostic[]> {
  if (!waitsForAgent(planned) || waitsForAgent(had)) return [];
  if ((await binaries.devices(binary)).has(AGENT_DEVICE)) return [];
  return [
    errorDiagnostic(`${binary.path} has no ${AGENT_DEVICE}, which ready.guest_agent needs`, {
      detail: `What it has is listed by: ${binary.path} -device help. Remove guest_agent, or take a platform whose machines have a virtio bus.`,
      subject: `QEMU binary ${binary.path}`,
    }),
  ];
}
