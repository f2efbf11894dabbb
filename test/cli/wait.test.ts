import { readFileSync } from "node:fs";
import { afterEach, expect, test } from "vitest";
import { Engine } from "../engine/engine.ts";
import { begin, leave } from "./halfDone.ts";

const engines: Engine[] = [];
afterEach(() => {
  for (const engine of engines.splice(0)) engine.close();
});

/** By name: the arguments of each node. */
function engineOf(nodes: { readonly [name: string]: string }): Engine {
  const engine = new Engine();
  engines.push(engine);
  write(engine, nodes);
  return engine;
}

function write(engine: Engine, nodes: { readonly [name: string]: string }): void {
  const blocks = Object.entries(nodes).map(([name, body]) => `node "${name}" {\n  ${body}\n}\n`);
  engine.write(`lab "w" {}\n${blocks.join("")}`);
}

const apply = (engine: Engine) => engine.run("apply", "-auto-approve");
const stateOf = (engine: Engine) => readFileSync(`${engine.directory}/.labform/default/state.json`, "utf8");

test("nodes that are ready are not waited for", async () => {
  const engine = engineOf({ a: "", b: "" });
  await apply(engine);
  expect(await engine.run("wait")).toEqual({ exitCode: 0, stdout: "2 nodes are ready.\n", stderr: "" });
  expect(await engine.run("wait", "a")).toEqual({ exitCode: 0, stdout: "1 node is ready.\n", stderr: "" });
  const json = await engine.run("wait", "-json", "node.b");
  expect(JSON.parse(json.stdout)).toEqual({
    format_version: "1.0",
    ready: true,
    nodes: [{ address: "node.b", ready: true, why: null }],
  });
});

test("a node that becomes ready by itself is seen to, and the record is left to who holds the lock", async () => {
  const engine = engineOf({ a: "ready = false", b: "" });
  expect((await apply(engine)).exitCode).toBe(1);
  const before = stateOf(engine);
  const waiting = engine.run("wait", "-timeout=20s");
  await new Promise((resolve) => setTimeout(resolve, 700));
  for (const [id, node] of engine.world.nodes) engine.world.putNode(id, { ...node, ready: true });
  const { exitCode, stdout, stderr } = await waiting;
  expect(exitCode, stderr).toBe(0);
  expect(stdout).toBe("2 nodes are ready.\n");
  expect(stderr).toMatch(/^node\.a: its ready conditions are not met yet\nnode\.a: ready \(\d\.\d s\)\n$/);
  expect(stateOf(engine)).toBe(before);
});

test("a node that is not ready in time is an error that says why", async () => {
  const engine = engineOf({ a: "ready = false", b: "" });
  await apply(engine);
  const late = await engine.run("wait", "-timeout=600ms");
  expect(late.exitCode).toBe(1);
  expect(late.stderr).toMatch(/Error: node\.a was not ready after 0\.\d s/);
  expect(late.stderr).toContain("Its argument ready is false. Set it to true.");
  expect(late.stderr).not.toContain("node.b");
  const json = await engine.run("wait", "-timeout=0s", "-json");
  expect(json.exitCode).toBe(1);
  expect(JSON.parse(json.stdout)).toMatchObject({ ready: false, nodes: [{ ready: false }, { ready: true }] });
  expect((await engine.run("wait", "-timeout=soon")).stderr).toContain("-timeout=soon is no duration");
});

test("what only a command can change is given up soon: a crashed node, a node of another name, an empty lab", async () => {
  const engine = engineOf({ a: "", b: "" });
  const empty = engine.run("wait");
  expect((await empty).stderr).toContain("No node of this lab is recorded");
  await apply(engine);
  engine.world.crash("node.a");
  const began = performance.now();
  const [crashed, unknown, other] = await Promise.all([
    engine.run("wait"),
    engine.run("wait", "bb"),
    engine.run("wait", "b"),
  ]);
  expect(performance.now() - began).toBeLessThan(10_000);
  expect(crashed.exitCode).toBe(1);
  expect(crashed.stderr).toContain('It is off: its process ended. "labform apply" or "labform start" starts it.');
  expect(unknown.exitCode).toBe(1);
  expect(unknown.stderr).toContain('There is no node "bb"');
  expect(other.exitCode).toBe(0);
});

test("a node that is meant to rest is waited for only when it is named", async () => {
  const engine = engineOf({ a: "", b: 'power = "off"' });
  await apply(engine);
  expect((await engine.run("wait")).stdout).toBe("1 node is ready.\n");
  const named = await engine.run("wait", "b");
  expect(named.exitCode).toBe(1);
  expect(named.stderr).toContain('It is off: its power is "off"');
});

test("what another labform is making is waited for, also before it is recorded", async () => {
  const engine = engineOf({ a: "" });
  await apply(engine);
  write(engine, { a: "", b: "", c: "" });
  const prepare = engine.world.hold("prepare", "node.b");
  const applying = engine.run("apply", "-auto-approve", "-parallelism=1");
  await prepare.reached;
  const waiting = engine.run("wait", "b", "c");
  // Longer than what nobody is at work on would be waited for.
  await new Promise((resolve) => setTimeout(resolve, 3000));
  prepare.release();
  const { exitCode, stderr } = await waiting;
  expect(exitCode, stderr).toBe(0);
  expect(stderr).toMatch(/^node\.b: preparing \(begun at \d\d:\d\d\)$/m);
  expect(stderr).toContain('c: There is no node "c"');
  expect((await applying).exitCode).toBe(0);
});

test("what a labform that is gone left half-done is not waited for: an apply finishes it", async () => {
  const engine = engineOf({ a: "", b: "", c: "" });
  await apply(engine);
  await leave(engine, "node.a", "start", "creating");
  const began = performance.now();
  const started = await engine.run("wait");
  expect(performance.now() - began).toBeLessThan(10_000);
  expect(started.exitCode).toBe(1);
  expect(started.stderr).toContain("Error: node.a is not ready");
  expect(started.stderr).toContain('Left half-done: it was being started. "labform apply" finishes it.');
  expect(started.stderr).not.toContain("node.b");
  expect((await engine.run("wait", "b")).stdout).toBe("1 node is ready.\n");
  await apply(engine);
  expect((await engine.run("wait")).stdout).toBe("3 nodes are ready.\n");
});

test("a node whose ready conditions or update a labform that is gone did not see through is looked at", async () => {
  const engine = engineOf({ a: "", b: "" });
  await apply(engine);
  await leave(engine, "node.a", "ready", "creating");
  await leave(engine, "node.b", "update", "ok");
  expect(await engine.run("wait")).toMatchObject({ exitCode: 0, stdout: "2 nodes are ready.\n" });
});

test("what a labform that lives is at is waited for to the end of the user's patience", async () => {
  const engine = engineOf({ a: "" });
  await apply(engine);
  const store = await begin(engine, "node.a", "start", "creating");
  const late = await engine.run("wait", "-timeout=3s");
  await store.close();
  expect(late.stderr).toMatch(/Error: node\.a was not ready after 3\.\d s/);
  expect(late.stderr).toMatch(/Starting \(begun at \d\d:\d\d\)\./);
});
