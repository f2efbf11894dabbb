import { afterEach, beforeEach, expect, it } from "vitest";
import { planAgain } from "../support/planAgain.ts";
import { Engine } from "./engine.ts";

let engine: Engine;
beforeEach(() => {
  engine = new Engine();
});
afterEach(() => engine.close());

it("an apply of the whole lab is followed by a plan with the same variables", () => {
  expect(planAgain(["apply", "-auto-approve", "-var", "x=1", "--var-file=y", "-parallelism", "3"])).toEqual([
    "plan",
    "-detailed-exitcode",
    "-var",
    "x=1",
    "--var-file=y",
  ]);
  expect(planAgain(["-chdir=lab", "apply", "-auto-approve"])).toEqual(["-chdir=lab", "plan", "-detailed-exitcode"]);
});

it.each([
  ["apply", "saved.plan"],
  ["apply", "-target=node.a"],
  ["apply", "-exclude", "node.a"],
  ["apply", "-refresh-only"],
  ["apply", "-refresh=false"],
  ["destroy", "-auto-approve"],
  ["plan"],
])("what is no apply of the whole lab is not: %s %s", (...words) => {
  expect(planAgain(words)).toBeUndefined();
});

it("a lab that is never as planned fails the test that applies it, unless the test says so", async () => {
  engine.write('lab "x" {}\nnode "a" {\n  note = timestamp()\n}\n');
  await expect(engine.run("apply", "-auto-approve")).rejects.toThrow("the plan after the apply is not empty");
  engine.isNeverDone = true;
  expect((await engine.run("apply", "-auto-approve")).exitCode).toBe(0);
});
