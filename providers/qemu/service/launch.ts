import { Failure, fail } from "../../../src/core/diagnostics.ts";
import type { ProcessIdentity } from "../../../src/core/ports.ts";
import type { OperationContext } from "../../../src/core/provider.ts";
import type { Instance } from "../../../src/core/state.ts";
import { LISTENERS } from "../consoles/listeners.ts";
import type { PingResult } from "../keeper/client.ts";
import { KeeperClient, KeeperSilent } from "../keeper/client.ts";
import { nodeDirectory } from "../names.ts";
import { lastLines, sizeOf } from "../node/log.ts";
import { withNotes } from "../notes.ts";
import type { PlanTools } from "../plan.ts";
import { keeperLog } from "./read.ts";
import { serveWith, withKeeper } from "./serve.ts";

const START_MS = 10_000;

/**
 * Starts the keeper and has it serve again what its predecessor served, at the ports recorded. A port that was taken
 * meanwhile keeps neither the others from it nor the keeper from its start: it is told, and the node, found without that
 * port, is the one to be mended.
 */
export async function launchKeeper(context: OperationContext, tools: PlanTools): Promise<Instance> {
  const { ports, directories } = tools;
  const log = keeperLog(directories.run);
  const logOffset = await sizeOf(ports.files, log);
  const identity = await ports.processes
    .spawn({
      command: process.execPath,
      arguments: [`${directories.programs}/keeper.js`, directories.run],
      directory: directories.run,
      token: context.token,
      logFile: log,
    })
    .catch((cause: unknown) =>
      fail("The keeper could not be started", { address: context.address, detail: String(cause), cause }),
    );
  const { instance } = context;
  const spawned = withNotes(
    { ...instance, attributes: { ...instance.attributes, pid: identity.pid } },
    { process: identity, logOffset },
  );
  await context.progress(spawned, `the keeper is started (pid ${identity.pid})`);
  const { version } = await untilAnswers(identity, logOffset, context, tools);
  await serveCarried(context, tools);
  return { ...spawned, attributes: { ...spawned.attributes, version } };
}

async function untilAnswers(
  identity: ProcessIdentity,
  logOffset: number,
  context: OperationContext,
  tools: PlanTools,
): Promise<PingResult> {
  const { clock, files, processes, sockets } = tools.ports;
  const deadline = clock.monotonic() + START_MS;
  for (;;) {
    try {
      const keeper = await KeeperClient.connect(sockets, tools.directories.run);
      try {
        const answer = await keeper.ping();
        if (answer.pid === identity.pid) return answer;
      } finally {
        keeper.close();
      }
    } catch (error) {
      if (!(error instanceof KeeperSilent)) throw error;
    }
    const alive = processes.status(identity) === "alive";
    if (!alive || clock.monotonic() >= deadline) {
      processes.signal(identity, "SIGKILL");
      const lines = await lastLines(files, keeperLog(tools.directories.run), logOffset);
      fail(alive ? `The keeper did not answer within ${START_MS / 1000} s` : "The keeper ended at its start", {
        address: context.address,
        detail: [lines.length > 0 ? "It said:" : "It said nothing.", ...lines.map((line) => `  ${line}`)].join("\n"),
      });
    }
    await clock.sleep(10);
  }
}

async function serveCarried(context: OperationContext, tools: PlanTools): Promise<void> {
  const nodes = context.carried.filter(({ instance }) => instance.kind === "node");
  if (nodes.length === 0) return;
  await withKeeper(tools, context.address, async (keeper) => {
    await Promise.all(nodes.map(({ instance }) => serveAgain(keeper, instance, context, tools)));
  });
}

/** All its ports, or those of them that can be had: nobody else is to take the others meanwhile. */
async function serveAgain(
  keeper: KeeperClient,
  { address, id, attributes }: Instance,
  context: OperationContext,
  tools: PlanTools,
): Promise<void> {
  const directory = nodeDirectory(tools.directories.nodes, id);
  const serve = async (planned: Instance["attributes"]) => {
    try {
      await serveWith(keeper, { address, id, planned, settings: context.settings, directory }, tools);
      return [];
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      return error.diagnostics;
    }
  };
  if ((await serve(attributes)).length === 0) return;
  let had: Instance["attributes"] = { ...attributes, console: null, aux: null, monitor: null };
  for (const name of LISTENERS) {
    const more = { ...had, [name]: attributes[name] ?? null };
    const refused = await serve(more);
    if (refused.length === 0) had = more;
    for (const { summary } of refused) context.tell(summary);
  }
}
