import type { Random } from "../../../src/core/ports.ts";

/** Everything that is left to chance, from one seed (mulberry32, by Tommy Ettinger). */
export class Chance implements Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** From 0 to below 1. */
  fraction(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  }

  integer(limit: number): number {
    return Math.floor(this.fraction() * limit);
  }

  /** Both ends included. */
  between(low: number, high: number): number {
    return low + this.integer(high - low + 1);
  }

  /** True in `probability` of all cases. */
  happens(probability: number): boolean {
    return this.fraction() < probability;
  }

  pick<T>(items: readonly T[]): T {
    if (items.length === 0) throw new Error("there is nothing to pick from");
    return items[this.integer(items.length)] as T;
  }

  /** Another source, whose use does not shift what comes from this one. */
  branch(): Chance {
    return new Chance(this.integer(4294967296));
  }

  hex(bytes: number): string {
    let text = "";
    for (let at = 0; at < bytes; at++) text += this.integer(256).toString(16).padStart(2, "0");
    return text;
  }

  uuid(): string {
    const digits = this.hex(16);
    const parts = [digits.slice(0, 8), digits.slice(8, 12), `4${digits.slice(13, 16)}`, `a${digits.slice(17, 20)}`];
    return [...parts, digits.slice(20)].join("-");
  }
}
