import { dirname } from "node:path";
import type { Files } from "../../../src/core/ports.ts";
import type { OperationContext } from "../../../src/core/provider.ts";
import type { Instance } from "../../../src/core/state.ts";
import { dropShare } from "../cpu/share.ts";
import { KeeperClient, KeeperSilent } from "../keeper/client.ts";
import { nodeDirectory, stagedDirectory } from "../names.ts";
import { withNotes } from "../notes.ts";
import type { PlanTools } from "../plan.ts";

/**
 * Frees the node's ports and removes its directory and sockets. Of a node that is made anew the ports stay, and what was
 * staged for it. What is gone already is a success.
 */
export async function removeNode(context: OperationContext, tools: PlanTools): Promise<Instance | null> {
  const { id } = context.instance;
  const { files, sockets } = tools.ports;
  const { run, nodes } = tools.directories;
  if (!context.anew) await freePorts(id, sockets, run);
  const directory = nodeDirectory(nodes, id);
  if (context.anew) await removeAllBut(stagedDirectory(directory), directory, files);
  else await removeForGood(directory, files);
  await removeSockets(id, run, files);
  return context.anew ? withNotes(context.instance, { disks: undefined, saved: undefined }) : null;
}

/** Frees the ports of a node that is off, removes its sockets, and what held it down; its directory stays. */
export async function releaseNode(node: Instance, tools: PlanTools): Promise<void> {
  const { ports, directories } = tools;
  await freePorts(node.id, ports.sockets, directories.run);
  await removeSockets(node.id, directories.run, ports.files);
  await dropShare(node, tools);
}

async function removeSockets(id: string, run: string, files: Files): Promise<void> {
  for (const name of await listed(run, files)) if (name.startsWith(`${id}.`)) await files.remove(`${run}/${name}`);
}

/** Durable, or a power cut brings back the directory of a node that nobody knows any more. */
async function removeForGood(directory: string, files: Files): Promise<void> {
  await files.remove(directory);
  await files.syncDirectory(dirname(directory)).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
  });
}

async function removeAllBut(kept: string, directory: string, files: Files): Promise<void> {
  for (const name of await listed(directory, files)) {
    if (`${directory}/${name}` !== kept) await files.remove(`${directory}/${name}`);
  }
}

async function listed(directory: string, files: Files): Promise<readonly string[]> {
  return await files.list(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
}

/** A keeper that does not answer holds no ports for long: it is replaced, or ended after the nodes. */
async function freePorts(id: string, sockets: PlanTools["ports"]["sockets"], run: string): Promise<void> {
  try {
    const keeper = await KeeperClient.connect(sockets, run);
    try {
      await keeper.release(id);
    } finally {
      keeper.close();
    }
  } catch (error) {
    if (!(error instanceof KeeperSilent)) throw error;
  }
}
