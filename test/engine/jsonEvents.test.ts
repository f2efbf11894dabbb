import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { goldenBeside } from "../support/golden.ts";
import { JsonEngine, labText, stable } from "./jsonLab.ts";

const golden = goldenBeside(import.meta.url);

let engine: JsonEngine;
beforeEach(() => {
  engine = new JsonEngine();
});
afterEach(() => engine.close());

/** One event a line, with times that are the same each time. */
function lines(events: readonly unknown[]): string {
  const text = events.map((one) => JSON.stringify(one)).join("\n");
  return JSON.parse(stable(text))
    .replaceAll(/"@timestamp":"[^"]*"/g, '"@timestamp":"(time)"')
    .replaceAll(/"elapsed_seconds":[\d.]+/g, '"elapsed_seconds":0')
    .replaceAll(/\([\d.]+ m?s\)/g, "(time)")
    .concat("\n");
}

describe("the stream of events", () => {
  it("tells a plan: what was found, what is to change and why, how many, which outputs", async () => {
    await engine.applied();
    await engine.run("taint", 'node.member["y"]');
    engine.world.crash("node.watcher");
    engine.writeAll({ "a.lab.hcl": labText({ sizes: "{ a = 1 }", members: '["x", "y", "z"]' }) });
    const { exitCode, events } = await engine.events("plan", "-json", "-replace=node.base");
    expect(exitCode).toBe(0);
    golden("json-events-plan.jsonl", lines(events));
  });

  it("tells an apply step by step", async () => {
    const { exitCode, events } = await engine.events("apply", "-json", "-auto-approve", "-parallelism=1");
    expect(exitCode).toBe(0);
    golden("json-events-apply.jsonl", lines(events));
  });

  it("tells a destroy", async () => {
    await engine.applied();
    const { exitCode, events } = await engine.events("destroy", "-json", "-auto-approve");
    expect(exitCode).toBe(0);
    expect(events.at(-1)).toMatchObject({
      type: "change_summary",
      changes: { add: 0, change: 0, remove: 8, operation: "destroy" },
    });
  });
});

describe("a run that fails", () => {
  const runs: readonly (readonly [string, ...(readonly string[])])[] = [
    ["plan of files that are wrong", "plan"],
    ["apply of files that are wrong", "apply", "-auto-approve"],
    ["apply that nobody approves", "apply", "-var", "colour=blue"],
    ["apply that fails midway", "apply", "-auto-approve", "-var", "colour=blue"],
    ["plan that names what is not there", "plan", "-replace=node.none"],
    ["command by hand of what is not there", "stop", "nobody"],
    ["document of a plan that is not there", "show", "none.plan"],
  ];
  it.each(runs)("says its version once, and each error once: %s", async (what, ...args) => {
    await engine.applied();
    if (what.includes("wrong")) engine.writeAll({ "b.lab.hcl": 'node "a" {\n  siez = 1\n}\n\nnode "a" {}\n' });
    if (what.includes("midway")) engine.world.failNext("prepare", "node.base");
    const { exitCode, events } = await engine.events(...args, "-json");
    expect(exitCode).toBe(1);
    expect(events.map(({ type }) => type).filter((type) => type === "version")).toHaveLength(1);
    expect(events[0]?.type).toBe("version");
    const errors = events.filter((one) => one.type === "diagnostic" && one["@level"] === "error");
    expect(errors).not.toEqual([]);
    expect(new Set(errors.map((one) => one["@message"])).size).toBe(errors.length);
  });
});
