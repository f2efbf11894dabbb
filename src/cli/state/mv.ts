import type { Target } from "../../core/addresses.ts";
import { formatTarget } from "../../core/addresses.ts";
import { errorDiagnostic, Failure } from "../../core/diagnostics.ts";
import type { Moved, MoveRefusal } from "../../core/moves.ts";
import { moveInstances } from "../../core/moves.ts";
import type { State } from "../../core/state.ts";
import { countOf } from "../../ui/text.ts";
import type { CommonOptions, Context, ExitCode } from "../context.ts";
import { notRecorded, parseGiven, requireState } from "./addresses.ts";
import type { LockOptions } from "./changing.ts";
import { tell, withStore } from "./changing.ts";

interface Options extends LockOptions {
  readonly dryRun?: boolean;
}

/** Gives what is recorded another address. Nothing on the host is touched: what runs is found by its id. */
export async function mv(
  context: Context,
  common: CommonOptions,
  options: Options,
  [source = "", destination = ""]: readonly string[],
): Promise<ExitCode> {
  const from = parseGiven(source);
  const to = parseGiven(destination);
  const { state } = await (await context.states(common.directory)).load();
  requireState(state, common.directory);
  if (options.dryRun) {
    say(context, common, moved(state, from, to), true);
    return 0;
  }
  return withStore(context, common, options, "state mv", async (store) => {
    const done = moved(store.state, from, to);
    await store.replace({ ...done.state, serial: store.state.serial + 1 });
    say(context, common, done, false);
    return 0;
  });
}

function say(context: Context, common: CommonOptions, { moves }: Moved, dryRun: boolean): void {
  const lines = [...moves].map(([from, to]) => `${dryRun ? "Would move" : "Moved"} ${from} to ${to}`);
  const count = countOf(moves.size, "instance");
  tell(context, common, [...lines, dryRun ? `Nothing was changed. ${count} would be moved.` : `${count} moved.`], {
    dry_run: dryRun,
    moved: [...moves].map(([from, to]) => ({ from, to })),
  });
}

function moved(state: State, from: Target, to: Target): Moved {
  const result = moveInstances(state, from, to);
  if (!("refused" in result)) return result;
  throw new Failure(refusal(result, state, from, to));
}

function refusal(reason: MoveRefusal, state: State, from: Target, to: Target): ReturnType<typeof errorDiagnostic> {
  const [source, destination] = [formatTarget(from), formatTarget(to)];
  const summary = `${source} cannot be moved to ${destination}`;
  switch (reason.refused) {
    case "nothing":
      return notRecorded(state, from);
    case "same":
      return errorDiagnostic(summary, { detail: "Both are the same address." });
    case "kinds": {
      const detail = `${named(from)} stays ${named(from).toLowerCase()}: the destination is ${named(to).toLowerCase()}. For another module give the whole address there, as in module.pod.node.r1.`;
      return errorDiagnostic(summary, { detail });
    }
    case "service": {
      const detail = "labform finds a service by its address, and the providers give it: no lab file names one.";
      return errorDiagnostic(summary, { detail });
    }
    case "inside":
      return errorDiagnostic(summary, { detail: "One of the two modules is in the other." });
    case "several": {
      const names = reason.instances.slice(0, 8).join(", ");
      const more = reason.instances.length > 8 ? ` and ${reason.instances.length - 8} more` : "";
      const detail = `Several instances cannot become one. Name one of them: ${names}${more}; or leave out the destination's key, and each keeps its own.`;
      return errorDiagnostic(summary, { detail });
    }
    case "taken": {
      const detail = `The state has ${reason.by} already. Move it elsewhere first, or take it away with "labform destroy -target" or "labform state rm".`;
      return errorDiagnostic(summary, { detail });
    }
  }
}

function named(target: Target): string {
  const kind = target.at(-1)?.kind ?? "";
  return `A ${kind}`;
}
