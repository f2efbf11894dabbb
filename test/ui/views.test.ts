import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { errorDiagnostic } from "../../src/core/diagnostics.ts";
import type { Event } from "../../src/core/events.ts";
import { jsonView } from "../../src/ui/json/stream.ts";
import { plainView } from "../../src/ui/plain.ts";
import { change, instance, nodeAttributes, plan } from "./fixtures.ts";
import { expectGolden } from "./golden.ts";

beforeEach(() => {
  vi.useFakeTimers({ now: new Date("2026-01-02T03:04:05Z") });
});
afterEach(() => {
  vi.useRealTimers();
});

const node = 'node.router["r1"]';
const counts = { create: 2, update: 0, restart: 1, replace: 0, delete: 1, forget: 0, failed: 1, skipped: 1 };
const text = '# é\nnode "r1" {\n  kernel_image = var.kernel\n}\n';
const diagnostic = errorDiagnostic("Missing image", {
  range: { file: { name: "pair.lab.hcl", text }, start: text.indexOf("var"), end: text.indexOf("\n}") },
  values: [{ expression: "var.kernel", value: '"/boot/x"' }],
  detail: "Build it.",
});

/** An apply as the engine tells it, with a slow node and one that fails. */
const events: readonly Event[] = [
  { type: "lock_wait", holder: "ada (pid 12)" },
  {
    type: "planned",
    plan: plan({
      changes: [
        change("service.keeper", "start", { causes: [{ kind: "host", summary: "killed", evidence: ["last line"] }] }),
        change(node, "create", { causes: [{ kind: "lab", summary: "new", path: ["ram"], at: "pair.lab.hcl:2:1" }] }),
        change("node.r2", "restart"),
        change("node.r3", "delete"),
      ],
      refreshes: [instance("link.core", { id: "core-1" })],
      moves: [{ from: "node.old", to: "node.r2" }],
      drift: [
        {
          address: "service.keeper",
          kind: "service",
          provider: "qemu",
          condition: "down",
          causes: [{ kind: "host", summary: "killed", evidence: ["last line"] }],
          before: { pid: 12 },
          after: { pid: null },
          sensitive: [],
        },
      ],
      outputs: [{ name: "secret", action: "create", sensitive: true, after: { type: "string", value: "hunter2" } }],
    }),
  },
  { type: "apply_begin", changes: 4 },
  { type: "apply_start", address: node, action: "create" },
  { type: "step_start", address: node, action: "create", operation: "prepare" },
  { type: "step_complete", address: node, operation: "prepare", elapsedMs: 120, last: false },
  { type: "step_start", address: node, action: "create", operation: "start" },
  { type: "step_progress", address: node, operation: "start", message: "QEMU runs (pid 4711) \u001b[2J" },
  { type: "step_complete", address: node, operation: "start", elapsedMs: 300, last: false },
  { type: "step_start", address: node, action: "create", operation: "ready" },
  ...["[ 0.1] Linux", "[ 0.2] more"].map(
    (line): Event => ({
      type: "step_waiting",
      address: node,
      operation: "ready",
      waitingFor: '"login:" on its console',
      line,
    }),
  ),
];
const ending: readonly Event[] = [
  { type: "step_complete", address: node, operation: "ready", elapsedMs: 25_000, last: true },
  { type: "apply_complete", address: node, action: "create", elapsedMs: 25_500 },
  { type: "step_start", address: "node.r2", action: "restart", operation: "stop" },
  { type: "apply_errored", address: "node.r2", action: "restart", operation: "stop", diagnostics: [diagnostic] },
  { type: "apply_skipped", address: "link.core", action: "update", because: "node.r2 failed" },
  { type: "diagnostic", diagnostic },
  { type: "interrupted" },
  { type: "change_summary", counts, operation: "apply", elapsedMs: 65_000 },
  {
    type: "outputs",
    outputs: {
      secret: { sensitive: true, type: "string", value: "hunter2" },
      port: { sensitive: false, type: "number", value: 5000 },
    },
  },
];

function tell(view: { emit(event: Event): void; stop(): void }): void {
  for (const event of events) view.emit(event);
  vi.advanceTimersByTime(25_000);
  for (const event of ending) view.emit(event);
  vi.advanceTimersByTime(60_000);
  view.stop();
}

test("the plain view is a log: one line an event, and a sign of life every ten seconds", () => {
  let log = "";
  tell(plainView((part) => (log += part), { colour: false, width: 80 }));
  expectGolden("plain.txt", log);
  expect(log.match(/still waiting until ready … \(\d+ s\), for "login:" on its console/g)).toHaveLength(2);
  expect(log).not.toContain("hunter2");
});

test("the JSON view is one object a line, as OpenTofu's, without secrets", () => {
  let log = "";
  tell(jsonView((part) => (log += part), "0.1.0"));
  expectGolden("view.jsonl", log);
  const lines = log
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines[0]).toMatchObject({ type: "version", labform: "0.1.0", ui: "1.0", "@module": "labform.ui" });
  for (const line of lines)
    expect(Object.keys(line).slice(0, 5)).toEqual(["@level", "@message", "@module", "@timestamp", "type"]);
  expect(log).not.toMatch(/hunter2/);
  expect(log).not.toContain(String(nodeAttributes["kernel_command_line"]));

  const shown = lines.find((line) => line.type === "diagnostic").diagnostic;
  const bytes = Buffer.from(text);
  expect(bytes.subarray(shown.range.start.byte, shown.range.end.byte).toString()).toBe("var.kernel");
  expect(shown.range.start).toMatchObject({ line: 3, column: 18 });
  const code = Buffer.from(shown.snippet.code);
  expect(code.subarray(shown.snippet.highlight_start_offset, shown.snippet.highlight_end_offset).toString()).toBe(
    "var.kernel",
  );
});

test("a JSON log grows by a line each ten seconds, however often a step tells what it waits for", () => {
  const lines: string[] = [];
  const view = jsonView((line) => lines.push(line), "0.1.0");
  view.emit({ type: "step_start", address: node, action: "create", operation: "ready" });
  const before = lines.length;
  for (let tick = 0; tick < 300; tick++) {
    view.emit({ type: "step_waiting", address: node, operation: "ready", waitingFor: "port 22", line: `line ${tick}` });
    vi.advanceTimersByTime(100);
  }
  view.stop();
  const added = lines.slice(before).map((line) => JSON.parse(line));
  expect(added.map(({ type }) => type)).toEqual(["apply_progress", "apply_progress", "apply_progress"]);
  expect(added[2]).toMatchObject({
    "@message": `${node}: still in ready (30 s), for port 22`,
    hook: { resource: { addr: node }, operation: "ready", elapsed_seconds: 30, waiting_for: "port 22" },
  });
});

describe("a log of a node that is waited for", () => {
  const ready = { address: "node.r1", action: "create", operation: "ready" } as const;
  const end: Event = { type: "step_complete", address: "node.r1", operation: "ready", elapsedMs: 1, last: true };
  const logOf = (act: (emit: (event: Event) => void) => void): string => {
    let log = "";
    const view = plainView((part) => (log += part), { colour: false });
    view.emit({ type: "step_start", ...ready });
    act(view.emit);
    view.stop();
    vi.advanceTimersByTime(1000);
    return log;
  };

  test("says nothing when it is ready at once", () => {
    expect(logOf((emit) => emit(end))).toBe("");
  });

  test("says that it is waited for once that has lasted", () => {
    expect(logOf(() => vi.advanceTimersByTime(250))).toBe("node.r1: waiting until ready …\n");
  });

  test("says it before what the step tells", () => {
    const half: Event = { type: "step_progress", address: "node.r1", operation: "ready", message: "half of it" };
    expect(logOf((emit) => emit(half))).toBe("node.r1: waiting until ready …\nnode.r1: half of it\n");
  });

  test("says why it failed at once, and that alone", () => {
    const diagnostics = [errorDiagnostic("node.r1 ended while it was waited for")];
    expect(logOf((emit) => emit({ type: "apply_errored", ...ready, diagnostics }))).toBe(
      "node.r1: failed: ended while it was waited for\n",
    );
  });
});

test("a stopped view leaves no timer behind", () => {
  for (const view of [plainView(() => {}, { colour: false }), jsonView(() => {}, "0.1.0")]) {
    view.emit({ type: "step_start", address: "node.r1", action: "create", operation: "start" });
    expect(vi.getTimerCount()).toBe(1);
    view.stop();
    expect(vi.getTimerCount()).toBe(0);
  }
});
