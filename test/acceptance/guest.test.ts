import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Guest, guest } from "../support/guest.ts";

/** A bare QEMU with a guest in it: no labform anywhere, so that what fails here is the guest. */
class Machine {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #qmp: string;
  #output = "";
  #seen = () => {};
  exited = false;

  constructor(name: string, kernel: string, initrd: string, address: string, adapter: string, netdev: string) {
    this.#qmp = join(directory, `${name}.qmp`);
    this.#process = spawn(
      "qemu-system-x86_64",
      [
        ...["-nodefaults", "-accel", "tcg", "-m", "96", "-display", "none", "-serial", "stdio"],
        ...["-kernel", kernel, "-initrd", initrd],
        ...["-append", `console=ttyS0 quiet labform.name=${name} labform.ip=${address}`],
        ...["-qmp", `unix:${this.#qmp},server=on,wait=off`],
        ...["-netdev", `stream,id=n0,addr.type=unix,addr.path=${join(directory, "link")},${netdev}`],
        ...["-device", `${adapter},netdev=n0`],
      ],
      { stdio: "pipe" },
    );
    this.#process.stdout.on("data", (data: Buffer) => {
      this.#output += data.toString();
      this.#seen();
    });
    this.#process.on("exit", () => {
      this.exited = true;
      this.#seen();
    });
  }

  type(line: string): void {
    this.#process.stdin.write(`${line}\n`);
  }

  /** The output once it has `text`, or as it is when the machine ended or `ms` are over. */
  async outputWith(text: string, ms = 100_000): Promise<string> {
    await this.#until(() => this.#output.includes(text), ms);
    return this.#output;
  }

  async ends(ms: number): Promise<boolean> {
    await this.#until(() => this.exited, ms);
    return this.exited;
  }

  pressPowerButton(): void {
    const socket = connect(this.#qmp);
    socket.end('{"execute":"qmp_capabilities"}\n{"execute":"system_powerdown"}\n');
    socket.resume();
  }

  kill(): void {
    this.#process.kill("SIGKILL");
  }

  async #until(holds: () => boolean, ms: number): Promise<void> {
    const deadline = Date.now() + ms;
    while (!holds() && !this.exited && Date.now() < deadline) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, deadline - Date.now());
        this.#seen = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }
}

const directory = mkdtempSync(join(tmpdir(), "labform-guest-"));
const machines: Machine[] = [];

function start(...parameters: ConstructorParameters<typeof Machine>): Machine {
  const machine = new Machine(...parameters);
  machines.push(machine);
  return machine;
}

afterAll(() => {
  for (const machine of machines) machine.kill();
  rmSync(directory, { recursive: true });
});

describe("the guest", () => {
  let image: Guest;
  let r1: Machine;
  let r2: Machine;

  beforeAll(async () => {
    image = guest();
    r1 = start("r1", image.kernel, image.initrd, "10.0.0.1/24", "virtio-net-pci", "server=on");
    // The one that connects must find the other listening.
    while (!existsSync(join(directory, "link"))) await new Promise((resolve) => setTimeout(resolve, 20));
    r2 = start("r2", image.kernel, image.initrdWithoutAcpi, "10.0.0.2/24", "e1000", "server=off");
  });

  test("says that it is ready, by the name it was given", { timeout: 120_000 }, async () => {
    expect(await r1.outputWith("ready")).toContain("labform guest r1 ready");
    expect(await r2.outputWith("ready")).toContain("labform guest r2 ready");
  });

  test("has its address on virtio and e1000 adapters alike, and answers pings", { timeout: 120_000 }, async () => {
    await r2.outputWith("ready");
    // An e1000 negotiates for two seconds before it has a carrier.
    r2.type("while ! grep -q 1 /sys/class/net/eth0/carrier; do sleep 0.1; done; echo carrier $((40 + 2))");
    await r2.outputWith("carrier 42");
    r1.type("ping -c 3 10.0.0.2");
    expect(await r1.outputWith("packet loss")).toContain("3 packets transmitted, 3 packets received");
  });

  test("turns itself off when the power button is pressed, and the one without ACPI does not", async () => {
    r1.pressPowerButton();
    r2.pressPowerButton();
    expect(await r1.ends(10_000)).toBe(true);
    expect(await r2.ends(1000)).toBe(false);
    r2.type("echo still $((6 * 7))");
    expect(await r2.outputWith("still 42", 10_000)).toContain("still 42");
  });
});
