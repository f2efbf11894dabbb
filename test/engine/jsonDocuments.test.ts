import { afterEach, beforeEach, expect, it } from "vitest";
import { goldenBeside } from "../support/golden.ts";
import { JsonEngine, labText, stable } from "./jsonLab.ts";

const golden = goldenBeside(import.meta.url);

let engine: JsonEngine;
beforeEach(() => {
  engine = new JsonEngine();
});
afterEach(() => engine.close());

async function savedPlan(...args: readonly string[]): Promise<{ readonly [name: string]: unknown }> {
  await engine.run("plan", "-out=saved", ...args);
  return await engine.document("show", "-json", "saved");
}

it("shows a plan of a lab that does not exist yet", async () => {
  golden("json-plan-create.json", stable(await savedPlan()));
});

it("shows a state with modules, repeated and tainted instances and what is sensitive", async () => {
  await engine.applied();
  await engine.run("taint", 'node.member["y"]');
  golden("json-state.json", stable(await engine.document("show", "-json")));
});

it("shows a plan of each kind of change, why it is made and what was found meanwhile", async () => {
  await engine.applied();
  await engine.run("taint", 'node.member["y"]');
  engine.world.crash("node.watcher");
  engine.writeAll({
    "a.lab.hcl": labText({
      sizes: "{ a = 1, b = 1 }",
      members: '["y", "z"]',
      link: 'node.member["y"].adapter[0]',
      watcher: "size = 2",
    }),
  });
  const plan = await savedPlan("-var", "colour=green");
  golden("json-plan-changes.json", stable(plan));
});

it("keeps the promise that plan and state together hold each instance once", async () => {
  await engine.applied();
  engine.writeAll({ "a.lab.hcl": labText({ members: '["y", "z"]', link: 'node.member["y"].adapter[0]' }) });
  const plan = await savedPlan();
  const addresses = (document: unknown) =>
    [...JSON.stringify(document).matchAll(/"address":"((?:[^"\\]|\\.)*)","mode"/g)]
      .map(([, one = ""]) => one)
      .toSorted();
  const before = addresses(plan["prior_state"]);
  expect(addresses((await engine.document("show", "-json"))["values"])).toEqual(before);
  await engine.applied();
  const after = addresses(plan["planned_values"]);
  expect(addresses((await engine.document("show", "-json"))["values"])).toEqual(after);
  const changes = (plan["resource_changes"] as readonly { readonly address: string }[]).map(({ address }) => address);
  expect(changes.length).toBe(new Set(changes).size);
  expect(changes.map((one) => JSON.stringify(one).slice(1, -1)).toSorted()).toEqual(
    [...new Set([...before, ...after])].toSorted(),
  );
});

it("tells by itself what there is, where the saved plan is read without its lab", async () => {
  await engine.applied();
  await engine.run("plan", "-out=saved", "-var", "colour=blue");
  const here = await engine.document("show", "-json", "saved");
  engine.removeRecord();
  expect(await engine.document("show", "-json", "saved")).toEqual(here);
});

it("says that a plan with -target is not all there is to do", async () => {
  expect(await savedPlan("-target=node.base")).toMatchObject({ complete: false, applyable: true });
  await engine.applied();
  expect(await savedPlan()).toMatchObject({ complete: true, applyable: false, errored: false });
});
