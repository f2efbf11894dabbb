import { instanceDocument } from "../../ui/json/state.ts";
import { renderState } from "../../ui/state.ts";
import type { CommonOptions, Context, ExitCode } from "../context.ts";
import { findOneRecorded, requireState } from "./addresses.ts";

/** One recorded instance, as `show` has it; what is sensitive is hidden. */
export async function show(
  context: Context,
  common: CommonOptions,
  _options: unknown,
  [word = ""]: readonly string[],
): Promise<ExitCode> {
  const { state } = await (await context.states(common.directory)).load();
  requireState(state, common.directory);
  const instance = findOneRecorded(state, word);
  const alone = { ...state, outputs: {}, instances: new Map([[instance.address, instance]]) };
  const look = { colour: common.colour, schemas: context.resourceSchemas };
  context.stdout.write(common.json ? `${JSON.stringify(instanceDocument(instance))}\n` : renderState(alone, look));
  return 0;
}
