import { defineConfig } from "vitest/config";

/** Folders whose tests touch nothing but values: they share modules and workers, which halves their time. */
const pure = ["applier", "architecture", "config", "core", "evaluation", "planner", "ui"].map(
  (folder) => `test/${folder}/**/*.test.ts`,
);
const timeouts = { testTimeout: 60_000, hookTimeout: 120_000 };

export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      { test: { ...timeouts, name: "values", include: pure, isolate: false } },
      {
        test: {
          ...timeouts,
          name: "world",
          include: ["test/**/*.test.ts"],
          exclude: pure,
          globalSetup: ["test/support/build.ts"],
        },
      },
    ],
  },
});
