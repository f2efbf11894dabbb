import { defineConfig } from "vitest/config";

const testsIn = (folders: readonly string[]) => folders.map((folder) => `test/${folder}/**/*.test.ts`);

/** Tests that touch nothing but values share modules and workers, which halves their time. */
const values = testsIn(["applier", "architecture", "config", "core", "evaluation", "planner", "ui"]);
/** Labs from their files to their end, real or simulated. */
const labs = testsIn(["acceptance", "simulation"]);

const common = { testTimeout: 60_000, hookTimeout: 120_000 };
const built = { ...common, globalSetup: ["test/support/build.ts"] };

/** All unit tests and nothing else: `vitest run --project values --project parts`. */
export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      { test: { ...common, name: "values", include: values, isolate: false } },
      { test: { ...built, name: "parts", include: ["test/**/*.test.ts"], exclude: [...values, ...labs] } },
      { test: { ...built, name: "labs", include: labs } },
    ],
  },
});
