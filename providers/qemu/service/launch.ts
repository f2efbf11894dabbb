import type { Diagnostic } from "../../../src/core/diagnostics.ts";
import { Failure, fail } from "../../../src/core/diagnostics.ts";
import type { ProcessIdentity } from "../../../src/core/ports.ts";
import type { OperationContext } from "../../../src/core/provider.ts";
import type { Instance } from "../../../src/core/state.ts";
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
 * Starts the keeper and has it serve again what its predecessor served, at the ports recorded. A node that cannot be
 * served does not keep the others from it; all failures are reported together.
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
  const failures = await withKeeper(tools, context.address, async (keeper) => {
    const found: Diagnostic[] = [];
    const serve = async ({ instance }: (typeof nodes)[number]) => {
      const { address, id, attributes } = instance;
      const directory = nodeDirectory(tools.directories.nodes, id);
      try {
        await serveWith(keeper, { address, id, planned: attributes, settings: context.settings, directory }, tools);
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        found.push(...error.diagnostics);
      }
    };
    await Promise.all(nodes.map(serve));
    return found;
  });
  if (failures.length > 0) throw new Failure(failures);
}
