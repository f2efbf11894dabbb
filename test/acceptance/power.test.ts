import { once } from "node:events";
import { createConnection } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { bareLab } from "../support/bare.ts";
import { guest } from "../support/guest.ts";
import type { Result } from "../support/lab.ts";
import { TestLab } from "../support/lab.ts";
import { TelnetClient } from "../support/telnet.ts";

let lab: TestLab;

afterEach(() => lab.close());

/** r1 obeys its power button and serves a page; r2 does not obey. */
function powerLab(r1: string, r2: string): string {
  const { kernel, initrd, initrdWithoutAcpi } = guest();
  return `
lab "power" {}

provider "ubridge" {
  engine = "builtin"
}

node "r1" {
  power               = "${r1}"
  on_stop             = "shutdown_signal"
  ram                 = 96
  adapter_type        = "virtio-net-pci"
  kernel_image        = "${kernel}"
  initrd              = "${initrd}"
  kernel_command_line = "console=ttyS0 quiet labform.name=r1 labform.ip=10.0.2.15/24 labform.run=\\"httpd -h /etc\\""

  adapter "0" {
    user_network {
      forward "80" {}
    }
  }

  ready {
    console_match = "^r1# $"
    tcp           = 80
  }
}

node "r2" {
  power               = "${r2}"
  on_stop             = "shutdown_signal"
  stop_timeout_s      = 1
  ram                 = 96
  adapters            = 0
  kernel_image        = "${kernel}"
  initrd              = "${initrdWithoutAcpi}"
  kernel_command_line = "console=ttyS0 quiet labform.name=r2"

  ready {
    console = "r2#"
  }
}

output "page" {
  value = "http://\${node.r1.forward["80"].host}:\${node.r1.forward["80"].port}/inittab"
}
`;
}

async function apply(): Promise<Result> {
  const result = await lab.run(["apply", "-auto-approve"]);
  expect(result.stderr).toBe("");
  expect(result.exitCode).toBe(0);
  return result;
}

async function planned(): Promise<string> {
  const result = await lab.run(["plan"]);
  expect(result.stderr).toBe("");
  return result.stdout;
}

function stateOf(address: string): string | undefined {
  return lab.processes().find(({ command }) => command.includes(`guest=${address},`)) ? "runs" : "off";
}

it("a link at an adapter with a user network is refused at plan, with its place", async () => {
  const network = 'node "r2" {\n  adapter "0" {\n    user_network {}\n  }\n}\n';
  const link = 'link "core" {\n  endpoints = [node.r1.adapter[0], node.r2.adapter[0]]\n}\n';
  lab = new TestLab({ "bare.lab.hcl": bareLab(["r1"], { extra: network + link }) });
  const { stderr, exitCode } = await lab.run(["plan"]);
  expect(exitCode).toBe(1);
  expect(stderr).toContain("Adapter 0 of node.r2 has a user_network and takes no cable");
  expect(stderr).toContain("bare.lab.hcl:15:");
});

describe("power", () => {
  it("goes off as the guest lets it, comes on again, and a plan says who turned it off", async () => {
    lab = new TestLab({ "power.lab.hcl": powerLab("on", "on") });
    await apply();
    // Ready means reached: what the guest serves is there at once.
    const page = await lab.run(["output", "-raw", "page"]);
    expect(await (await fetch(page.stdout.trim())).text()).toContain("/etc/shell");
    const { port } = lab.instance("node.r1").attributes.forward["80"];

    lab.write("power.lab.hcl", powerLab("off", "off"));
    const down = await apply();
    expect(down.stdout).toContain("node.r2: the guest did not shut down within 1 s: its power is cut");
    expect(down.stdout).not.toMatch(/node\.r1: (the guest|QEMU)/);
    expect([stateOf("node.r1"), stateOf("node.r2")]).toEqual(["off", "off"]);
    expect(await planned()).toContain("No changes.");

    lab.write("power.lab.hcl", powerLab("on", "off"));
    await apply();
    expect([stateOf("node.r1"), stateOf("node.r2")]).toEqual(["runs", "off"]);
    expect(lab.instance("node.r1").attributes.forward["80"].port).toBe(port);

    const { console } = lab.instance("node.r1").attributes;
    const terminal = await TelnetClient.connect(console.host, console.port);
    terminal.send("\npoweroff -f\n");
    await expect.poll(() => stateOf("node.r1"), { timeout: 10_000 }).toBe("off");
    terminal.close();
    expect(await planned()).toMatch(
      /# the guest powered itself off at \d\d:\d\d\n\s+node\.r1\n[\s\S]*# node\.r1 will be started/,
    );
  });

  it("is suspended and resumed live, by hand and in the file, and what the monitor did is told apart", async () => {
    lab = new TestLab({ "bare.lab.hcl": bareLab(["r1"]) });
    await apply();
    const { pid } = lab.instance("node.r1").attributes;
    expect((await lab.run(["suspend", "node.r1"])).exitCode).toBe(0);
    expect(await planned()).toContain("suspended by hand (");
    expect((await lab.run(["resume", "node.r1"])).exitCode).toBe(0);
    expect(await planned()).toContain("No changes.");
    await lab.run(["monitor", "node.r1", "stop"]);
    const text = await planned();
    expect(text).toMatch(/its guest was paused on the host at \d\d:\d\d/);
    expect(text).toContain('power = "suspended" -> "on"');
    await apply();
    expect((await lab.run(["stop", "node.r1"])).exitCode).toBe(0);
    expect(await planned()).toContain("stopped by hand (");
    await apply();
    expect(lab.instance("node.r1").attributes.pid).not.toBe(pid);
  });
});

it("a QEMU that hangs fails what is done to it in time, and the next apply starts the node anew", async () => {
  const held = (power: string) => bareLab(["r2"], { extra: `node "r1" {\n  ram   = 16\n  power = "${power}"\n}\n` });
  lab = new TestLab({ "bare.lab.hcl": held("on") });
  await apply();
  const { attributes, id } = lab.instance("node.r1");
  const { pid } = attributes;
  // It serves one client at a time: whoever comes after this one hears nothing.
  const holder = createConnection(`${lab.state().registry}/run/${id}.qmp`);
  holder.on("error", () => {});
  await once(holder, "data");
  lab.write("bare.lab.hcl", held("suspended"));
  const before = performance.now();
  const failed = await lab.run(["apply", "-auto-approve"]);
  expect(performance.now() - before).toBeLessThan(8000);
  expect(failed.exitCode).toBe(1);
  expect(failed.stderr).toContain("node.r1 could not be suspended");
  expect(failed.stderr.replaceAll(/\s+/g, " ")).toContain("the next apply ends it and starts the node anew");
  expect(await planned()).toContain(`QEMU (pid ${pid}) does not answer: it hangs, or was stopped by a signal`);
  await apply();
  expect(lab.instance("node.r1").attributes.pid).not.toBe(pid);
  expect(await planned()).toContain("No changes.");
});
