import type { Answer, Readings } from "../core/plan.ts";
import type { DigestAlgorithm, FileStat, Reader } from "../core/ports.ts";
import { systemCode } from "../core/systemErrors.ts";
import type { Surroundings } from "./surroundings.ts";

/** The code of what apply is asked to read though the plan did not. */
export const UNREAD = "LABFORM_UNREAD";

type Outcome = { readonly value: string | readonly string[] | Uint8Array } | { readonly error: unknown };

/**
 * Reads each thing once and remembers what it was, so that all who ask see the same though files change meanwhile.
 * `answers` is what a plan keeps of it.
 */
export class RememberingReader implements Reader {
  readonly #reader: Reader;
  readonly #outcomes = new Map<string, Outcome>();

  constructor(reader: Reader) {
    this.#reader = reader;
  }

  kind(path: string): FileStat["kind"] {
    return this.#ask(`kind ${path}`, () => this.#reader.kind(path));
  }

  read(path: string, most: number): Uint8Array {
    return this.#ask(`read ${path}`, () => this.#reader.read(path, most));
  }

  digest(path: string, algorithm: DigestAlgorithm): string {
    return this.#ask(`${algorithm} ${path}`, () => this.#reader.digest(path, algorithm));
  }

  list(directory: string): readonly string[] {
    return this.#ask(`list ${directory}`, () => this.#reader.list(directory));
  }

  answers(): { readonly [question: string]: Answer } {
    return Object.fromEntries([...this.#outcomes].map(([question, outcome]) => [question, answerOf(outcome)]));
  }

  #ask<T extends string | readonly string[] | Uint8Array>(question: string, read: () => T): T {
    let outcome = this.#outcomes.get(question);
    if (!outcome) {
      try {
        outcome = { value: read() };
      } catch (error) {
        if (systemCode(error) === undefined) throw error;
        outcome = { error };
      }
      this.#outcomes.set(question, outcome);
    }
    if ("error" in outcome) throw outcome.error;
    return outcome.value as T;
  }
}

function answerOf(outcome: Outcome): Answer {
  if ("error" in outcome) return { refused: String(systemCode(outcome.error)) };
  const { value } = outcome;
  if (!(value instanceof Uint8Array)) return value;
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  const text = bytes.toString("utf8");
  return Buffer.from(text, "utf8").equals(bytes) ? { text } : { base64: bytes.toString("base64") };
}

/** Answers from what a plan kept, and refuses with `UNREAD` all else. */
class KeptReader implements Reader {
  readonly #answers: Readings["answers"];

  constructor(answers: Readings["answers"]) {
    this.#answers = answers;
  }

  kind(path: string): FileStat["kind"] {
    return this.#answer(`kind ${path}`) as FileStat["kind"];
  }

  read(path: string): Uint8Array {
    const answer = this.#answer(`read ${path}`) as { readonly text: string } | { readonly base64: string };
    return "text" in answer ? Buffer.from(answer.text, "utf8") : Buffer.from(answer.base64, "base64");
  }

  digest(path: string, algorithm: DigestAlgorithm): string {
    return this.#answer(`${algorithm} ${path}`) as string;
  }

  list(directory: string): readonly string[] {
    return this.#answer(`list ${directory}`) as readonly string[];
  }

  #answer(question: string): Answer {
    const answer = Object.hasOwn(this.#answers, question) ? this.#answers[question] : { refused: UNREAD };
    if (typeof answer === "object" && "refused" in answer) throw refused(answer.refused, question);
    return answer as Answer;
  }
}

function refused(code: string, question: string): Error {
  return Object.assign(new Error(`${code}, ${question}`), { code });
}

/** The same surroundings with a reader that remembers what it was asked from now on. */
export function remembering(surroundings: Surroundings): {
  readonly surroundings: Surroundings;
  readonly readings: () => Readings;
} {
  const reader = new RememberingReader(surroundings.reader);
  const { directory, home, planTime } = surroundings;
  return {
    surroundings: { ...surroundings, reader, readsAhead: true },
    readings: () => ({ directory, ...(home === undefined ? {} : { home }), planTime, answers: reader.answers() }),
  };
}

/** What a deferred expression sees at apply. `applyTime` is in ISO 8601. */
export function keptSurroundings(readings: Readings, applyTime: string): Surroundings {
  const { directory, home, planTime, answers } = readings;
  return { reader: new KeptReader(answers), directory, home, planTime, applyTime };
}
