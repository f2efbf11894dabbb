import { Failure, hasErrors } from "../core/diagnostics.ts";
import type { State } from "../core/state.ts";
import type { HandRequest } from "../planner/byHand.ts";
import { makeHandPlan } from "../planner/byHand.ts";
import { runApply } from "./applying.ts";
import type { Capturable } from "./capturable.ts";
import { findCapturable } from "./capturable.ts";
import type { CommonOptions, Context, ExitCode } from "./context.ts";
import { findInstances } from "./instances.ts";

export interface HandOptions {
  readonly lockTimeout?: string;
}

/**
 * A command that changes one thing of running instances: a plan of its own, from the state alone, through the same lock,
 * journal and events as apply. It is not asked about: the command says what is done.
 */
export async function runByHand(
  context: Context,
  common: CommonOptions,
  options: HandOptions,
  command: HandRequest["command"],
  words: readonly string[],
  request: (address: string, port?: string) => HandRequest,
): Promise<ExitCode> {
  return runApply(context, common, options, command, async (store) => {
    const find = command.startsWith("capture ") ? findCapturable : findNodes;
    const named = words.flatMap((word) => find(store.state, word));
    const providers = context.providers(store.directories);
    const planned = await makeHandPlan({
      state: store.state,
      providers,
      labformVersion: context.version,
      workspace: context.workspace,
      directory: common.directory,
      time: new Date(context.ports.clock.now()).toISOString(),
      by: context.ports.host.userName,
      requests: [...new Map(named.map((one) => [one.instance.address, one])).values()].map(({ instance, port }) =>
        request(instance.address, port),
      ),
    });
    if (!planned.value || hasErrors(planned.diagnostics)) throw new Failure(planned.diagnostics);
    return { plan: planned.value, providers, warnings: planned.diagnostics, saved: false };
  });
}

function findNodes(state: State, word: string): readonly Capturable[] {
  return findInstances(state, word, "node").map((instance) => ({ instance, port: undefined }));
}
