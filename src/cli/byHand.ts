import { Failure, hasErrors } from "../core/diagnostics.ts";
import type { HandRequest } from "../planner/byHand.ts";
import { makeHandPlan } from "../planner/byHand.ts";
import { runApply } from "./applying.ts";
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
  request: (address: string) => HandRequest,
): Promise<ExitCode> {
  return runApply(context, common, options, command, async (store) => {
    const kind = command.startsWith("capture ") ? "link" : "node";
    const instances = words.flatMap((word) => findInstances(store.state, word, kind));
    const providers = context.providers(store.directories);
    const planned = await makeHandPlan({
      state: store.state,
      providers,
      labformVersion: context.version,
      workspace: context.workspace,
      directory: common.directory,
      time: new Date(context.ports.clock.now()).toISOString(),
      by: context.ports.host.userName,
      requests: [...new Set(instances.map((one) => one.address))].map(request),
    });
    if (!planned.value || hasErrors(planned.diagnostics)) throw new Failure(planned.diagnostics);
    return { plan: planned.value, providers, warnings: planned.diagnostics, saved: false };
  });
}
