import { fail } from "../../core/diagnostics.ts";
import { shellWord } from "../../core/shellWord.ts";
import type { Instance, InstanceStatus } from "../../core/state.ts";
import type { CommonOptions, Context, ExitCode } from "../context.ts";
import { findOneRecorded, requireState } from "../state/addresses.ts";
import type { LockOptions } from "../state/changing.ts";
import { tell, withStore } from "../state/changing.ts";

/** Marks an instance, or takes the mark away: a tainted one is made anew by the next apply. Touches nothing else. */
export function taint(command: "taint" | "untaint") {
  return async (
    context: Context,
    common: CommonOptions,
    options: LockOptions,
    [word = ""]: readonly string[],
  ): Promise<ExitCode> => {
    const { state } = await (await context.states(common.directory)).load();
    requireState(state, common.directory);
    return withStore(context, common, options, command, async (store) => {
      const instance = findOneRecorded(store.state, word);
      const status = command === "taint" ? tainted(instance) : untainted(instance);
      const facts = { address: instance.address, status };
      if (status === instance.status) {
        tell(context, common, [`${instance.address} is tainted already. Nothing was changed.`], facts);
        return 0;
      }
      const instances = new Map(store.state.instances).set(instance.address, { ...instance, status });
      await store.replace({ ...store.state, serial: store.state.serial + 1, instances });
      const line =
        status === "tainted"
          ? `${instance.address} is marked as tainted: the next apply makes it anew.`
          : `${instance.address} is no longer tainted.`;
      tell(context, common, [line], facts);
      return 0;
    });
  };
}

function tainted({ address, status, pending }: Instance): InstanceStatus {
  if (!pending && status !== "creating" && status !== "deleting") return "tainted";
  return fail(`${address} was left half-done and cannot be marked as tainted`, {
    address,
    detail: `The next apply finishes it. To have it made anew instead: labform apply -replace=${shellWord(address)}`,
  });
}

/** What it was left in the middle of is still to be finished. */
function untainted({ address, status, pending }: Instance): InstanceStatus {
  if (status === "tainted") return pending ? "creating" : "ok";
  const detail =
    status === "unready"
      ? "It runs and was not ready in time, which is no mark: the next apply waits for it again, and makes nothing anew."
      : `Its status is "${status}".`;
  return fail(`${address} is not tainted`, { address, detail: `${detail} Nothing was changed.` });
}
