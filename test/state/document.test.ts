import fc from "fast-check";
import { expect, test } from "vitest";
import type { State } from "../../src/core/state.ts";
import { emptyState } from "../../src/core/state.ts";
import type { Json } from "../../src/core/values.ts";
import { formatState, parseState } from "../../state/document.ts";
import { nodeOf } from "./support.ts";

const place = { role: "state", path: "/lab/state.json" };
const read = (text: string) => parseState(text, place, "0.1.0");

const json = fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.parse(JSON.stringify(value)) as Json);
const attributes = fc.dictionary(fc.string(), json, { maxKeys: 4 });

const states: fc.Arbitrary<State> = fc
  .record({
    serial: fc.nat(),
    outputs: fc.dictionary(fc.string(), fc.record({ sensitive: fc.boolean(), type: json, value: json }), {
      maxKeys: 3,
    }),
    instances: fc.uniqueArray(
      fc.record({
        key: fc.oneof(fc.string(), fc.nat(), fc.constant(undefined)),
        attributes,
        notes: attributes.map(({ process: _, ...rest }) => rest),
      }),
      { maxLength: 6, selector: ({ key }) => String(key) },
    ),
  })
  .map(({ serial, outputs, instances }) => {
    const made = instances.map(({ key, attributes: own, notes }, index) => {
      const suffix = key === undefined ? "" : typeof key === "number" ? `[${key}]` : `[${JSON.stringify(key)}]`;
      return nodeOf("r", {
        address: `node.r${suffix}`,
        id: `r-${index}`,
        attributes: own,
        private: notes,
        sensitive: Object.keys(own).map((name) => [name]),
      });
    });
    const byAddress = new Map(made.map((one) => [one.address, one]));
    return { ...emptyState("0.1.0"), lineage: "l", registry: "/r", serial, outputs, instances: byAddress };
  });

test("a state written and read again is the same state", () => {
  fc.assert(
    fc.property(states, (state) => {
      expect(read(formatState(state))).toEqual(state);
    }),
    { numRuns: 200 },
  );
});

test("the same state is the same text, whatever the order things were made in", () => {
  const one = nodeOf("a", { attributes: { b: 1, a: { d: 1, c: 2 } } });
  const other = nodeOf("b");
  const state = { ...emptyState("0.1.0"), lineage: "l" };
  const first = { ...state, instances: new Map([["node.a", one] as const, ["node.b", other] as const]) };
  const turned = nodeOf("a", { attributes: { a: { c: 2, d: 1 }, b: 1 } });
  const second = { ...state, instances: new Map([["node.b", other] as const, ["node.a", turned] as const]) };
  expect(formatState(first)).toBe(formatState(second));
  expect(formatState(first)).toContain('\n  "lineage": "l",\n');
});

function detailOf(text: string): { summary: string; detail: string; subject: string } {
  try {
    read(text);
  } catch (error) {
    const [diagnostic] = (error as { diagnostics: { summary: string; detail: string; subject: string }[] }).diagnostics;
    return diagnostic as { summary: string; detail: string; subject: string };
  }
  throw new Error("it was read");
}

test("a newer format names both versions", () => {
  const text = formatState(emptyState("9.0.0")).replace('"format": 1', '"format": 2');
  const { summary, detail } = detailOf(text);
  expect(summary).toBe("The state was written by a newer labform");
  expect(detail).toContain("format 2, written by labform 9.0.0; this is labform 0.1.0");
});

test.each([
  ["half a file", (text: string) => text.slice(0, text.length / 2)],
  ["nothing", () => ""],
  ["another document", () => "[]"],
  ["an unknown status", (text: string) => text.replace('"status": "ok"', '"status": "fine"')],
  ["a serial that is no number", (text: string) => text.replace('"serial": 0', '"serial": "0"')],
  ["a registry path that depends on where labform runs", (text: string) => text.replace('"/r"', '"r"')],
  ["a format of no labform", (text: string) => text.replace('"format": 1', '"format": 0')],
])("%s is refused with the path and what to do", (_, damage) => {
  const state = { ...emptyState("0.1.0"), lineage: "l", registry: "/r", instances: new Map([["node.a", nodeOf("a")]]) };
  const { summary, detail, subject } = detailOf(damage(formatState(state)));
  expect(summary).toBe("The recorded state is damaged");
  expect(subject).toBe("state /lab/state.json");
  expect(detail).toContain("Restore the file from a copy");
});

test("an address that stands twice is refused", () => {
  const state = { ...emptyState("0.1.0"), lineage: "l", instances: new Map([["node.a", nodeOf("a")]]) };
  const document = JSON.parse(formatState(state));
  document.instances.push(document.instances[0]);
  expect(detailOf(JSON.stringify(document)).detail).toContain("instances should be without an address twice");
});

test("a state that contradicts itself is refused with the number of the invariant", () => {
  const state = { ...emptyState("0.1.0"), instances: new Map([["node.a", nodeOf("a")]]) };
  expect(detailOf(formatState(state)).detail).toContain("Invariant 7");
});
