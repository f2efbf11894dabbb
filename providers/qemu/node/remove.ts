import type { OperationContext } from "../../../src/core/provider.ts";
import { KeeperClient, KeeperSilent } from "../keeper/client.ts";
import { nodeDirectory } from "../names.ts";
import type { PlanTools } from "../plan.ts";

/**
 * Frees the node's ports, unless it is made anew, and removes its directory and sockets. What is gone already is a
 * success.
 */
export async function removeNode(context: OperationContext, tools: PlanTools): Promise<null> {
  const { id } = context.instance;
  const { files, sockets } = tools.ports;
  const { run, nodes } = tools.directories;
  if (!context.anew) await release(id, sockets, run);
  await files.remove(nodeDirectory(nodes, id));
  const names = await files.list(run).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  for (const name of names) if (name.startsWith(`${id}.`)) await files.remove(`${run}/${name}`);
  return null;
}

/** A keeper that does not answer holds no ports for long: it is replaced, or ended after the nodes. */
async function release(id: string, sockets: PlanTools["ports"]["sockets"], run: string): Promise<void> {
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
