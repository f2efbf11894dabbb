import { execFileSync } from "node:child_process";
import { closeSync, openSync, readSync, writeSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { notesOf } from "../../../../providers/qemu/notes.ts";
import type { Instance } from "../../../../src/core/state.ts";
import { failureOf, TestLab } from "../support.ts";
import { hasPattern, infoOf, overlayOf, qemuImg, withDisks, writePattern } from "./support.ts";

let lab: TestLab;
let node: Instance;
let told: string[];

beforeEach(async () => {
  told = [];
  lab = await TestLab.open();
  await lab.keeper();
  const prepared = await lab.perform("prepare", await lab.planned(withDisks({ hda: { size: "8M" } })));
  writePattern(overlayOf(lab, prepared, "hda"));
  node = await lab.perform("start", prepared);
});

afterEach(() => lab.close());

const telling = { tell: (line: string) => void told.push(line) };

async function killed(): Promise<Instance> {
  const { process } = notesOf(node);
  if (!process) throw new Error("it does not run");
  lab.ports.processes.signal(process, "SIGKILL");
  await lab.ports.processes.waitForExit(process, 10_000);
  return node;
}

/** Header fields of qcow2 (QEMU: docs/interop/qcow2.txt), by their offset. */
const [L1_TABLE, REFCOUNT_TABLE, INCOMPATIBLE] = [40, 48, 72] as const;

/** Overwrites what a table's first entry points to, or the table itself. */
function damage(how: "leak" | "corrupt" | "mark"): void {
  const file = openSync(overlayOf(lab, node, "hda"), "r+");
  try {
    const at = (offset: number) => {
      const entry = Buffer.alloc(8);
      readSync(file, entry, 0, 8, offset);
      return Number(entry.readBigUInt64BE() & 0x00ff_ffff_ffff_fe00n);
    };
    // Nothing of the disk is allocated any more; the first clusters are in use, and counted as free; as QEMU marks it.
    if (how === "leak") writeSync(file, Buffer.alloc(8), 0, 8, at(L1_TABLE));
    else if (how === "corrupt") writeSync(file, Buffer.alloc(8), 0, 8, at(at(REFCOUNT_TABLE)));
    else writeSync(file, Buffer.of(2), 0, 1, INCOMPATIBLE + 7);
  } finally {
    closeSync(file);
  }
}

/** The command that an error offers, done as it stands there. */
function repaired(message: string): void {
  const [, command = ""] = /To repair it: (.+?) \(copy it before/.exec(message) ?? [];
  expect(command).toMatch(/qemu-img check -r all \S+hda.qcow2$/);
  execFileSync("sh", ["-c", command], { stdio: "ignore" });
}

describe("an overlay whose QEMU was killed", () => {
  it("is used again when it is whole, and nothing is told", async () => {
    const gone = await killed();
    const running = await lab.perform("start", gone, telling);
    expect(running.attributes["pid"]).not.toBe(node.attributes["pid"]);
    expect(told).toEqual([]);
  });

  it("is refused when it is corrupt, with the command that repairs it, also before it is changed", async () => {
    const gone = await killed();
    damage("corrupt");
    const message = await failureOf(lab.perform("start", gone));
    const path = overlayOf(lab, node, "hda");
    expect(message).toMatch(
      new RegExp(`^The overlay of disk hda of node.r1 is corrupt\nIts QEMU ended without .+ errors in ${path}\\.\n`),
    );
    expect(message).toContain("labform apply -replace='node.r1'");
    expect(await failureOf(lab.perform("prepare", gone, { prior: gone }))).toBe(message);
    repaired(message);
    const running = await lab.perform("start", gone);
    await lab.perform("stop", running);
    expect(hasPattern(path)).toBe(true);
  });

  it("that only lost room has it freed, and that is told", async () => {
    const gone = await killed();
    damage("leak");
    node = await lab.perform("start", gone, telling);
    expect(told).toEqual(["what was lost of the room of disk hda when QEMU ended is freed again"]);
    await killed();
    expect(() => qemuImg("check", "-q", overlayOf(lab, node, "hda"))).not.toThrow();
  });
});

describe("an overlay of a node that was stopped", () => {
  it("is not looked at; one that QEMU itself marked as corrupt is told of with what repairs it", async () => {
    const stopped = await lab.perform("stop", node);
    damage("mark");
    const message = await failureOf(lab.perform("start", stopped));
    expect(message).toMatch(/^QEMU of node.r1 ended at its start\nQEMU said:\n.*Image is corrupt/);
    repaired(message);
    expect(JSON.stringify(infoOf(overlayOf(lab, node, "hda")))).toContain('"corrupt":false');
    await lab.perform("start", stopped);
  });
});
