import { expect, test } from "vitest";
import type { JournalRecord } from "../../src/core/state.ts";
import { emptyState } from "../../src/core/state.ts";
import { formatHeader, formatRecord, parseJournal } from "../../state/journal.ts";
import { replay } from "../../state/replay.ts";
import { nodeOf, outcomeOf } from "./support.ts";

const place = { role: "journal", path: "/lab/journal.jsonl" };
const read = (text: string) => parseJournal(text, place, "0.1.0");
const begin: JournalRecord = {
  record: "begin",
  lineage: "l",
  serial: 3,
  registry: "/r",
  command: "apply",
  lab: { name: "pair", identity: "pair" },
  time: "now",
};
const records: readonly JournalRecord[] = [
  begin,
  {
    record: "intent",
    instance: nodeOf("a", { status: "creating", pending: { operation: "start", token: "t", since: "now" } }),
  },
  outcomeOf(nodeOf("a", { attributes: { note: "grüße – 🙂", line: "a\nb" } })),
  { record: "gone", address: "node.b" },
  { record: "outputs", outputs: { x: { sensitive: false, type: "string", value: "y" } } },
  { record: "end", time: "now" },
];
const header = formatHeader("l", 3, "0.1.0");
const whole = header + records.map(formatRecord).join("");
const journal = { lineage: "l", serial: 3, records };

test("every kind of record is read as it was written", () => {
  expect(read(whole)).toEqual(journal);
});

test("a line is the checksum of its document and the document", () => {
  // CRC-32 of {"record":"end","time":"now"} by Python's zlib.
  expect(formatRecord({ record: "end", time: "now" })).toMatch(/^[0-9a-f]{8} \{"record":"end","time":"now"\}\n$/);
  expect(formatRecord({ record: "end", time: "now" }).slice(0, 8)).toBe("e2a73d00");
});

test("an empty journal, or one whose first line was cut short, has nothing in it", () => {
  expect(read("")).toBeUndefined();
  expect(read(header.slice(0, -1))).toBeUndefined();
});

test("a last record cut at any byte is dropped, and nothing else is", () => {
  const last = outcomeOf(nodeOf("z", { attributes: { note: "ü🙂" } }));
  const bytes = Buffer.from(formatRecord(last));
  for (let length = 0; length < bytes.length; length++) {
    const torn = Buffer.concat([Buffer.from(whole), bytes.subarray(0, length)]).toString("utf8");
    expect(read(torn)).toEqual(journal);
  }
  expect(read(whole + bytes.toString())?.records.at(-1)).toEqual(last);
});

test("a changed byte anywhere in a whole line is damage in that line", () => {
  const bytes = Buffer.from(whole);
  for (let at = 0; at < bytes.length - 1; at += 7) {
    if (bytes[at] === 0x0a) continue;
    const damaged = Buffer.from(bytes);
    damaged[at] = (damaged[at] as number) ^ 0x01;
    if (damaged[at] === 0x0a) continue;
    const line = bytes.subarray(0, at).toString("latin1").split("\n").length;
    expect(() => read(damaged.toString("utf8")), `byte ${at}`).toThrow(`The journal is damaged in line ${line}`);
  }
});

test.each([
  ["a missing newline between two records", whole.replace("\n", ""), 1],
  ["an empty line", `${header}\n${formatRecord(begin)}`, 2],
  ["a record of a kind that labform does not know", `${header}${formatRecord({ record: "x" } as never)}`, 2],
  ["a second begin", `${whole}${formatRecord(begin)}`, 8],
  ["a begin that is not the header's", `${formatHeader("other", 3, "0.1.0")}${formatRecord(begin)}`, 2],
])("%s is damage, named with its line", (_, text, line) => {
  expect(() => read(text)).toThrow(`The journal is damaged in line ${line}`);
});

test("a newer journal names both versions", () => {
  const header2 = formatHeader("l", 3, "9.0.0");
  expect(read(header2)?.records).toEqual([]);
  const newer = formatRecord({ journal: 2, labformVersion: "9.0.0" } as never);
  expect(() => read(newer)).toThrow("The state was written by a newer labform");
});

const checkpoint = { ...emptyState("0.1.0"), lineage: "l", serial: 2 };

test("records of another lineage are refused", () => {
  expect(() => replay({ ...checkpoint, lineage: "other" }, journal, place)).toThrow(
    "does not belong to the checkpoint",
  );
});

test("a journal of an earlier command than the checkpoint's is passed over", () => {
  const later = { ...checkpoint, serial: 4 };
  expect(replay(later, journal, place)).toBe(later);
});

test("a journal whose checkpoint is missing is refused", () => {
  expect(() => replay({ ...checkpoint, serial: 1 }, journal, place)).toThrow("does not belong to the checkpoint");
  const cut = { ...journal, records: records.slice(1) };
  expect(() => replay(checkpoint, cut, place)).toThrow("does not belong to the checkpoint");
});

test("replaying over a checkpoint that has the records already changes nothing", () => {
  const after = replay({ ...checkpoint, instances: new Map([["node.b", nodeOf("b")]]) }, journal, place);
  expect([...after.instances.keys()]).toEqual(["node.a"]);
  expect(replay(after, journal, place)).toEqual(after);
});
