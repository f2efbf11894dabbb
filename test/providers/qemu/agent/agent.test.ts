import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { GuestResult } from "../../../../src/core/provider.ts";
import type { Instance } from "../../../../src/core/state.ts";
import { guest, initrdWithAgent } from "../../../support/guest.ts";
import { failureOf, messages, TestLab } from "../support.ts";

const READY = { console: null, console_match: null, tcp: null, guest_agent: true, timeout_s: 120 };

function boots() {
  return { ram: 192, kernel_image: guest().kernel, initrd: initrdWithAgent(), kernel_command_line: "console=ttyS0" };
}

describe("a guest with QEMU's guest agent", () => {
  let lab: TestLab;
  let node: Instance;
  const awaited = new Set<string>();

  beforeAll(async () => {
    lab = await TestLab.open();
    const started = await lab.running({ ...boots(), ready: READY });
    node = { ...(await lab.perform("ready", started, { waiting: (what) => void awaited.add(what) })), status: "ok" };
  }, 200_000);

  afterAll(() => lab.close());

  async function exec(...command: readonly string[]) {
    const result = (await lab.provider.execInGuest?.(node, command)) as GuestResult;
    if (!result.started) return result;
    const { stdout, stderr, ...rest } = result;
    return { ...rest, stdout: Buffer.from(stdout).toString(), stderr: Buffer.from(stderr).toString() };
  }

  it("is ready once the agent answers, and says what it waits for", () => {
    expect(awaited).toEqual(new Set(["its guest agent"]));
  });

  it("runs a command and gives its output, each where it was written, and its exit code", async () => {
    const done = { started: true, signal: null, truncated: false };
    expect(await exec("echo", "two  words", "$HOME")).toEqual({
      ...done,
      exitCode: 0,
      stdout: "two  words $HOME\n",
      stderr: "",
    });
    expect(await exec("sh", "-c", "echo out; echo wrong >&2; exit 3")).toEqual({
      ...done,
      exitCode: 3,
      stdout: "out\n",
      stderr: "wrong\n",
    });
    expect(await exec("cat")).toMatchObject({ exitCode: 0, stdout: "" });
  });

  it("tells a command that is not there, one that a signal ended, and a long output", async () => {
    expect(await exec("no-such-program")).toEqual({
      started: false,
      reason: expect.stringContaining("No such file or directory"),
    });
    expect(await exec("sh", "-c", "kill -9 $$")).toMatchObject({ signal: 9 });
    const long = await exec("sh", "-c", "yes 0123456789abcde | head -c 262144");
    expect(long).toMatchObject({ exitCode: 0, truncated: false });
    expect("stdout" in long && long.stdout).toBe("0123456789abcde\n".repeat(16_384));
  });

  it("runs several at once, and one that takes long keeps nobody from the agent", async () => {
    const slow = exec("sh", "-c", "sleep 2; echo slow");
    expect(await Promise.all(["a", "b", "c"].map((word) => exec("echo", word)))).toMatchObject(
      ["a\n", "b\n", "c\n"].map((stdout) => ({ stdout })),
    );
    expect(await slow).toMatchObject({ stdout: "slow\n" });
  });

  it("does not trip over what an earlier client left half said", async () => {
    const { sockets } = lab.ports;
    const rude = await sockets.connect({ path: `${lab.directories.run}/${node.id}.qga` }, 2000);
    rude.write('{"execute":"guest-info"}\n{"execute":"guest-pi');
    await lab.ports.clock.sleep(100);
    rude.close();
    expect(await exec("echo", "fine")).toMatchObject({ stdout: "fine\n" });
  });

  it("that is suspended does not answer, and that is told within its limit", async () => {
    const { clock } = lab.ports;
    const paused = await lab.perform("update", { ...node, attributes: { ...node.attributes, power: "suspended" } });
    Object.assign(lab.ports, {
      clock: { ...clock, sleep: (ms: number, signal?: AbortSignal) => clock.sleep(ms / 20, signal) },
    });
    const words = await failureOf(lab.provider.execInGuest?.(paused, ["true"]) as Promise<unknown>);
    Object.assign(lab.ports, { clock });
    expect(words).toContain("The guest agent of node.r1 could not be asked\nThe guest agent said nothing for 10 s");
    await lab.perform("update", node);
  });
});

describe("a guest without the agent", () => {
  it("is not ready, and the time that is over says what was waited for", async () => {
    const lab = await TestLab.open();
    const started = await lab.running({ ram: 32, ready: { ...READY, timeout_s: 1 } });
    const words = await failureOf(lab.perform("ready", started));
    expect(words).toContain("node.r1 was not ready within 1 s");
    expect(words).toContain("Its guest agent did not answer: ");
    await lab.close();
  });

  it("or without its port has nothing run in it: the way there is told, and takes a restart", async () => {
    const lab = await TestLab.open();
    const running = await lab.running({ ram: 32 });
    const words = await failureOf(lab.provider.execInGuest?.(running, ["true"]) as Promise<unknown>);
    expect(words).toContain("node.r1 has no port for the guest agent\n");
    expect(words).toContain("guest_agent = true");
    const first = await lab.plan({ ram: 32, ready: READY }, { prior: running });
    expect(messages(first.diagnostics)).toBe("");
    expect(first.classes).toMatchObject({ ready: "restart", "ready.guest_agent": "restart" });

    const stopped = await lab.perform("stop", running);
    const off = await failureOf(lab.provider.execInGuest?.(stopped, ["true"]) as Promise<unknown>);
    expect(off).toContain("node.r1 is off");
    const again = await lab.perform("start", {
      ...stopped,
      attributes: { ...stopped.attributes, ready: READY },
    });
    expect((await lab.plan({ ram: 32, ready: { ...READY, timeout_s: 7 } }, { prior: again })).classes).toEqual({});
    await lab.close();
  });
});
