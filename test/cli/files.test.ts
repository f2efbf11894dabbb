import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Context } from "../../src/cli/context.ts";
import { readSavedPlan, writeSavedPlan } from "../../src/cli/files.ts";
import { Failure } from "../../src/core/diagnostics.ts";
import { createContext } from "../../src/main/start.ts";

let workingDirectory: string;
let context: Context;

beforeAll(async () => {
  workingDirectory = await mkdtemp(join(tmpdir(), "labform-plans-"));
  context = { ...createContext("0.1.0", ""), workingDirectory };
});
afterAll(() => rm(workingDirectory, { recursive: true }));

test("a plan is saved for its owner alone and read again from where the user stands", async () => {
  await writeSavedPlan(context, "a.plan", "a plan\n");
  expect((await stat(join(workingDirectory, "a.plan"))).mode & 0o777).toBe(0o600);
  expect(await readSavedPlan(context, "a.plan")).toBe("a plan\n");
  expect(await readSavedPlan(context, join(workingDirectory, "a.plan"))).toBe("a plan\n");
});

test("where it cannot be saved or read is no fault of labform", async () => {
  const subject = `plan file ${join(workingDirectory, "nowhere/a.plan")}`;
  const writing = await writeSavedPlan(context, "nowhere/a.plan", "").catch((error: unknown) => error);
  expect((writing as Failure).diagnostics).toMatchObject([
    { summary: "The plan cannot be saved to nowhere/a.plan", subject, detail: expect.stringContaining("ENOENT") },
  ]);
  const reading = await readSavedPlan(context, "nowhere/a.plan").catch((error: unknown) => error);
  expect(reading).toBeInstanceOf(Failure);
  expect((reading as Failure).diagnostics).toMatchObject([
    { summary: "nowhere/a.plan cannot be read", subject, detail: expect.stringContaining("ENOENT") },
  ]);
});
