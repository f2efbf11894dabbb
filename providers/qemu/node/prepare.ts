import type { OperationContext } from "../../../src/core/provider.ts";
import type { Instance } from "../../../src/core/state.ts";
import type { Attributes } from "../../../src/core/values.ts";
import { nodeAttributes } from "../attributes.ts";
import { makeDisks } from "../disks/make.ts";
import { recordedDigests } from "../disks/record.ts";
import { checkOverlays } from "../disks/repair.ts";
import { makeVariables } from "../firmware/variables.ts";
import { nodeDirectory, tunnelSocket } from "../names.ts";
import { notesOf, withNotes } from "../notes.ts";
import type { PlanTools } from "../plan.ts";
import { makeSeeds } from "../seeds/make.ts";
import { serveNode } from "../service/serve.ts";
import { dropState } from "../vmState/file.ts";
import { chooseForwards } from "./forward.ts";
import { planAgain } from "./planAgain.ts";

/**
 * Makes the node's directory and disks, and has its ports served. Planned once more first: by now everything is known,
 * and what was there at plan (an image, the binary) may be gone.
 */
export async function prepareNode(context: OperationContext, tools: PlanTools): Promise<Instance> {
  const { instance, address, settings } = context;
  const { planned, disks, uefi } = await planAgain(context, tools);
  const directory = nodeDirectory(tools.directories.nodes, instance.id);
  await tools.ports.files.makeDirectory(directory);
  const making = { context, tools, directory, qemu: String(planned["qemu_binary"]) };
  if (!context.anew) await checkOverlays(context, making.qemu, tools);
  const records = await makeDisks(disks, making);
  // What an interrupted run saved and did not come to record.
  if (!notesOf(instance).saved) await dropState(tools.ports.files, directory);
  const variables = await makeVariables(uefi, making);
  await makeSeeds(nodeAttributes(planned as Attributes), directory, tools.ports.files);
  if (planned["tunnel"] === "dgram") await reserveTunnels(instance.id, Number(planned["adapters"]), tools);
  const served = await serveNode({ address, id: instance.id, planned, settings, directory }, tools);
  const forward = await chooseForwards(planned["forward"], context, tools);
  const digests = recordedDigests(records);
  const attributes = {
    ...planned,
    digests,
    ...served,
    forward,
    directory,
    pid: null,
    command_line: null,
  } as Attributes;
  const notes = { ...served, disks: records, uefi: variables, process: undefined, started: undefined };
  return withNotes({ ...instance, attributes }, notes);
}

/** uBridge ends when a socket it sends to does not exist; at a plain file it only loses the frame. */
async function reserveTunnels(id: string, adapters: number, tools: PlanTools): Promise<void> {
  const { files } = tools.ports;
  const there = new Set(await files.list(tools.directories.run));
  for (let at = 0; at < adapters; at++) {
    const name = tunnelSocket(id, at);
    if (!there.has(name)) await files.write(`${tools.directories.run}/${name}`, "", 0o600);
  }
}
