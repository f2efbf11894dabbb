import type { Processes } from "../../../src/core/ports.ts";
import type { ChangeClass } from "../../../src/core/schema.ts";
import type { Planned } from "../../../src/core/values.ts";

/** GNS3's names and levels. `normal` sets nothing: QEMU has labform's own. */
const LEVELS = { realtime: -20, "very high": -15, high: -5, normal: 0, low: 5, "very low": 19 };

export type Priority = keyof typeof LEVELS;

export const PRIORITIES = Object.keys(LEVELS) as readonly Priority[];

/** Of the threads; undefined where nothing is to be set and nothing was. */
export function nicenessOf(priority: Priority, was: number | undefined): number | undefined {
  return priority === "normal" && was === undefined ? undefined : LEVELS[priority];
}

/**
 * What a change of process_priority takes: to come down from what was set needs a right, and who has it not gets there
 * by another start, as far down as labform itself is.
 */
export function changeOfPriority(
  was: number | undefined,
  wanted: Planned,
  processes: Processes,
): ChangeClass | undefined {
  if (was === undefined || !PRIORITIES.includes(wanted as Priority)) return undefined;
  const niceness = LEVELS[wanted as Priority];
  return niceness < was && niceness < processes.lowestNiceness() ? "restart" : undefined;
}
