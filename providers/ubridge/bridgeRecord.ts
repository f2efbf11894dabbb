import { fail } from "../../src/core/diagnostics.ts";
import type { ProcessIdentity } from "../../src/core/ports.ts";
import type { Instance } from "../../src/core/state.ts";
import type { Json } from "../../src/core/values.ts";
import { type Engine, engineTitle, isEngine } from "./engine.ts";

/** The engine of a link's or bridge's record. */
export function engineOf(instance: Instance): Engine {
  const { engine } = instance.attributes;
  if (!isEngine(engine)) throw new Error(`${instance.address} has no engine in its record`);
  return engine;
}

/** The process in a bridge's record. */
export function processOf(instance: Instance): ProcessIdentity | undefined {
  const { process } = instance.private;
  return process === undefined || process === null ? undefined : (process as unknown as ProcessIdentity);
}

/** The refusal of what needs a process that can be neither reached nor taken for gone from here. */
export function failElsewhere(engine: Engine, { pid, pidNamespace }: ProcessIdentity): never {
  return fail(`${engineTitle(engine)} runs where it cannot be ended from`, {
    subject: `process ${pid}`,
    detail: `It was started in another container (pid namespace ${pidNamespace}). Run the command there, or end it there.`,
  });
}

export function withProcess(instance: Instance, identity: ProcessIdentity): Instance {
  return {
    ...instance,
    private: { ...instance.private, process: { ...identity } },
  };
}

export function textOf(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}
