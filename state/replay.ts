import { fail } from "../src/core/diagnostics.ts";
import { renameInstances } from "../src/core/moves.ts";
import type { Instance, JournalRecord, State } from "../src/core/state.ts";
import { restoreAdvice } from "./document.ts";
import { type Place, subjectOf } from "./failure.ts";
import type { Journal } from "./journal.ts";

/**
 * The state after a record: `instances` is changed in place, what else changed is in the result. Records carry whole
 * instances, so replaying a journal over a checkpoint that has its records already changes nothing.
 */
export function applyRecord(state: State, instances: Map<string, Instance>, record: JournalRecord): State {
  switch (record.record) {
    case "begin":
      return {
        ...state,
        lineage: record.lineage,
        serial: record.serial,
        registry: record.registry,
        lab: record.lab,
        ...(record.host === undefined ? {} : { host: record.host }),
        instances,
      };
    case "intent":
    case "outcome":
      instances.set(record.instance.address, record.instance);
      return state;
    case "gone":
      instances.delete(record.address);
      return state;
    case "moved": {
      const open = record.moves.filter(({ from, id }) => instances.get(from)?.id === id);
      const moved = renameInstances({ ...state, instances }, new Map(open.map(({ from, to }) => [from, to])));
      instances.clear();
      for (const [address, instance] of moved.instances) instances.set(address, instance);
      return { ...state, outputs: moved.outputs };
    }
    case "outputs":
      return { ...state, outputs: record.outputs };
    case "end":
      return state;
  }
}

/**
 * The checkpoint and the journal's records together. A journal of an earlier command than the checkpoint's was left by
 * a kill between checkpoint and cut: all of it is in the checkpoint. Rejects a journal that is not this checkpoint's.
 */
export function replay(checkpoint: State, journal: Journal, place: Place): State {
  if (checkpoint.lineage !== "" && journal.lineage !== checkpoint.lineage) {
    mismatch(place, `it belongs to lineage ${journal.lineage}, the checkpoint to ${checkpoint.lineage}`);
  }
  if (journal.serial < checkpoint.serial) return checkpoint;
  if (journal.serial > checkpoint.serial + 1) {
    mismatch(place, `it continues serial ${journal.serial - 1}, the checkpoint has serial ${checkpoint.serial}`);
  }
  const starts = journal.records[0];
  if (journal.serial > checkpoint.serial && starts !== undefined && starts.record !== "begin") {
    mismatch(place, `it continues a checkpoint of serial ${journal.serial}, the one there has ${checkpoint.serial}`);
  }
  const instances = new Map(checkpoint.instances);
  let state: State = { ...checkpoint, instances };
  for (const record of journal.records) state = applyRecord(state, instances, record);
  return state;
}

function mismatch(place: Place, why: string): never {
  fail("The journal does not belong to the checkpoint beside it", {
    subject: subjectOf(place),
    detail: `Of the journal and its state.json one was replaced or restored without the other: ${why}. ${restoreAdvice}`,
  });
}
