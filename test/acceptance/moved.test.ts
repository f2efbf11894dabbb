import { execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { guest } from "../support/guest.ts";
import { TestLab } from "../support/lab.ts";
import { TelnetClient } from "../support/telnet.ts";

const node = (name: string, more = "") => {
  const { kernel, initrd } = guest();
  return `node "${name}" {
  ram                 = 96
  adapter_type        = "virtio-net-pci"
  kernel_image        = "${kernel}"
  initrd              = "${initrd}"
  kernel_command_line = "console=ttyS0 quiet labform.name=r labform.ip=10.0.0.1/24"
  disk "hda" {
    image = "base.img"
  }
  ready {
    console = "ready"
  }
${more}}
`;
};

const link = (left: string, right: string) => `link "core" {
  endpoints = [node.${left}.adapter[0], node.${right}.adapter[0]]
}
`;

const provider = `lab "moved" {}

provider "ubridge" {
  engine = "builtin"
}
`;

/** What a running pair goes through; each test begins where the one before ended. */
describe("blocks that tell of what was", () => {
  let lab: TestLab;
  beforeAll(async () => {
    lab = new TestLab();
    execFileSync("qemu-img", ["create", "-q", "-f", "raw", lab.path("base.img"), "1M"]);
    lab.write("a.lab.hcl", provider + node("a") + node("b") + link("a", "b"));
    const apply = await lab.run(["apply", "-auto-approve"]);
    expect(apply.exitCode, apply.stderr).toBe(0);
  });
  afterAll(() => lab.close());

  const facts = (address: string) => {
    const { pid, adapter, console: front, directory, uuid } = lab.instance(address).attributes;
    return { pid, adapter, front, directory, uuid };
  };

  it("moved: a running node keeps its process, MAC and console, and nothing is left to plan", async () => {
    const before = facts("node.a");
    const front = before.front as { readonly host: string; readonly port: number };
    const telnet = await TelnetClient.connect(front.host, front.port);
    lab.write(
      "a.lab.hcl",
      `${provider}${node("router", "  count = 1\n").replaceAll("node.a", "node.router[0]")}${node("b")}${link("router[0]", "b")}
moved {
  from = node.a
  to   = node.router[0]
}
`,
    );
    const apply = await lab.run(["apply", "-auto-approve"]);
    expect(apply.stdout).toContain("# node.a has moved to node.router[0]");
    expect(apply.exitCode, apply.stderr).toBe(0);
    expect(facts("node.router[0]")).toEqual(before);
    expect(await telnet.command("echo still-$((40 + 2))")).toContain("still-42");
    telnet.close();
    const plan = await lab.run(["plan", "-detailed-exitcode"]);
    expect(plan.exitCode, plan.stdout).toBe(0);
  });

  it("removed: a node that is off leaves its overlay in .labform/released, and nothing of it running", async () => {
    const [router, running] = [facts("node.router[0]"), facts("node.b")];
    lab.write(
      "a.lab.hcl",
      `${provider}${node("b")}
removed {
  from = node.router
  lifecycle {
    destroy = false
  }
}
`,
    );
    const refused = await lab.run(["apply", "-auto-approve"]);
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toContain("node.router[0] runs and cannot be forgotten");
    expect(existsSync(`/proc/${String(router.pid)}`)).toBe(true);
    expect((await lab.run(["stop", "node.router[0]"])).exitCode).toBe(0);
    const apply = await lab.run(["apply", "-auto-approve"]);
    expect(apply.exitCode, apply.stderr).toBe(0);
    const [, released = ""] = /its files are in (\S+)/.exec(apply.stdout) ?? [];
    expect(released).toMatch(/^\.labform\/released\//);
    expect(readdirSync(lab.path(released))).toContainEqual(expect.stringMatching(/hda.*\.qcow2$/));
    expect(existsSync(String(router.directory))).toBe(false);
    expect(lab.state().instances.map(({ address }) => address)).not.toContain("node.router[0]");
    expect(lab.processes().filter(({ command }) => command.includes("qemu-system"))).toEqual([
      expect.objectContaining({ pid: running.pid }),
    ]);
  });
});
