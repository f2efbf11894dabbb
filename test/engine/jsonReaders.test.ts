import { afterEach, beforeEach, expect, it } from "vitest";
import { JsonEngine, labText } from "./jsonLab.ts";

let engine: JsonEngine;
beforeEach(async () => {
  engine = new JsonEngine();
  await engine.applied();
});
afterEach(() => engine.close());

interface PlanRead {
  readonly resource_changes: readonly {
    readonly address: string;
    readonly previous_address?: string;
    readonly change: { readonly actions: readonly string[]; readonly before: unknown; readonly after: unknown };
  }[];
  readonly checks: readonly { readonly address: { readonly to_display: string }; readonly status: string }[];
}

async function savedPlan(lab: string): Promise<PlanRead> {
  engine.writeAll({ "a.lab.hcl": lab });
  const { exitCode, stderr } = await engine.run("plan", "-out=saved");
  expect(exitCode, stderr).toBe(0);
  return (await engine.document("show", "-json", "saved")) as unknown as PlanRead;
}

function actionsOf(plan: PlanRead, address: string): readonly string[] | undefined {
  return plan.resource_changes.find((one) => one.address === address)?.change.actions;
}

it("is counted right by a merge request's report", async () => {
  const plan = await savedPlan(labText({ members: '["x", "z"]' }));
  // As GitLab's documentation has it: all actions of all changes, by their words.
  const words = plan.resource_changes.flatMap(({ change }) => change.actions);
  const count = (word: string) => words.filter((one) => one === word).length;
  expect([count("create"), count("update"), count("delete")]).toEqual([1, 0, 1]);
  expect((await engine.run("plan")).stdout).toContain("Plan: 1 to add, 0 to change, 1 to destroy.");
});

it("tells which instance was another before", async () => {
  const renamed = labText().replace('node "watcher"', 'node "guard"');
  const plan = await savedPlan(`${renamed}\nmoved {\n  from = node.watcher\n  to   = node.guard\n}\n`);
  expect(plan.resource_changes.find((one) => one.address === "node.guard")).toMatchObject({
    previous_address: "node.watcher",
    change: { actions: ["no-op"] },
  });
  expect(actionsOf(plan, "node.watcher")).toBeUndefined();
  const { events } = await engine.events("plan", "-json");
  expect(events.filter(({ type }) => type === "planned_change")).toMatchObject([
    {
      change: {
        action: "move",
        resource: { addr: "node.guard" },
        previous_resource: { addr: "node.watcher", resource_name: "watcher" },
      },
    },
  ]);
});

it("tells what is only forgotten", async () => {
  await engine.run("stop", "watcher");
  const without = labText().replace(/node "watcher" \{.*?^\}\n/ms, "");
  const removed = "\nremoved {\n  from = node.watcher\n  lifecycle {\n    destroy = false\n  }\n}\n";
  const plan = await savedPlan(without + removed);
  const forgotten = plan.resource_changes.find((one) => one.address === "node.watcher");
  expect(forgotten?.change).toMatchObject({ actions: ["forget"], after: null });
  expect(forgotten?.change.before).not.toBeNull();
  const { events } = await engine.events("plan", "-json");
  expect(events.find(({ type }) => type === "change_summary")).toMatchObject({
    changes: { add: 0, change: 0, remove: 0, forget: 1 },
  });
});

it("tells which rules hold, which do not and which apply will decide", async () => {
  const statuses = async (lab: string) => {
    const { checks } = await savedPlan(lab);
    return Object.fromEntries(checks.map((one) => [one.address.to_display, one.status]));
  };
  expect(await statuses(labText({ members: '["x"]' }))).toEqual({
    "check.health": "fail",
    "module.pod.var.size": "pass",
    "node.watcher": "pass",
    "var.colour": "pass",
  });
  const failed = (await savedPlan(labText({ members: '["x"]' }))).checks.find(({ status }) => status === "fail");
  expect(failed).toMatchObject({ instances: [{ problems: [{ message: "There is one member at most." }] }] });
  expect(await statuses(labText({ watcher: 'colour = "blue"' }))).toMatchObject({ "node.watcher": "unknown" });
});
