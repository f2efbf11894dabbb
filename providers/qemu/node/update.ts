import type { OperationContext } from "../../../src/core/provider.ts";
import type { Instance } from "../../../src/core/state.ts";
import type { Attributes } from "../../../src/core/values.ts";
import { changeCd } from "../cdrom/change.ts";
import { plannedListeners } from "../consoles/listeners.ts";
import { letGoOn, setShare } from "../cpu/share.ts";
import { growDisks } from "../disks/grow.ts";
import { nodeDirectory } from "../names.ts";
import { notesOf, withNotes } from "../notes.ts";
import type { PlanTools } from "../plan.ts";
import { serveNode } from "../service/serve.ts";
import { qemuSettings } from "../settings.ts";
import { setPower } from "./power.ts";

/** What may change on a running node: power is QEMU's, ports are the keeper's, processor time is the host's, everything else live is only recorded. */
export async function updateNode(context: OperationContext, tools: PlanTools): Promise<Instance> {
  const { instance, wanted, settings, address, byHand } = context;
  const directory = nodeDirectory(tools.directories.nodes, instance.id);
  letGoOn(context, tools.ports);
  const disks = await growDisks(context, tools);
  await changeCd(context, tools);
  await setPower(context, tools);
  const shared = byHand ? instance : await setShare(context, instance, tools);
  // A command leaves the ports as they are.
  const planned = { ...wanted, ...plannedListeners(wanted, qemuSettings(settings)) };
  const served = byHand ? {} : await serveNode({ address, id: instance.id, planned, settings, directory }, tools);
  const attributes = { ...wanted, ...served, directory } as Attributes;
  const saved = wanted["power"] === "suspended" ? notesOf(instance).saved : undefined;
  return withNotes({ ...shared, attributes }, { ...served, disks, saved });
}
