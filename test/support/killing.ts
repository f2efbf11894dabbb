import process from "node:process";
import { main } from "../../src/cli/cli.ts";
import type { JournalRecord } from "../../src/core/state.ts";
import type { StateAccess, StateStore } from "../../src/core/workspace.ts";
import { createContext } from "../../src/main/start.ts";

/**
 * labform as users run it, but that it kills itself with SIGKILL right after the journal record number
 * KILL_AFTER (from 1) is on disk, and says on standard error which that was.
 */
const limit = Number(process.env.KILL_AFTER ?? "0");
const context = createContext("0.1.0", process.env.LABFORM_PROGRAMS ?? "");
let written = 0;

function describe(record: JournalRecord): string {
  if (record.record === "intent")
    return `intent ${record.instance.address} ${record.instance.pending?.operation ?? ""}`;
  if (record.record === "outcome") return `outcome ${record.instance.address} ${record.operation}`;
  return record.record === "gone" ? `gone ${record.address}` : record.record;
}

function killing(store: StateStore): StateStore {
  return {
    get state() {
      return store.state;
    },
    directories: store.directories,
    record: async (record) => {
      await store.record(record);
      written++;
      if (written !== limit) return;
      process.stderr.write(`killed after: ${describe(record)}\n`, () => process.kill(process.pid, "SIGKILL"));
      await new Promise(() => {});
    },
    planReleases: (ids) => store.planReleases(ids),
    finishReleases: () => store.finishReleases(),
    checkpoint: () => store.checkpoint(),
    replace: (state, released) => store.replace(state, released),
    close: () => store.close(),
  };
}

process.exitCode = await main(process.argv.slice(2), {
  ...context,
  states: async (directory, at): Promise<StateAccess> => {
    const access = await context.states(directory, at);
    return {
      load: (options) => access.load(options),
      open: async (options) => killing(await access.open(options)),
      holder: () => access.holder(),
      unlock: (id) => access.unlock(id),
      format: (state) => access.format(state),
      parse: (text, name) => access.parse(text, name),
      leftovers: (lineage) => access.leftovers(lineage),
      removeLeftover: (leftover) => access.removeLeftover(leftover),
      examine: (lab) => access.examine(lab),
    };
  },
});
