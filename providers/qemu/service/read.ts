import type { ProcessIdentity } from "../../../src/core/ports.ts";
import type { Live } from "../../../src/core/provider.ts";
import type { Instance } from "../../../src/core/state.ts";
import { samePlanned } from "../../../src/core/values.ts";
import { refuseElsewhere } from "../../shared/end.ts";
import { lastLines } from "../node/log.ts";
import { notesOf, withNotes } from "../notes.ts";
import type { PlanTools } from "../plan.ts";
import type { KeeperSight } from "./sight.ts";

/** The keeper is present when it is our process and answers; one that hangs is to be replaced. */
export async function readKeeper(
  recorded: Instance,
  identity: ProcessIdentity | undefined,
  keeper: KeeperSight,
  tools: PlanTools,
): Promise<Live> {
  const status = identity ? tools.ports.processes.status(identity) : "gone";
  if (identity && status === "elsewhere") refuseElsewhere(identity, "the keeper", recorded.address);
  const { pending, ...rest } = recorded;
  if (!identity || status !== "alive") {
    const instance = { ...rest, attributes: { ...rest.attributes, pid: null } };
    return { condition: "down", instance, cause: await whyDown(recorded, status, tools) };
  }
  const instance = withNotes({ ...rest, attributes: { ...rest.attributes, pid: identity.pid } }, { process: identity });
  const state = await keeper.state();
  if (state !== "answers") {
    const what = state === "other" ? "was started by another version of labform" : "does not answer";
    const summary = `the keeper (pid ${identity.pid}) ${what}`;
    return { condition: "broken", instance, cause: { kind: "host", summary } };
  }
  if (pending?.operation === "launch") {
    // It runs, but which of the nodes it had been given again by then is not known.
    const summary = "left half-done: the keeper was being started";
    return { condition: "broken", instance, cause: { kind: "unfinished", summary } };
  }
  const isAsRecorded =
    !pending &&
    samePlanned(recorded.attributes, instance.attributes) &&
    samePlanned({ ...notesOf(recorded).process }, { ...identity });
  return { condition: "present", instance: isAsRecorded ? recorded : instance };
}

async function whyDown(recorded: Instance, status: string, tools: PlanTools) {
  if (recorded.pending) return { kind: "unfinished", summary: "left half-done: the keeper was being started" } as const;
  if (status === "rebooted") return { kind: "host", summary: "the host was rebooted" } as const;
  const evidence = await lastLines(
    tools.ports.files,
    keeperLog(tools.directories.run),
    notesOf(recorded).logOffset ?? 0,
  );
  const summary = "the keeper ended: killed or crashed";
  return { kind: "host", summary, ...(evidence.length > 0 ? { evidence } : {}) } as const;
}

export function keeperLog(run: string): string {
  return `${run}/keeper.log`;
}
