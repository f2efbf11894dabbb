import { sayTime } from "../../core/clockTime.ts";
import { Failure } from "../../core/diagnostics.ts";
import type { Operation } from "../../core/lifecycle.ts";
import type { Pending, State } from "../../core/state.ts";
import type { LoadedState, StateAccess } from "../../core/workspace.ts";
import { doing } from "../../ui/words.ts";

/** The state, and of the operations recorded as begun those that nobody is at any more. */
export interface Watched extends LoadedState {
  readonly left: ReadonlySet<Pending>;
}

/**
 * Reads the state without the lock. What is pending while nobody holds the lock was left by a labform that is gone. One
 * that ends between the two looks is no such: so what counts is what is still pending after the lock was seen free.
 * Rejects where the lab runs on another host: nothing of it can be looked at.
 */
export async function loadWatched(states: StateAccess): Promise<Watched> {
  const before = await states.load();
  if (before.away) throw new Failure(before.away);
  const begun = pendingOf(before.state);
  if (begun.length === 0 || (await states.holder()) !== undefined) return { ...before, left: new Set() };
  const after = await states.load();
  const tokens = new Set(begun.map(({ token }) => token));
  return { ...after, left: new Set(pendingOf(after.state).filter(({ token }) => tokens.has(token))) };
}

/** Whether another labform is in the midst of something. */
export function someoneIsAtWork({ state, left }: Watched): boolean {
  return pendingOf(state).some((one) => !left.has(one));
}

function pendingOf(state: State): readonly Pending[] {
  return [...state.instances.values()].flatMap(({ pending }) => (pending ? [pending] : []));
}

/** What another labform is at: `starting (begun at 12:00)`. `now`: milliseconds since the epoch. */
export function whatIsUnderWay({ operation, since }: Pending, now: number): string {
  return `${doing[operation]} (begun ${sayTime(since, now)})`;
}

const wasBeing: { readonly [operation in Operation]: string } = {
  stage: "its successor was being made",
  prepare: "it was being prepared",
  start: "it was being started",
  ready: "it was being waited for",
  stop: "it was being stopped",
  reload: "it was being reset",
  remove: "it was being removed",
  update: "it was being updated",
  wire: "it was being wired",
  unwire: "it was being unwired",
  launch: "it was being launched",
  end: "it was being ended",
  forget: "it was being forgotten",
};

/** What a labform was at that is gone: `left half-done: it was being started`. */
export function whatWasLeft({ operation }: Pending): string {
  return `left half-done: ${wasBeing[operation]}`;
}
