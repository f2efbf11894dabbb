import type { Chance } from "./host/chance.ts";
import { refusal } from "./host/errors.ts";
import type { Owner } from "./host/network.ts";
import type { Scheduler } from "./host/scheduler.ts";

/** A call by which a labform changes the world, or may: `append /lab/.labform/default/journal.jsonl`. */
export interface Call {
  /** Of its run, from 0. */
  readonly index: number;
  readonly name: string;
  readonly subject: string;
  /** What is written. */
  readonly data: string;
  /** Reads are told of as well, for faults; they have no index of their own. */
  readonly changes: boolean;
}

/** What becomes of a call. A kill leaves its effect or prevents it, and its answer never comes. */
export type Fate =
  | { readonly fate: "kill before" | "kill after" }
  | { readonly fate: "error"; readonly code: string }
  | { readonly fate: "delay"; readonly ms: number };

export type Meddle = (call: Call) => Fate | undefined;

export interface Work<T> {
  readonly name: string;
  readonly subject: string;
  readonly changes: boolean;
  readonly data?: string;
  readonly act: () => T;
  /** What is done nonetheless when the call fails: a part of a write. */
  readonly partly?: () => void;
}

/** One labform process. Once it is dead, nothing it ever asked is answered, and nothing it asks is done. */
export class Run implements Owner {
  readonly killed: Promise<"killed">;
  readonly scheduler: Scheduler;
  readonly chance: Chance;
  isDead = false;
  /** How many calls changed something. */
  changes = 0;
  readonly #meddle: Meddle;
  #onDeath: () => void = () => {};

  constructor(scheduler: Scheduler, chance: Chance, meddle: Meddle) {
    this.scheduler = scheduler;
    this.chance = chance;
    this.#meddle = meddle;
    this.killed = new Promise((resolve) => {
      this.#onDeath = () => resolve("killed");
    });
  }

  kill(): void {
    this.isDead = true;
    this.#onDeath();
  }

  deliver(work: () => void): void {
    if (!this.isDead) work();
  }

  /** Answered after a moment, in which others get their turn. */
  call<T>(work: Work<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const moment = 0.02 + this.chance.fraction() * 0.4;
      this.after(moment, () => this.#perform(work, resolve, reject, true));
    });
  }

  /** Answered at once; `otherwise` when the run is dead or dies of it. */
  now<T>(work: Work<T>, otherwise: T): T {
    if (this.isDead) return otherwise;
    let result = otherwise;
    const settle = (value: T) => {
      result = value;
    };
    let fault: { readonly error: unknown } | undefined;
    this.#perform(
      work,
      settle,
      (error) => {
        fault = { error };
      },
      false,
    );
    if (fault) throw fault.error;
    return result;
  }

  after(ms: number, work: () => void): void {
    this.scheduler.after(ms, () => this.deliver(work));
  }

  #perform<T>(work: Work<T>, resolve: (value: T) => void, reject: (error: unknown) => void, mayWait: boolean): void {
    const { name, subject, data = "", changes, act } = work;
    const fate = this.#meddle({ index: changes ? this.changes++ : -1, name, subject, data, changes });
    if (fate?.fate === "kill before") return this.kill();
    if (fate?.fate === "error") {
      work.partly?.();
      return reject(refusal(fate.code, name, subject));
    }
    if (fate?.fate === "delay" && mayWait) {
      return this.after(fate.ms, () => this.#finish(act, resolve, reject));
    }
    this.#finish(act, resolve, reject, fate?.fate === "kill after");
  }

  #finish<T>(act: () => T, resolve: (value: T) => void, reject: (error: unknown) => void, dies = false): void {
    try {
      const value = act();
      if (dies) this.kill();
      else resolve(value);
    } catch (error) {
      if (dies) this.kill();
      else reject(error);
    }
  }
}
