import { expect, test } from "vitest";
import type { Change, Plan } from "../../src/core/plan.ts";
import type { PlannedAttributes } from "../../src/core/values.ts";
import { UNKNOWN } from "../../src/core/values.ts";
import { renderPlan } from "../../src/ui/plan.ts";
import { change, instance, nodeAttributes, plan, schemas } from "./fixtures.ts";
import { expectGolden } from "./golden.ts";

const render = (one: Plan, colour = false) => renderPlan(one, { colour, width: 100, schemas });

const started: PlannedAttributes = { pid: UNKNOWN, command_line: UNKNOWN };
const fresh: PlannedAttributes = { ...nodeAttributes, ...started, console: UNKNOWN, ram: 512 };

test("a new lab shows what is set beside the defaults, services first and in one line", () => {
  const cause = { kind: "lab" as const, summary: "new in the lab files", at: "pair.lab.hcl:3:1" };
  expectGolden(
    "plan-create.txt",
    render(
      plan({
        changes: [
          change("service.keeper", "create", { planned: { pid: UNKNOWN } }),
          change('service.bridge["builtin"]', "create", { provider: "ubridge", planned: { pid: UNKNOWN } }),
          change('node.router["r1"]', "create", { planned: fresh, causes: [cause] }),
          change("link.core[0]", "create", {
            planned: { id: "core-1", endpoints: ["r1-3f2a9c1d/0", "r2-11111111/0"], delay_ms: 20 },
          }),
        ],
        outputs: [
          {
            name: "consoles",
            action: "create",
            sensitive: false,
            deferred: { text: "", at: "pair.lab.hcl:9:1", captured: {} },
          },
          { name: "secret", action: "create", sensitive: true, after: { type: "string", value: "hunter2" } },
        ],
      }),
    ),
  );
});

test("without a look at the host, what the host decides is said to be so", () => {
  const text = render(plan({ refreshed: false, changes: [change("node.r1", "create", { planned: fresh })] }));
  expect(text).toContain("pid                 = (decided on the host)");
  expect(text).not.toContain("known after apply");
});

test("every kind of change has its sign, its cause and only what differs", () => {
  const disk = { image: "/images/a.qcow2", interface: "ide", linked_clone: true, readonly: false };
  expectGolden(
    "plan-changes.txt",
    render(
      plan({
        unchanged: 4,
        changes: [
          change("service.keeper", "start", {
            causes: [{ kind: "host", summary: "ended without a word: killed or crashed" }],
          }),
          change("node.live", "update", {
            planned: { ...nodeAttributes, password: "correct horse", ready: { console: "ready", timeout_s: 300 } },
            causes: [
              { kind: "lab", summary: "ready.console changed", path: ["ready", "console"], at: "pair.lab.hcl:12:5" },
            ],
          }),
          change("node.cut", "restart", {
            planned: { ...nodeAttributes, ...started, ram: 512, boot_priority: ["cd", "disk"] },
            causes: [{ kind: "lab", summary: "ram changed", path: ["ram"], at: "pair.lab.hcl:20:3" }],
          }),
          change("node.gentle", "restart", {
            prior: instance("node.gentle", { ...nodeAttributes, on_stop: "shutdown_signal" }),
            planned: { ...nodeAttributes, ...started, on_stop: "shutdown_signal", cpus: 2 },
          }),
          change("node.other", "replace", {
            planned: {
              ...nodeAttributes,
              ...started,
              disk: { hda: { ...disk, image: "/images/b.qcow2" }, hdb: { ...disk, interface: "virtio" } },
            },
            causes: [{ kind: "host", summary: "the base image's content changed" }],
          }),
          change("node.dead", "start", {
            planned: { ...nodeAttributes, ...started },
            causes: [
              {
                kind: "host",
                summary: "ended without a word: killed or crashed",
                evidence: ["qemu-system-x86_64: \u001b[31mout of memory\u001b[0m", "aborted"],
              },
            ],
          }),
          change("node.slow", "wait", { causes: [{ kind: "unready", summary: "was not ready in time" }] }),
          change("node.old", "delete", { causes: [{ kind: "removed", summary: "no longer in the lab files" }] }),
          change("link.core", "update", {
            prior: instance("link.core", { id: "core-1", endpoints: ["a/0", "b/0"], delay_ms: 0 }),
            planned: { id: "core-1", endpoints: ["a/0", "b/0"], delay_ms: 20 },
          }),
        ],
        outputs: [
          {
            name: "consoles",
            action: "update",
            sensitive: false,
            before: { type: ["object", { a: "number", b: "number" }], value: { a: 1, b: 2 } },
            after: { type: ["object", { a: "number", b: "number" }], value: { a: 1, b: 3 } },
          },
          { name: "gone", action: "delete", sensitive: false, before: { type: "string", value: "x" } },
          { name: "same", action: "none", sensitive: false },
        ],
      }),
    ),
  );
});

test("what becomes of a machine state that is saved when its node stops is said", () => {
  const prior = instance("node.a", { ...nodeAttributes, on_stop: "save_vm_state" });
  const sentence = (action: "restart" | "start" | "stop", rest: Partial<Change>) =>
    /# node\.a (.*)/.exec(render(plan({ changes: [change("node.a", action, { prior, ...rest })] })))?.[1];
  expect(sentence("restart", { machineState: "kept" })).toBe(
    "will be updated (restarts the node: its machine state is saved)",
  );
  expect(sentence("restart", { machineState: "lost" })).toBe(
    "will be updated (restarts the node: power cut and cold boot)",
  );
  expect(sentence("stop", { rests: true })).toBe("will be turned off (its machine state is saved)");
  expect(sentence("start", { machineState: "kept" })).toBe("will be started (goes on from its saved machine state)");
  expect(sentence("start", { machineState: "lost" })).toBe("will be started (cold boot)");
  expect(sentence("start", {})).toBe("will be started");
});

test("values of every shape are diffed part by part", () => {
  const before = {
    list: ["a", "b", "c", "d"],
    map: { kept: 1, changed: { deep: [1, 2] }, "odd key": true },
    text: "one\ntwo\nthree\nfour\nfive\nsix\nseven\n",
    shrinks: { a: 1 },
    kind: [1],
    end: "a\nb",
    secrets: { user: "root", token: "s3cret" },
  };
  const after = {
    list: ["a", "x", "c", "d", "e"],
    map: { kept: 1, changed: { deep: [1, 3] }, added: ["y"] },
    text: "one\ntwo\nthree\nfour\nfive\n6\nseven\n",
    shrinks: null,
    kind: "one",
    end: "a\nb\n",
    secrets: { user: "admin", token: "s3cret2" },
  };
  const one = change("node.r1", "update", {
    prior: instance("node.r1", before, { sensitive: [["secrets", "token"]] }),
    planned: after,
    sensitive: [["secrets", "token"]],
  });
  const text = renderPlan(plan({ changes: [one] }), { colour: false, width: 100, schemas: new Map() });
  expectGolden("plan-values.txt", text);
  expect(text).not.toContain("s3cret");
});

test("what is sensitive in the plan or was in the record is not shown, whichever way it changes", () => {
  for (const [was, will] of [
    [[["kernel_command_line"]], []],
    [[], [["kernel_command_line"]]],
  ]) {
    for (const planned of [{ ...nodeAttributes, kernel_command_line: "key=other" }, null]) {
      const one = change("node.r1", planned ? "update" : "delete", {
        prior: instance("node.r1", nodeAttributes, { sensitive: was as string[][] }),
        planned,
        sensitive: will as string[][],
      });
      if (!planned && was?.length === 0) continue;
      const text = render(plan({ changes: [one] }));
      expect(text).toContain("(sensitive value)");
      expect(text).not.toMatch(/ttyS0|key=other|hunter2/);
    }
  }
});

test("a whole block can be sensitive", () => {
  const disk = { hda: { ...(nodeAttributes["disk"] as { hda: object }).hda, image: "/secret/b" } };
  const one = change("node.r1", "replace", {
    planned: { ...nodeAttributes, disk },
    sensitive: [["disk"]],
  });
  const text = render(plan({ changes: [one] }));
  expect(text).toContain("~ disk = (sensitive value)");
  expect(text).not.toContain("/secret/b");
});

test("a plan without changes says so in one line", () => {
  expect(render(plan({ unchanged: 3 }))).toBe("No changes. The lab is as its files say.\n");
  expect(render(plan({ mode: "destroy" }))).toBe("No changes. There is nothing to destroy.\n");
});

test("a plan of a part says so, and does not speak for the whole lab", () => {
  expect(render(plan({ partial: true }))).toBe(
    "No changes in the part that was planned: -target or -exclude leaves out the rest.\n",
  );
  expect(render(plan({ partial: true, changes: [change("node.r1", "start")] }))).toMatch(
    /\n\nOnly a part of the lab was planned: -target or -exclude leaves out the rest\.\n$/,
  );
});

test("a plan that changes outputs alone has no summary of instances", () => {
  const text = render(
    plan({
      outputs: [{ name: "a", action: "create", sensitive: false, after: { type: "string", value: "x" } }],
    }),
  );
  expect(text).toBe('Changes to outputs:\n  + a = "x"\n\nOnly outputs change: no node, link or service does.\n');
});

test("colour adds sequences and changes no text", () => {
  const one = plan({ changes: [change("node.r1", "replace", { planned: fresh }), change("node.r2", "delete")] });
  const coloured = render(one, true);
  expect(coloured).toContain("\u001b[31m-\u001b[39m/\u001b[32m+\u001b[39m");
  // The sequences are what is looked for
  expect(coloured.replace(/\u001b\[\d+m/g, "")).toBe(render(one));
});
