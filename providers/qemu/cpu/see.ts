import type { Cause } from "../../../src/core/plan.ts";
import type { ProcessIdentity } from "../../../src/core/ports.ts";
import type { Instance } from "../../../src/core/state.ts";
import type { PlanTools } from "../plan.ts";
import { findShare } from "./share.ts";

/** A living node as what holds it down on the host makes it; the same object where that is as recorded. */
export async function seeShare(
  instance: Instance,
  process: ProcessIdentity,
  tools: Pick<PlanTools, "ports" | "directories">,
): Promise<{ readonly instance: Instance; readonly cause?: Cause }> {
  const { percent, why } = await findShare(instance, process, tools);
  if (percent === (instance.attributes["cpu_throttling"] ?? 0)) return { instance };
  const attributes = { ...instance.attributes, cpu_throttling: percent };
  return { instance: { ...instance, attributes }, cause: { kind: "host", path: ["cpu_throttling"], summary: why } };
}
