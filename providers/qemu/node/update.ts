import type { OperationContext } from "../../../src/core/provider.ts";
import type { Instance } from "../../../src/core/state.ts";
import type { Attributes, Json, Planned, PlannedAttributes } from "../../../src/core/values.ts";
import { UNKNOWN } from "../../../src/core/values.ts";
import { growDisks } from "../disks/grow.ts";
import { nodeDirectory } from "../names.ts";
import { notesOf, withNotes } from "../notes.ts";
import type { PlanTools } from "../plan.ts";
import { serveNode } from "../service/serve.ts";
import { qemuSettings } from "../settings.ts";
import { setPower } from "./power.ts";

/** What may change on a running node: power is QEMU's, ports are the keeper's, everything else live is only recorded. */
export async function updateNode(context: OperationContext, tools: PlanTools): Promise<Instance> {
  const { instance, wanted, settings, address, byHand } = context;
  const directory = nodeDirectory(tools.directories.nodes, instance.id);
  const disks = await growDisks(context, tools);
  await setPower(context, tools);
  // A command leaves the ports as they are.
  const planned = { ...wanted, ...listeners(context) };
  const served = byHand ? {} : await serveNode({ address, id: instance.id, planned, settings, directory }, tools);
  const attributes = { ...wanted, ...served, directory } as Attributes;
  return withNotes({ ...instance, attributes }, { ...served, disks });
}

/** A port that was to be chosen is null by now, as one that is not wanted: the arguments tell them apart. */
function listeners({ instance, wanted, settings }: OperationContext): PlannedAttributes {
  const notes = notesOf(instance);
  const { console_host, monitor, monitor_host } = qemuSettings(settings);
  const listen = (name: "console" | "monitor", host: string): Planned => {
    if ((wanted[name] ?? null) !== null) return wanted[name] as Json;
    const port = wanted[`${name}_port`] ?? notes[name]?.port;
    return port === undefined ? UNKNOWN : { host, port };
  };
  return {
    console: wanted["console_type"] === "none" ? null : listen("console", console_host),
    monitor: monitor ? listen("monitor", monitor_host) : null,
  };
}
