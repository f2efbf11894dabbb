import { describe, expect, it } from "vitest";
import type { Step } from "../../src/applier/steps.ts";
import { makeSteps } from "../../src/applier/steps.ts";
import { walkSteps } from "../../src/applier/walk.ts";
import { change, plan } from "../support/plans.ts";

async function walk(
  steps: readonly Step[],
  options: { fails?: string; parallelism?: number; stopAfter?: number } = {},
) {
  const log: string[] = [];
  let running = 0;
  let most = 0;
  let ended = 0;
  await walkSteps(
    steps,
    options.parallelism ?? 10,
    () => ended >= (options.stopAfter ?? Number.POSITIVE_INFINITY),
    async (step) => {
      running++;
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, 1));
      running--;
      ended++;
      log.push(step.id);
      return step.id === options.fails ? "failed" : "done";
    },
    (step, because) => log.push(`${step.id} skipped${because ? ` because of ${because.id}` : ""}`),
  );
  return { log, most };
}

describe("the walk over the steps", () => {
  const lab = () =>
    makeSteps(
      plan([
        change("node.a", "create"),
        change("node.b", "create"),
        change("link.ab", "create", { ends: ["node.a", "node.b"] }),
      ]),
    );

  it("runs no more at once than it may", async () => {
    const many = makeSteps(plan(Array.from({ length: 30 }, (_, at) => change(`link.l${at}`, "create"))));
    expect((await walk(many, { parallelism: 4 })).most).toBe(4);
  });

  it("keeps back what needs a failure and starts what merely comes after it", async () => {
    const { log } = await walk(lab(), { fails: "link.ab wire" });
    expect(log).toContain("node.a ready");
    expect(log).toContain("node.b ready");
    const broken = await walk(lab(), { fails: "node.a prepare" });
    expect(broken.log).toContain("link.ab wire skipped because of node.a prepare");
    expect(broken.log).toContain("node.b ready");
    expect(broken.log).toContain("node.a start skipped because of node.a prepare");
  });

  it("lays cables as soon as it can, prepares before it starts anything, and goes by the plan otherwise", async () => {
    const ring = ["a", "b", "c"].map((name) => change(`node.${name}`, "create"));
    const links = ["ab", "bc"].map((name) =>
      change(`link.${name}`, "create", { ends: [...name].map((end) => `node.${end}`) }),
    );
    const { log } = await walk(makeSteps(plan([...ring, ...links])), { parallelism: 1 });
    expect(log).toEqual([
      ...["node.a prepare", "node.b prepare", "link.ab wire", "node.c prepare", "link.bc wire"],
      ...["node.a start", "node.a ready", "node.b start", "node.b ready", "node.c start", "node.c ready"],
    ]);
  });

  it("starts nothing once it is stopped, and still ends", async () => {
    const { log } = await walk(lab(), { stopAfter: 1, parallelism: 1 });
    expect(log.filter((line) => !line.includes("skipped"))).toHaveLength(1);
    expect(log).toHaveLength(7);
  });

  it("passes a fault of labform on once what was running has ended", async () => {
    let ended = 0;
    const run = async (step: Step): Promise<"done"> => {
      if (step.id === "node.a prepare") throw new Error("a bug");
      await new Promise((resolve) => setTimeout(resolve, 5));
      ended++;
      return "done";
    };
    await expect(
      walkSteps(
        lab(),
        10,
        () => false,
        run,
        () => {},
      ),
    ).rejects.toThrow("a bug");
    expect(ended).toBe(1);
  });

  it("walks 10,000 steps in a moment", async () => {
    const steps = makeSteps(
      plan(
        Array.from({ length: 10_000 }, (_, at) =>
          change(`link.l${at}`, "create", at > 0 ? { dependencies: [`link.l${at - 1}`] } : {}),
        ),
      ),
    );
    let count = 0;
    await walkSteps(
      steps,
      10,
      () => false,
      async () => (count++, "done"),
      () => {},
    );
    expect(count).toBe(10_000);
  });
});
