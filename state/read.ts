import { type Diagnostic, fail } from "../src/core/diagnostics.ts";
import type { Ports } from "../src/core/ports.ts";
import type { State } from "../src/core/state.ts";
import { emptyState } from "../src/core/state.ts";
import { parseState, restoreAdvice } from "./document.ts";
import { guarded, ifPresent, type Place, subjectOf } from "./failure.ts";
import { stateViolations } from "./invariants.ts";
import { parseJournal } from "./journal.ts";
import type { Layout } from "./layout.ts";
import { replay } from "./replay.ts";

export interface Recorded {
  readonly state: State;
  /** A checkpoint is there: the lab was written before. */
  readonly hasCheckpoint: boolean;
  /** The journal holds something, if only a torn line. */
  readonly hasJournal: boolean;
  /** Records of older schemas were brought up to date: on disk they are not. */
  readonly isUpgraded?: true;
  /** `state` is without what a lost host had; what is to be told of that. */
  readonly lost?: Diagnostic | undefined;
}

/** Each checkpoint written meanwhile costs one more reading; nobody writes that many that fast. */
const attempts = 20;

/** The recorded state, without a lock: a command that writes it at this moment does not disturb. */
export async function readRecorded(ports: Ports, layout: Layout, labformVersion: string): Promise<Recorded> {
  const checkpoint = { role: "state", path: layout.checkpoint };
  const journal = { role: "journal", path: layout.journal };
  let before = await readIfPresent(ports, checkpoint);
  for (let attempt = 0; attempt < attempts; attempt++) {
    const journalText = await readIfPresent(ports, journal);
    const after = await readIfPresent(ports, checkpoint);
    if (before === after) return combine(before, checkpoint, journalText, journal, labformVersion);
    // A checkpoint came between, and may have cut away records that `before` has not.
    before = after;
  }
  return fail("The state changes faster than it can be read", {
    subject: subjectOf(checkpoint),
    detail: "Another labform writes it over and over. Run the command again when that one has ended.",
  });
}

async function readIfPresent(ports: Ports, place: Place): Promise<string | undefined> {
  return await guarded(`read the ${place.role}`, place, () => ifPresent(ports.files.readText(place.path)));
}

function combine(
  checkpointText: string | undefined,
  checkpointPlace: Place,
  journalText: string | undefined,
  journalPlace: Place,
  labformVersion: string,
): Recorded {
  const checkpoint =
    checkpointText === undefined
      ? emptyState(labformVersion)
      : parseState(checkpointText, checkpointPlace, labformVersion);
  const journal = parseJournal(journalText ?? "", journalPlace, labformVersion);
  const found = { hasCheckpoint: checkpointText !== undefined, hasJournal: Boolean(journalText) };
  if (!journal) return { state: checkpoint, ...found };
  const state = replay(checkpoint, journal, journalPlace);
  const violations = stateViolations(state);
  if (violations.length > 0) {
    fail("The recorded state contradicts itself", {
      subject: subjectOf(journalPlace),
      detail: `With the journal's records: ${violations.map((one) => `invariant ${one}.`).join("\n")}\n${restoreAdvice}`,
    });
  }
  return { state, ...found };
}
