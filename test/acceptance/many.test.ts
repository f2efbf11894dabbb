import process from "node:process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { guest } from "../support/guest.ts";
import { TestLab } from "../support/lab.ts";
import { TelnetClient } from "../support/telnet.ts";

/** An even number; `npm run soak` sets 40, which makes 60 links. */
const nodes = Number(process.env.LABFORM_NODES ?? "4");
const changed = Math.max(1, nodes / 4);
/** Hosts without KVM boot them one after another. */
const patience = { timeout: 120_000 + nodes * 60_000 };

/** A ring whose nodes have a link to the one opposite too, and three networks between them. */
function labText(): string {
  const { kernel, initrd } = guest();
  return `
lab "many" {}

provider "ubridge" {
  engine = "builtin"
}

variable "delayed" {
  default = 0
}

variable "members" {
  default = 0
}

node "host" {
  count               = ${nodes}
  adapters            = 4
  ram                 = 96
  adapter_type        = "virtio-net-pci"
  kernel_image        = "${kernel}"
  initrd              = "${initrd}"
  kernel_command_line = join(" ", [
    "console=ttyS0 quiet labform.name=h\${count.index}",
    join(",", [
      "labform.ip=10.1.\${count.index}.1/24",
      "10.1.\${(count.index + ${nodes - 1}) % ${nodes}}.2/24",
      "10.2.\${count.index % ${nodes / 2}}.\${count.index < ${nodes / 2} ? 1 : 2}/24",
      "10.3.\${count.index % 3}.\${count.index + 1}/24",
    ]),
  ])
  ready {
    console   = "ready"
    timeout_s = 3600
  }
}

link "ring" {
  count     = ${nodes}
  endpoints = [node.host[count.index].adapter[0], node.host[(count.index + 1) % ${nodes}].adapter[1]]
  delay_ms  = count.index < var.delayed ? 25 : 0
}

link "across" {
  count     = ${nodes / 2}
  endpoints = [node.host[count.index].adapter[2], node.host[count.index + ${nodes / 2}].adapter[2]]
}

network "lan" {
  count     = 3
  endpoints = [for at in range(${nodes}) : node.host[at].adapter[3] if at % 3 == count.index && at < var.members]
}
`;
}

/** What a lab of many nodes goes through; each test begins where the one before ended. */
describe(`a lab of ${nodes} guests, ${nodes * 1.5} links and three networks`, () => {
  let lab: TestLab;
  let pids: readonly number[];
  const hosts = Array.from({ length: nodes }, (_, at) => at);
  const labform = async (...args: readonly string[]) => {
    const result = await lab.run(args, { timeoutMs: patience.timeout });
    expect(result.exitCode, result.stdout + result.stderr).toBe(0);
    return result.stdout;
  };
  const running = () => {
    const { instances } = lab.state();
    return hosts.map((at) => instances.find(({ address }) => address === `node.host[${at}]`)?.attributes.pid as number);
  };
  /** Every node must run on. */
  const change = async (summary: string, ...variables: readonly string[]) => {
    expect(await labform("apply", "-auto-approve", ...variables.map((one) => `-var=${one}`))).toContain(summary);
    expect(running()).toEqual(pids);
  };
  const ping = async (from: number, address: string) => {
    const front = lab.instance(`node.host[${from}]`).attributes.console;
    const telnet = await TelnetClient.connect(front.host, front.port);
    try {
      // On a busy host a guest may take long to use a cable that was plugged in, or to answer.
      const shown = await telnet.command(
        `for i in 1 2 3 4 5 6 7 8; do ping -c 3 -i 0.1 -W 5 ${address} && break; done`,
        300_000,
      );
      return Number(/min\/avg\/max = ([\d.]+)/.exec(shown)?.[1] ?? Number.POSITIVE_INFINITY);
    } finally {
      telnet.close();
    }
  };
  const reaches = async (from: number, address: string) =>
    expect(await ping(from, address), `h${from} to ${address}`).toBeLessThan(Number.POSITIVE_INFINITY);

  beforeAll(async () => {
    lab = new TestLab({ "many.lab.hcl": labText() });
    await labform("apply", "-auto-approve");
    pids = running();
  }, patience.timeout);
  afterAll(() => lab.close(), patience.timeout);

  it("is ready with each guest at its prompt, and every link carries", patience, async () => {
    expect(new Set(pids).size).toBe(nodes);
    for (const at of hosts) {
      await reaches(at, `10.1.${at}.2`);
      if (at < nodes / 2) await reaches(at, `10.2.${at}.2`);
    }
  });

  it("has links changed that carry on", patience, async () => {
    await change(`0 added, ${changed} changed, 0 destroyed`, `delayed=${changed}`);
    for (let at = 0; at < changed; at++) {
      expect(await ping(at, `10.1.${at}.2`), `ring[${at}]`).toBeGreaterThanOrEqual(50);
    }
    await reaches(nodes - 1, `10.1.${nodes - 1}.2`);
  });

  it("has its nodes join three networks, and leave them", patience, async () => {
    await change("0 added, 3 changed, 0 destroyed", `delayed=${changed}`, `members=${nodes}`);
    for (let at = 3; at < nodes; at++) await reaches(at, `10.3.${at % 3}.${(at % 3) + 1}`);
    await change("0 added, 3 changed, 0 destroyed", `delayed=${changed}`);
    expect(lab.instance("network.lan[0]").attributes.endpoints).toEqual([]);
    await reaches(0, "10.1.0.2");
  });

  it("leaves nothing when it is destroyed", patience, async () => {
    await labform("destroy", "-auto-approve");
    expect(lab.processes()).toEqual([]);
  });
});
