import { describe, expect, it } from "vitest";
import { memorySchema } from "../../providers/memory/schema.ts";
import type { ResourceKind } from "../../src/core/addresses.ts";
import type { Drift } from "../../src/core/plan.ts";
import type { ResourceSchema } from "../../src/core/schema.ts";
import { renderPlan } from "../../src/ui/plan.ts";
import { change, plan } from "../support/plans.ts";

const schemas = new Map<ResourceKind, ResourceSchema>([["node", memorySchema.resources["node"] as ResourceSchema]]);

function drift(address: string, rest: Partial<Drift> = {}): Drift {
  return {
    address,
    kind: "node",
    provider: "memory",
    condition: "down",
    causes: [{ kind: "host", summary: "the host was rebooted" }],
    before: {},
    after: {},
    sensitive: [],
    ...rest,
  };
}

function shown(items: readonly Drift[], rest: Parameters<typeof plan>[1] = {}, width = 80): string {
  const changes = items.map(({ address, causes, condition }) =>
    change(address, condition === "present" ? "update" : "start", { causes, found: condition }),
  );
  return renderPlan(plan(rest.mode === "refresh-only" ? [] : changes, { drift: items, ...rest }), {
    colour: false,
    width,
    schemas,
  });
}

describe("what is not as the last apply left it", () => {
  it("stands above what is done, one paragraph a cause, within the width", () => {
    const many = Array.from({ length: 12 }, (_, at) => drift(`node.router[${at}]`));
    const text = shown([...many, drift("node.b", { causes: [{ kind: "host", summary: "its process ended" }] })]);
    const [above = ""] = text.split("Changes are marked");
    expect(above).toBe(`What is not as the last apply left it:

  # the host was rebooted
    node.router[0], node.router[1], node.router[2], node.router[3],
    node.router[4], node.router[5], node.router[6], node.router[7],
    node.router[8], node.router[9], node.router[10], node.router[11]

  # its process ended
    node.b

`);
    expect(text.split("\n").filter((line) => line.length > 80)).toEqual([]);
  });

  it("has what shows it, which the change does not say again", () => {
    const evidence = ["qemu-system-x86_64: terminating on signal 9", "gone"];
    const text = shown([drift("node.a", { causes: [{ kind: "host", summary: "QEMU was killed", evidence }] })]);
    expect(text).toContain("    node.a\n      | qemu-system-x86_64: terminating on signal 9\n      | gone\n");
    expect(text).toContain("# node.a will be started\n  #   it does not run any more\n");
    expect(text.split("terminating on signal 9")).toHaveLength(2);
    expect(text.split("QEMU was killed")).toHaveLength(2);
  });

  it.each([
    ["absent", "it is gone"],
    ["broken", "it is not whole any more"],
  ] as const)("has a short word at the change for what is %s", (condition, words) => {
    expect(shown([drift("node.a", { condition })])).toContain(`  #   ${words}\n`);
  });

  it("leaves to the change what nothing shows of a thing that runs", () => {
    const causes = [{ kind: "hand", summary: "suspended by hand (root, at 12:03)" }] as const;
    const text = shown([drift("node.a", { condition: "present", causes })]);
    expect(text).not.toContain("What is not as the last apply left it");
    expect(text).toContain("  #   suspended by hand (root, at 12:03)\n");
  });

  it("shows arguments that were changed, and of the rest nothing", () => {
    const causes = [{ kind: "host", summary: "note was changed outside of labform", path: ["note"] }] as const;
    const item = drift("node.a", {
      condition: "present",
      causes,
      before: { note: "a", pid: 1 },
      after: { note: "b", pid: 2 },
    });
    expect(shown([item])).toContain('    node.a\n      ~ note = "a" -> "b"\n');
    expect(shown([item])).not.toContain("pid");
  });

  it("hides what is sensitive", () => {
    const causes = [{ kind: "host", summary: "changed" }] as const;
    const values = { before: { secret: "hunter2", note: "hunter3" }, after: { secret: "hunter4", note: "hunter5" } };
    const item = drift("node.a", { condition: "present", causes, sensitive: [["note"]], ...values });
    const text = shown([item]);
    expect(text).toContain("(sensitive value)");
    expect(text).not.toContain("hunter");
  });

  it("in a refresh-only plan has every value that is recorded, and whose record goes", () => {
    const text = shown(
      [
        drift("node.a", { causes: [], condition: "present", before: { pid: 1 }, after: { pid: 2 } }),
        drift("node.b", { condition: "absent", after: null, causes: [{ kind: "host", summary: "it is gone" }] }),
      ],
      { mode: "refresh-only", lost: ["node.b"] },
    );
    expect(text).toBe(`What is not as the last apply left it:

  # found otherwise than recorded
    node.a
      ~ pid = 1 -> 2

  # it is gone
    node.b
      nothing is left of it: its record goes

This plan only records that: apply writes it into the state and touches nothing on the host.
`);
  });

  it("escapes what a log says", () => {
    const evidence = ["\u001b[31mred"];
    const text = shown([drift("node.a", { causes: [{ kind: "host", summary: "x", evidence }] })]);
    expect(text).not.toContain("\u001b");
  });

  it("is left out where nothing is done about it", () => {
    expect(renderPlan(plan([], { drift: [drift("node.a")] }), { colour: false, width: 80, schemas })).toBe(
      "No changes. The lab is as its files say.\n",
    );
  });
});
