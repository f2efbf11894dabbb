import type { InstanceKey } from "../core/addresses.ts";
import { addressIn, formatModules, parseAddress } from "../core/addresses.ts";
import type { Repeated } from "../core/lab.ts";
import type { Cause } from "../core/plan.ts";
import type { Instance } from "../core/state.ts";
import { quote } from "../evaluation/quote.ts";
import { blockAddress } from "./protection.ts";
import type { Walked } from "./walk.ts";

type Wanted = Pick<Walked, "disabled" | "blocks" | "modules">;

/** Why an instance that is recorded is wanted no more. */
export function removalCause({ kind, address }: Instance, wanted: Wanted): Cause {
  if (kind === "service") return { kind: "removed", summary: "nothing needs it any more" };
  const disabled = disabledCause(address, wanted);
  if (disabled) return disabled;
  const block = wanted.blocks.get(blockAddress(address));
  const parsed = parseAddress(address);
  if (block && parsed) return { kind: "removed", summary: notRepeated(parsed.key, block.resource) };
  const around = (parsed?.modules ?? []).map((_, at, modules) => formatModules(modules.slice(0, at + 1)));
  const gone = around.find((module) => !wanted.modules.has(module)) ?? "it";
  return { kind: "removed", summary: `${gone} is no longer in the lab files` };
}

/** Of an instance whose block, or a module that it is in, is not enabled. */
function disabledCause(address: string, { disabled }: Wanted): Cause | undefined {
  const modules = parseAddress(address)?.modules ?? [];
  const around = modules.map(({ name }, at) =>
    addressIn(formatModules(modules.slice(0, at)), formatModules([{ name, key: undefined }])),
  );
  for (const one of [blockAddress(address), ...around.reverse()]) {
    const cause = disabled.get(one);
    if (cause) return cause;
  }
  return undefined;
}

/** Why a block that is there does not have an instance of this key. */
function notRepeated(key: InstanceKey, { count, forEach }: Pick<Repeated, "count" | "forEach">): string {
  const repetition = count ? "count" : forEach ? "for_each" : undefined;
  if (typeof key === "number" && count) return `its count no longer reaches [${key}]`;
  if (typeof key === "string" && forEach) return `its for_each no longer has ${quote(key)}`;
  if (repetition === undefined) return "its block is no longer repeated, and has one instance without a key";
  const keys = `${repetition === "count" ? "numbers" : "names"} as keys`;
  return `its block has ${repetition} now, and instances with ${keys}`;
}
