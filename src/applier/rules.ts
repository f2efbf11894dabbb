import type { Diagnostic } from "../core/diagnostics.ts";
import { errorDiagnostic, Failure } from "../core/diagnostics.ts";
import type { Change, DeferredRule, Plan } from "../core/plan.ts";
import { BOOL, STRING } from "../core/values.ts";
import { awaitedInstances, capturedParts } from "../evaluation/capturedParts.ts";
import { containsSensitive } from "../evaluation/marks.ts";
import { convert } from "../evaluation/types.ts";
import { finish } from "./awaited.ts";
import type { World } from "./perform.ts";

/**
 * The rules of modules' variables that the plan could not decide. Each is checked once, as soon as something needs the
 * value and what it awaits is done, and at the latest at the end; what needs a value that breaks one is not done.
 */
export class OpenRules {
  readonly #world: Pick<World, "store" | "providers" | "clock">;
  readonly #open: Set<DeferredRule>;
  readonly #broken = new Set<string>();

  constructor(plan: Plan, world: Pick<World, "store" | "providers" | "clock">) {
    this.#open = new Set(plan.rules);
    this.#world = world;
  }

  /** Rejects when the change needs a value that is not allowed; the first time with the rule's own words. */
  refuse(change: Change, isUndone: (address: string) => boolean): void {
    if (this.#open.size === 0 && this.#broken.size === 0) return;
    const needed = variablesIn(change);
    const broken = [...needed].find((variable) => this.#broken.has(variable));
    if (broken !== undefined) {
      const detail = "Its value breaks a rule of the variable's block; the message about that says which.";
      throw new Failure(errorDiagnostic(`${broken} has no allowed value`, { detail }));
    }
    const found = this.#check((rule) => needed.has(rule.variable), isUndone);
    if (found.length > 0) throw new Failure(found);
  }

  /** What is left, as far as it can be decided. */
  rest(isUndone: (address: string) => boolean): readonly Diagnostic[] {
    return this.#check(() => true, isUndone);
  }

  #check(concerns: (rule: DeferredRule) => boolean, isUndone: (address: string) => boolean): readonly Diagnostic[] {
    const found: Diagnostic[] = [];
    for (const rule of this.#open) {
      if (!concerns(rule) || awaitedInstances(rule.condition).some((one) => isUndone(one) || !this.#isThere(one)))
        continue;
      this.#open.delete(rule);
      const broken = this.#decide(rule);
      if (broken.length > 0) this.#broken.add(rule.variable);
      found.push(...broken);
    }
    return found;
  }

  #isThere(address: string): boolean {
    return this.#world.store.state.instances.has(address);
  }

  #decide(rule: DeferredRule): readonly Diagnostic[] {
    try {
      const answer = convert(finish(rule.condition, this.#world, rule.variable), BOOL);
      if ("value" in answer && answer.value.raw === true) return [];
      if ("value" in answer && answer.value.raw === false) return [this.#brokenRule(rule)];
      const detail = `It stands at ${rule.condition.at} and gives neither true nor false.`;
      return [errorDiagnostic(`A condition of ${rule.variable} cannot be decided`, { detail })];
    } catch (error) {
      if (error instanceof Failure) return error.diagnostics;
      throw error;
    }
  }

  #brokenRule({ variable, sensitive, given, condition, message }: DeferredRule): Diagnostic {
    const value = finish(message, this.#world, variable);
    const text = convert(value, STRING);
    const said =
      "value" in text && typeof text.value.raw === "string" ? text.value.raw : "Its error_message is no text.";
    const words = containsSensitive(value)
      ? "Its error_message comes from something sensitive and is not shown."
      : said;
    const hidden = sensitive ? " The value is sensitive and is not shown." : "";
    const detail = `${words}${hidden} It is given at ${given}; the condition at ${condition.at} is not met.`;
    return errorDiagnostic(`Invalid value for ${variable}`, { detail });
  }
}

function variablesIn({ deferred }: Change): ReadonlySet<string> {
  const found = new Set<string>();
  for (const one of Object.values(deferred)) {
    for (const part of capturedParts(one)) if (part.kind === "variable") found.add(part.address);
  }
  return found;
}
