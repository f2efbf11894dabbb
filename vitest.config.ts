import { defineConfig } from "vitest/config";

const testsIn = (folders: readonly string[]) => folders.map((folder) => `test/${folder}/**/*.test.ts`);

/** Tests that touch nothing but values share modules and workers, which halves their time. */
const values = testsIn(["applier", "architecture", "config", "core", "evaluation", "planner", "ui"]);
/** Labs from their files to their end, real or simulated. */
const labs = testsIn(["acceptance", "simulation"]);

/**
 * On a busy host a port that was free is another's a moment later, and a second is over before a program is loaded. What
 * fails and then holds is told by name at the end of a run (test/support/lastWords.ts), so that it is mended; what a
 * property test found is a failure at once, for its second try has other examples.
 */
const retry = { count: 1, condition: /^(?!Property failed)/ };

const common = { testTimeout: 60_000, hookTimeout: 120_000 };
/** Guests boot side by side on a host that may be slow; what hangs is ended by its own limits long before. */
const slow = { testTimeout: 180_000, hookTimeout: 240_000 };
const built = { ...common, retry, globalSetup: ["test/support/build.ts"] };

/** All unit tests and nothing else: `vitest run --project values --project parts`. */
export default defineConfig({
  test: {
    maxWorkers: 2,
    reporters: ["default", "./test/support/lastWords.ts"],
    projects: [
      { test: { ...common, name: "values", include: values, isolate: false } },
      { test: { ...built, name: "parts", include: ["test/**/*.test.ts"], exclude: [...values, ...labs] } },
      { test: { ...built, ...slow, name: "labs", include: labs } },
    ],
  },
});
