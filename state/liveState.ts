import { Failure } from "../src/core/diagnostics.ts";
import type { Instance, JournalRecord, State } from "../src/core/state.ts";
import { instanceViolations, UniqueNames } from "./invariants.ts";
import { applyRecord } from "./replay.ts";

/** A state that records are applied to, each at a cost that does not depend on the number of instances. */
export class LiveState {
  readonly #instances: Map<string, Instance>;
  readonly #unique = new UniqueNames();
  #state: State;

  constructor(state: State) {
    this.#instances = new Map(state.instances);
    this.#state = { ...state, instances: this.#instances };
    for (const instance of this.#instances.values()) this.#unique.add(instance);
  }

  /** Its instances are live: later records show in it. */
  get state(): State {
    return this.#state;
  }

  /** Throws, and changes nothing, when the record breaks an invariant. */
  apply(record: JournalRecord): void {
    if (record.record === "intent" || record.record === "outcome") this.#replace(record.instance);
    else if (record.record === "gone") this.#forget(record.address);
    else if (record.record === "moved") for (const { from } of record.moves) this.#forget(from);
    this.#state = applyRecord(this.#state, this.#instances, record);
    if (record.record !== "moved") return;
    for (const { to } of record.moves) {
      const moved = this.#instances.get(to);
      if (moved) this.#unique.add(moved);
    }
  }

  #replace(instance: Instance): void {
    const violations = [...instanceViolations(instance.address, instance), ...this.#unique.conflicts(instance)];
    if (violations.length > 0) throw brokenRecord(instance.address, violations);
    this.#forget(instance.address);
    this.#unique.add(instance);
  }

  #forget(address: string): void {
    const prior = this.#instances.get(address);
    if (prior) this.#unique.delete(prior);
  }
}

export function brokenRecord(address: string | undefined, violations: readonly string[]): Failure {
  return new Failure({
    severity: "error",
    summary: "labform was about to record a state that contradicts itself",
    detail: `This is a fault of labform: ${violations.map((one) => `invariant ${one}`).join("; ")}. It was not written.`,
    address,
  });
}
