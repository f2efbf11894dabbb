import { Failure, fail } from "../src/core/diagnostics.ts";
import { refusalOf, systemCode } from "../src/core/systemErrors.ts";

/** A file or directory by what it is for: `journal /lab/.labform/default/journal.jsonl`. */
export interface Place {
  readonly role: string;
  readonly path: string;
}

/**
 * Does `work` on `place`. An error of the operating system becomes a Failure with place, reason and remedy; anything
 * else passes through. `action` completes "Cannot …".
 */
export async function guarded<T>(action: string, place: Place, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Failure || systemCode(error) === undefined) throw error;
    fail(`Cannot ${action}: ${reasonOf(error)}`, {
      subject: subjectOf(place),
      detail: `${remedyOf(error)} What was recorded before is unharmed.`,
      cause: error,
    });
  }
}

export function subjectOf(place: Place): string {
  return `${place.role} ${place.path}`;
}

function isAbsent(error: unknown): boolean {
  return systemCode(error) === "ENOENT";
}

/** Undefined where there is nothing at that path. */
export async function ifPresent<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

export function reasonOf(error: unknown): string {
  return refusalOf(error)?.reason ?? (error as Error).message;
}

function remedyOf(error: unknown): string {
  return refusalOf(error)?.remedy ?? "Run the command again once that is solved.";
}
