import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { notesOf } from "../../../../providers/qemu/notes.ts";
import type { Ports, ProcessIdentity } from "../../../../src/core/ports.ts";
import type { Instance } from "../../../../src/core/state.ts";
import { failureOf, messages, TestLab } from "../support.ts";

const CONFIG = { tpm: true, ram: 32, adapters: 0 };

let labs: TestLab[] = [];

afterEach(async () => {
  for (const lab of labs) await lab.close();
  labs = [];
});

async function openLab(change?: (ports: Ports) => Ports): Promise<TestLab> {
  const lab = await TestLab.open({}, change);
  labs.push(lab);
  return lab;
}

function swtpmOf(node: Instance): ProcessIdentity {
  return notesOf(node).companions?.["tpm"]?.process as ProcessIdentity;
}

describe("a node's TPM", () => {
  it.each(["pc", "q35"])("is QEMU's and the node's alone on %s, and goes with it", async (machine) => {
    const lab = await openLab();
    const { processes } = lab.ports;
    const node = await lab.running({ ...CONFIG, machine });
    const swtpm = swtpmOf(node);
    expect(processes.status(swtpm)).toBe("alive");
    expect(await lab.provider.askMonitor?.(node, "info tpm")).toContain("model=tpm-crb");
    expect((await lab.read(node))[0]?.condition).toBe("present");
    const state = join(lab.directories.nodes, node.id, "tpm");
    expect(statSync(state).mode & 0o777).toBe(0o700);
    expect(statSync(join(lab.directories.run, `${node.id}.tpm`)).mode & 0o777).toBe(0o600);
    const stopped = await lab.perform("stop", node);
    expect(processes.status(swtpm)).toBe("gone");
    expect(notesOf(stopped).companions).toBeUndefined();
    expect(readdirSync(state)).toContain("tpm2-00.permall");
    const { ino } = statSync(state);
    const again = await lab.perform("start", await lab.perform("prepare", stopped));
    expect(processes.status(swtpmOf(again))).toBe("alive");
    expect(statSync(state).ino).toBe(ino);
    await lab.perform("remove", await lab.perform("stop", again));
    expect(existsSync(state)).toBe(false);
    expect(lab.runFiles().filter((name) => name.startsWith(node.id))).toEqual([]);
  });

  it("is missed by the next plan when swtpm is killed, and there again after a restart", async () => {
    const lab = await openLab();
    const node = await lab.running(CONFIG);
    lab.ports.processes.signal(swtpmOf(node), "SIGKILL");
    await lab.ports.processes.waitForExit(swtpmOf(node), 5000);
    const [found] = await lab.read(node);
    expect(found).toMatchObject({ condition: "broken", cause: { kind: "host" } });
    expect(found?.condition === "broken" && found.cause.summary).toMatch(/^swtpm \(pid \d+\) is gone, and with it/);
    const restarted = await lab.perform("start", await lab.perform("prepare", await lab.perform("stop", node)));
    expect((await lab.read(restarted))[0]?.condition).toBe("present");
  });

  it("ends by itself when QEMU is killed", async () => {
    const lab = await openLab();
    const node = await lab.running(CONFIG);
    lab.ports.processes.signal(notesOf(node).process as ProcessIdentity, "SIGKILL");
    expect(await lab.ports.processes.waitForExit(swtpmOf(node), 10_000)).toBe(true);
    expect((await lab.read(node))[0]?.condition).toBe("down");
  });

  it("is found and ended where labform was killed before it wrote down that it had started it", async () => {
    const lab = await openLab();
    await lab.keeper();
    const prepared = await lab.perform("prepare", await lab.planned(CONFIG));
    let announced: Instance | undefined;
    const start = lab.perform("start", prepared, {
      progress: async (reached) => {
        if (announced) throw new Error("killed");
        announced = reached;
      },
    });
    await expect(start).rejects.toThrow("killed");
    const node = announced as unknown as Instance;
    const token = notesOf(node).companions?.["tpm"]?.token as string;
    const find = () => lab.ports.processes.findByTokens(new Set([token])).get(token);
    expect(find()).toBeDefined();
    const restarted = await lab.perform("start", { ...node, private: { ...node.private } });
    expect(find()).toBeUndefined();
    expect(lab.ports.processes.status(swtpmOf(restarted))).toBe("alive");
    await lab.perform("stop", restarted);
  });

  it("is refused at plan where there is none for the machine, or no swtpm", async () => {
    const lab = await openLab();
    const { diagnostics } = await lab.plan({ ...CONFIG, machine: "microvm" });
    expect(messages(diagnostics)).toContain("There is no TPM for platform x86_64 with machine microvm");
    const bare = await openLab((ports) => ({
      ...ports,
      processes: {
        ...ports.processes,
        find: async (...[name, ...rest]) => (name === "swtpm" ? undefined : ports.processes.find(name, ...rest)),
      },
    }));
    const missing = messages((await bare.plan(CONFIG)).diagnostics);
    expect(missing).toContain("swtpm is not on PATH");
    expect(missing).toContain("apt install swtpm");
  });

  it("that cannot be started says why, and leaves nothing behind", async () => {
    const lab = await openLab();
    await lab.keeper();
    const prepared = await lab.perform("prepare", await lab.planned(CONFIG));
    const blocked = join(lab.directories.nodes, prepared.id, "tpm");
    await lab.ports.files.makeDirectory(`${blocked}/tpm2-00.permall`);
    const text = await failureOf(lab.perform("start", prepared));
    expect(text).toMatch(/could not be started|ended at its start/);
    expect(lab.ports.processes.status(swtpmOf(lab.instances.get("node.r1") as Instance))).toBe("gone");
  });
});
