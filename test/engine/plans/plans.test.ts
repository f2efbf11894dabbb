import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { commands } from "../../../src/cli/commandTable.ts";
import type { Action } from "../../../src/core/lifecycle.ts";
import type { Cause } from "../../../src/core/plan.ts";
import { goldenBeside } from "../../support/golden.ts";
import { ModuleEngine } from "../moduleEngine.ts";
import type { PlanCase } from "./cases.ts";
import { cases, lab } from "./cases.ts";

const golden = goldenBeside(import.meta.url);

/** All of them, held complete by the compiler. */
const actions: { readonly [action in Action]: true } = {
  none: true,
  wait: true,
  update: true,
  start: true,
  boot: true,
  restart: true,
  stop: true,
  reload: true,
  create: true,
  replace: true,
  delete: true,
  forget: true,
};

const causeKinds: { readonly [kind in Cause["kind"]]: true } = {
  lab: true,
  host: true,
  hand: true,
  asked: true,
  unfinished: true,
  unready: true,
  removed: true,
  dependency: true,
};

/** They say how the state is reached, and nothing of a plan. */
const flagsOfTheState = ["--lock", "--lock-timeout", "--lost-host"];

/** Without what differs from run to run and from one machine to the next. */
function steady(text: string, { directory }: ModuleEngine): string {
  return text
    .replaceAll(directory, "/lab")
    .replaceAll(/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, "LINEAGE")
    .replaceAll(/\(\S+, at \d\d:\d\d(:\d\d)?\)/g, "(USER, at TIME)")
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "TIME")
    .replaceAll(/"elapsed_seconds":[\d.]+/g, '"elapsed_seconds":0')
    .replaceAll(/\(\d+(\.\d+)? m?s\)/g, "(TIME)");
}

const indented = (json: string) => `${JSON.stringify(JSON.parse(json), undefined, 2)}\n`;

async function prepared({ applied, happens, lab: planned }: PlanCase): Promise<ModuleEngine> {
  const engine = new ModuleEngine();
  if (applied !== undefined) {
    engine.write(applied);
    await engine.applied("-parallelism=1");
  }
  engine.write(planned ?? applied ?? lab());
  await happens?.(engine);
  return engine;
}

/** Runs a command on a world of its own, so that none sees what another did. */
async function shown(one: PlanCase, ...more: readonly string[]): Promise<ModuleEngine> {
  const engine = await prepared(one);
  const [command = "plan", ...flags] = one.words ?? ["plan"];
  const exitCodes = command === "plan" ? [one.exitCode ?? 2] : [0];
  const { exitCode, stdout, stderr } = await engine.run(command, ...flags, ...more);
  expect(exitCodes, stdout + stderr).toContain(exitCode);
  texts.set(engine, stdout);
  return engine;
}

const texts = new WeakMap<ModuleEngine, string>();

async function eachWay(one: PlanCase): Promise<void> {
  const byHand = one.words !== undefined && one.words[0] !== "plan";
  const text = await shown(one, ...(byHand ? [] : ["-out=saved", "-detailed-exitcode"]));
  try {
    golden(`${one.name}.txt`, steady(texts.get(text) ?? "", text).replaceAll(/ +$/gm, ""));
    if (!byHand) {
      const document = await text.run("show", "-json", "saved");
      expect(document.exitCode, document.stderr).toBe(0);
      golden(`${one.name}.json`, steady(indented(document.stdout), text));
    }
  } finally {
    text.close();
  }
  const events = await shown(one, "-json", ...(byHand ? [] : ["-detailed-exitcode"]));
  try {
    golden(`${one.name}.jsonl`, steady(texts.get(events) ?? "", events));
  } finally {
    events.close();
  }
}

describe("a plan, as text, as events and as a document, that", () => {
  it.each(cases.map((one) => [one.says, one] as const))("%s", (_, one) => eachWay(one));
});

interface Seen {
  readonly labform_action: string;
  readonly causes: readonly { readonly kind: string }[];
}

/** What the events of all golden plans tell. */
function goldenChanges(): readonly Seen[] {
  const folder = join(import.meta.dirname, "golden");
  return cases.flatMap(({ name }) => {
    const lines = readFileSync(join(folder, `${name}.jsonl`), "utf8")
      .trimEnd()
      .split("\n");
    return lines.flatMap((line) => {
      const { type, change } = JSON.parse(line) as { readonly type: string; readonly change?: Seen };
      return type === "planned_change" && change?.labform_action !== undefined ? [change] : [];
    });
  });
}

describe("the golden plans", () => {
  it("have every action that there is", () => {
    const seen = new Set(goldenChanges().map((one) => one.labform_action));
    // Nothing to do is no change: it is a plan without any.
    const none = cases.some(({ exitCode }) => exitCode === 0) ? ["none"] : [];
    // A move is told as a change and is none of an object.
    expect([...seen, ...none].toSorted()).toEqual([...Object.keys(actions), "move"].toSorted());
  });

  it("have every kind of cause that there is", () => {
    const seen = new Set(goldenChanges().flatMap(({ causes }) => causes.map(({ kind }) => kind)));
    expect([...seen].toSorted()).toEqual(Object.keys(causeKinds).toSorted());
  });

  it("have every flag of the plan command", () => {
    const flags = commands.find(({ name }) => name === "plan")?.flags ?? [];
    const names = flags
      .map((one) => one.flags.split(" ")[0] as string)
      .filter((name) => !flagsOfTheState.includes(name));
    const used = new Set(["--detailed-exitcode", "--out"]);
    for (const { words = [] } of cases) for (const word of words) used.add(`-${word.replace(/=.*/, "")}`);
    expect(names.filter((name) => !used.has(name))).toEqual([]);
    expect(names.length).toBeGreaterThan(8);
  });

  it("are those of the cases and no others", () => {
    const folder = join(import.meta.dirname, "golden");
    expect(existsSync(folder)).toBe(true);
    const names = new Set(cases.map(({ name }) => name));
    const files = readdirSync(folder).map((file) => file.replace(/\.[a-z]+$/, ""));
    expect(files.filter((name) => !names.has(name))).toEqual([]);
  });
});
