import { sayTime } from "../../../src/core/clockTime.ts";
import type { Cause } from "../../../src/core/plan.ts";
import type { PlanAnswer, PlanRequest } from "../../../src/core/provider.ts";
import type { Instance } from "../../../src/core/state.ts";
import type { PlannedAttributes } from "../../../src/core/values.ts";
import { notesOf } from "../notes.ts";
import type { PlanTools } from "../plan.ts";
import { whySpoilt } from "./file.ts";
import { OTHER_HARDWARE, type SavedState } from "./record.ts";

type Answer = Required<Pick<PlanAnswer, "demands">> & Pick<PlanAnswer, "machineState">;

/**
 * Whether what a guest does now, or did when it was stopped, outlives what is planned. A state that is of no use any more
 * is a cause, and changes no action by itself.
 */
export async function planVmState(request: PlanRequest, planned: PlannedAttributes, tools: PlanTools): Promise<Answer> {
  const { prior } = request;
  const { saved, binary } = prior ? notesOf(prior) : {};
  if (!prior || !(saved || prior.attributes["on_stop"] === "save_vm_state")) return { demands: [] };
  const path = planned["qemu_binary"];
  if (typeof path !== "string") return { demands: [] };
  const { hardwareOf, hardwareOfRunning } = await import("./hardware.ts");
  const version = request.offline ? binary?.version : (await tools.binaries.inspect(path, binary)).version;
  const hardware = hardwareOf(planned, version ?? "");
  if (hardware === undefined) return { demands: [] };
  if ((prior.attributes["pid"] ?? null) !== null) {
    const same = hardware === hardwareOfRunning(prior);
    return { demands: [], machineState: same ? "kept" : "lost" };
  }
  if (!saved || planned["power"] === "off") return { demands: [] };
  const cause = await whyLost(saved, hardware, { ...request, prior }, tools);
  if (!cause) return { demands: [], machineState: "kept" };
  return { demands: [{ change: "live", cause }], machineState: "lost" };
}

async function whyLost(
  saved: SavedState,
  hardware: string,
  { prior, offline }: PlanRequest & { readonly prior: Instance },
  tools: PlanTools,
): Promise<Cause | undefined> {
  const when = sayTime(saved.at, tools.ports.clock.now());
  if (saved.hardware !== hardware) return { kind: "lab", summary: `${OTHER_HARDWARE} ${when}: it boots anew` };
  const spoilt = offline ? undefined : await whySpoilt(saved, prior, tools);
  return spoilt === undefined ? undefined : { kind: "host", summary: `${spoilt}: it boots anew` };
}
