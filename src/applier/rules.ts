import type { Diagnostic } from "../core/diagnostics.ts";
import { errorDiagnostic, Failure, hasErrors } from "../core/diagnostics.ts";
import type { Change, Deferred, DeferredRule, OutputChange, Plan } from "../core/plan.ts";
import { BOOL } from "../core/values.ts";
import { awaitedInstances, capturedParts } from "../evaluation/capturedParts.ts";
import type { Message } from "../evaluation/rules.ts";
import { brokenCondition, noAnswer, readMessage, UNTOLD } from "../evaluation/rules.ts";
import { convert } from "../evaluation/types.ts";
import { describeDeferred, finish } from "./awaited.ts";
import type { World } from "./perform.ts";

/**
 * The rules that the plan could not decide: of modules' variables, of nodes, links and outputs, of checks. Each is
 * decided once, as soon as something needs it and what it awaits is done, and at the latest at the end; what needs a
 * value that breaks one is not done.
 */
export class OpenRules {
  readonly #world: Pick<World, "store" | "providers" | "clock">;
  readonly #isUndone: (address: string) => boolean;
  /** By owner. */
  readonly #open = new Map<string, Set<DeferredRule>>();
  readonly #broken = new Set<string>();
  readonly #changing = new Set<string>();

  /** `isUndone`: whether the plan wants something of the instance that has not been brought to its end. */
  constructor(plan: Plan, world: Pick<World, "store" | "providers" | "clock">, isUndone: (address: string) => boolean) {
    this.#world = world;
    this.#isUndone = isUndone;
    for (const rule of plan.rules ?? []) {
      const ofOwner = this.#open.get(rule.owner);
      if (ofOwner) ofOwner.add(rule);
      else this.#open.set(rule.owner, new Set([rule]));
    }
    if (this.#open.size > 0) for (const { address } of plan.changes) this.#changing.add(address);
  }

  /**
   * Rejects when the change must not go on: a precondition is broken, its own or that of an output it comes from, or it
   * needs a value that is not allowed; the first time with the rule's own words.
   */
  refuse(change: Change): void {
    if (this.#open.size === 0 && this.#broken.size === 0) return;
    const needed = [...variablesIn(Object.values(change.deferred)), ...(change.guards ?? [])];
    const broken = needed.find((owner) => this.#broken.has(owner));
    if (broken !== undefined) throw new Failure(brokenBefore(broken));
    const found = [
      ...this.#decideThoseOf(change.address, "precondition"),
      ...needed.flatMap((owner) => this.#decideThoseOf(owner)),
    ];
    if (found.length > 0) throw new Failure(found);
  }

  /** What is wrong with an instance now that its change is done; of a lab without conditions nothing. */
  finished({ address }: Change): readonly Diagnostic[] {
    return this.#open.size === 0 ? [] : this.#decideThoseOf(address, "postcondition");
  }

  /** What is left, as far as it can be decided. What was not done is not judged. */
  rest(): readonly Diagnostic[] {
    return [...this.#open.keys()]
      .filter((owner) => !this.#changing.has(owner))
      .flatMap((owner) => this.#decideThoseOf(owner));
  }

  /** Whether nothing speaks against recording it; of a rule that could not be decided nobody knows. */
  allows({ name, deferred, guards = [] }: OutputChange): boolean {
    if (this.#open.size === 0 && this.#broken.size === 0) return true;
    const needed = [`output.${name}`, ...guards, ...variablesIn(deferred ? [deferred] : [])];
    return needed.every((owner) => !this.#broken.has(owner) && !this.#open.has(owner));
  }

  #decideThoseOf(owner: string, kind?: DeferredRule["kind"]): readonly Diagnostic[] {
    const rules = this.#open.get(owner);
    if (!rules) return [];
    const found: Diagnostic[] = [];
    for (const rule of rules) {
      if (kind !== undefined && rule.kind !== kind) continue;
      const isAwaited = (one: string) => one !== owner && (this.#isUndone(one) || !this.#isThere(one));
      if (awaitedInstances(rule.condition).some(isAwaited)) continue;
      rules.delete(rule);
      found.push(...this.#decide(rule));
    }
    if (rules.size === 0) this.#open.delete(owner);
    if (hasErrors(found)) this.#broken.add(owner);
    return found;
  }

  #isThere(address: string): boolean {
    return this.#world.store.state.instances.has(address);
  }

  #decide(rule: DeferredRule): readonly Diagnostic[] {
    const { kind, owner: address, condition } = rule;
    try {
      const value = finish(condition, this.#world, address);
      const answer = convert(value, BOOL);
      if ("value" in answer && answer.value.raw === true) return [];
      if ("value" in answer && answer.value.raw === false) return this.#brokenRule(rule);
      const { range } = describeDeferred(condition, this.#world);
      return [noAnswer(range, { kind, address }, value)];
    } catch (error) {
      if (error instanceof Failure) return error.diagnostics;
      throw error;
    }
  }

  #brokenRule(rule: DeferredRule): readonly Diagnostic[] {
    const { kind, owner: address, value, condition } = rule;
    const { text, diagnostics } = this.#message(rule);
    if (!value) {
      const about = this.#isThere(address) ? { address } : {};
      const rest = { detail: text, ...describeDeferred(condition, this.#world), ...about };
      return [brokenCondition({ kind, address }, rest), ...diagnostics];
    }
    const hidden = value.sensitive ? " The value is sensitive and is not shown." : "";
    const said = /\p{P}$/u.test(text) ? text : `${text}.`;
    const detail = `${said}${hidden} It is given at ${value.given}; the condition at ${condition.at} is not met.`;
    return [errorDiagnostic(`Invalid value for ${address}`, { detail }), ...diagnostics];
  }

  #message({ kind, owner, message }: DeferredRule): Message {
    try {
      const { range } = describeDeferred(message, this.#world);
      return readMessage(finish(message, this.#world, owner), range, kind === "assertion" ? "warning" : "error");
    } catch (error) {
      if (error instanceof Failure) return { text: UNTOLD, diagnostics: error.diagnostics };
      throw error;
    }
  }
}

function brokenBefore(owner: string): Diagnostic {
  if (/(^|\.)var\.[^.]*$/.test(owner)) {
    const detail = "Its value breaks a rule of the variable's block; the message about that says which.";
    return errorDiagnostic(`${owner} has no allowed value`, { detail });
  }
  const detail = "A precondition of the output is not met; the message about that says which.";
  return errorDiagnostic(`${owner} must not be used`, { detail });
}

function variablesIn(deferred: readonly Deferred[]): ReadonlySet<string> {
  const found = new Set<string>();
  for (const one of deferred) {
    for (const part of capturedParts(one)) if (part.kind === "variable") found.add(part.address);
  }
  return found;
}
