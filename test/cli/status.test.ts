import { afterEach, beforeEach, expect, test } from "vitest";
import { Engine } from "../engine/engine.ts";
import { leave } from "./halfDone.ts";

const lab = (b: string, link = "") => `
lab "s" {}
node "a" {}
node "b" {
  ${b}
}
link "ab" {
  endpoints = [node.a.adapter[0], node.b.adapter[0]]
  ${link}
}
`;

let engine: Engine;
beforeEach(() => {
  engine = new Engine(lab("", "weight = 7"));
});
afterEach(() => engine.close());

async function instances(): Promise<{ readonly [address: string]: { readonly [key: string]: unknown } }> {
  const { stdout, exitCode, stderr } = await engine.run("status", "-json");
  expect(exitCode, stderr).toBe(0);
  const { instances: rows, timestamp } = JSON.parse(stdout);
  expect(Math.abs(Date.parse(timestamp) - Date.now())).toBeLessThan(10_000);
  return Object.fromEntries(rows.map((row: { address: string }) => [row.address, row]));
}

test("a running lab: nodes run and are ready, links are up with what is set on them", async () => {
  await engine.run("apply", "-auto-approve");
  const found = await instances();
  expect(found["node.a"]).toMatchObject({ kind: "node", condition: "running", ready: true, detail: null });
  expect(found["link.ab"]).toMatchObject({
    kind: "link",
    condition: "up",
    ready: null,
    impairments: { weight: 7 },
    capture: null,
  });
  const { stdout } = await engine.run("status");
  expect(stdout).toMatch(/^link\.ab +up +weight=7$/m);
  expect(stdout).toMatch(/^node\.a +running +\d+$/m);
});

test("what is off as it is meant to be is off, what ended by itself is down, and says why", async () => {
  engine.write(lab('power = "off"'));
  await engine.run("apply", "-auto-approve");
  engine.world.crash("node.a");
  const found = await instances();
  expect(found["node.a"]).toMatchObject({ condition: "down", detail: "its process ended", ready: null, pid: null });
  expect(found["node.b"]).toMatchObject({ condition: "off", detail: 'its power is "off"', ready: null });
  await engine.run("apply", "-auto-approve");
  await engine.run("stop", "a");
  expect((await instances())["node.a"]).toMatchObject({
    condition: "off",
    detail: expect.stringMatching(/^turned off by hand|^stopped by hand/),
  });
});

test("a link on a hub that is gone is down, though its record is whole", async () => {
  await engine.run("apply", "-auto-approve");
  engine.world.crash('service.hub["main"]');
  expect((await instances())["link.ab"]).toMatchObject({
    condition: "down",
    detail: 'service.hub["main"] does not carry it',
  });
});

test("what another labform is at shows as it goes", async () => {
  const start = engine.world.hold("start", "node.a");
  const applying = engine.run("apply", "-auto-approve");
  await start.reached;
  const { "node.a": a } = await instances();
  expect(a).toMatchObject({ detail: expect.stringMatching(/^starting \(begun at \d\d:\d\d\)$/) });
  start.release();
  await applying;
});

test("what a labform that is gone left half-done shows as that", async () => {
  await engine.run("apply", "-auto-approve");
  await leave(engine, "node.a", "start", "creating");
  await leave(engine, "link.ab", "update", "ok");
  const { "node.a": a, "link.ab": ab, "node.b": b } = await instances();
  expect(a).toMatchObject({ detail: "left half-done: it was being started" });
  expect(ab).toMatchObject({ condition: "up", detail: "left half-done: it was being updated" });
  expect(b).toMatchObject({ condition: "running", detail: null });
});

test("-watch needs a terminal, and some time between two looks", async () => {
  expect((await engine.run("status", "-watch")).stderr).toContain("-watch needs a terminal to draw on");
  expect((await engine.run("status", "-watch=10ms")).stderr).toContain("-watch=10ms is too often");
});
