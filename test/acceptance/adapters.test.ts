import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { guest } from "../support/guest.ts";
import { TestLab } from "../support/lab.ts";
import { TelnetClient } from "../support/telnet.ts";

/** Under TCG a guest takes most of a second for each adapter, and more on a busy host. */
const BOOT_S = 900;

/** A node of the guest with many adapters; its first two are linked, one by its name. */
function node(name: string, adapters: number, type: string, rest = ""): string {
  const { kernel, initrd } = guest();
  return `node "${name}" {
  ram                 = 224
  adapters            = ${adapters}
  adapter_type        = "${type}"
  kernel_image        = "${kernel}"
  initrd              = "${initrd}"
  kernel_command_line = "console=ttyS0 quiet"
${rest}
  ready {
    console   = "ready"
    timeout_s = ${BOOT_S}
  }
}
`;
}

const LINK = `link "core" {
  endpoints = [node.some.port["NAME"], node.many.adapter[59]]
}
`;

describe("a Linux guest", { timeout: 2 * BOOT_S * 1000 }, () => {
  let lab: TestLab;
  const write = (port: string, naming: string) =>
    lab.write(
      "many.lab.hcl",
      [
        'lab "many" {}\n',
        node("some", 30, "virtio-net-pci", naming),
        node("many", 60, "e1000"),
        LINK.replace("NAME", port),
      ].join(""),
    );
  const apply = async () => {
    const { exitCode, stdout, stderr } = await lab.run(["apply", "-auto-approve"], { timeoutMs: 2 * BOOT_S * 1000 });
    expect(exitCode, stdout + stderr).toBe(0);
    return stdout;
  };
  const addresses = async (name: string) => {
    const { console: front } = lab.instance(`node.${name}`).attributes;
    const telnet = await TelnetClient.connect(front.host, front.port);
    try {
      const line =
        "i=0; while [ -d /sys/class/net/eth$i ]; do echo is $(cat /sys/class/net/eth$i/address); i=$((i+1)); done";
      const text = await telnet.command(line, 300_000);
      return [...text.matchAll(/^is ([\da-f:]{17})/gm)].map((match) => match[1]);
    } finally {
      telnet.close();
    }
  };

  beforeAll(
    async () => {
      lab = new TestLab();
      write("Gi3/1", '  port_name_format    = "Gi{1}/{0}"\n  port_segment_size   = 4');
      await apply();
    },
    2 * BOOT_S * 1000,
  );
  afterAll(() => lab.close());

  it.each([
    ["some", 30],
    ["many", 60],
  ])("%s has all of its %i adapters, in the declared order", async (name, count) => {
    const { adapter } = lab.instance(`node.${name}`).attributes;
    const macs = (adapter as readonly { readonly mac_address: string }[]).map((one) => one.mac_address);
    expect(new Set(macs).size).toBe(count);
    expect(await addresses(name)).toEqual(macs);
  });

  it("runs on while its adapters are given other names, and the link stays where it was", async () => {
    const ends = () => lab.instance("link.core").attributes.endpoints;
    const pids = () => ["some", "many"].map((name) => lab.instance(`node.${name}`).attributes.pid);
    const [linked, running] = [ends(), pids()];
    expect(linked).toEqual([
      { adapter: `${lab.instance("node.some").id}/13` },
      { adapter: `${lab.instance("node.many").id}/59` },
    ]);
    write("uplink", '  adapter "13" {\n    name = "uplink"\n  }');
    const text = await apply();
    expect(text).toContain("# node.some will be updated in place");
    expect(text).not.toContain("link.core");
    expect([ends(), pids()]).toEqual([linked, running]);
  });
});

describe("a plan", () => {
  let lab: TestLab;
  beforeAll(() => {
    lab = new TestLab();
  });
  afterAll(() => lab.close());
  const refusal = async (text: string) => {
    lab.write("one.lab.hcl", `lab "one" {}\n${text}`);
    const { exitCode, stderr } = await lab.run(["plan"]);
    expect(exitCode).toBe(1);
    return stderr;
  };

  it("tells that a node has no such port, and which is meant", async () => {
    const text = await refusal(
      'node "a" {\n  port_name_format = "Gi0/{0}"\n}\nnode "b" {}\nlink "x" {\n  endpoints = [node.a.port["Gi0/O"], node.b.port["eth0"]]\n}\n',
    );
    expect(text).toContain('node.a has no port "Gi0/O"');
    expect(text).toContain('Did you mean "Gi0/0"?');
  });

  it("refuses two nodes with one MAC address, by both names", async () => {
    const text = await refusal(
      'node "a" {\n  adapters    = 2\n  mac_address = "02:00:00:00:00:01"\n}\nnode "b" {\n  mac_address = "02:00:00:00:00:02"\n}\n',
    );
    expect(text).toContain("MAC address 02:00:00:00:00:02");
    expect(text.replaceAll(/\s+/g, " ")).toMatch(/of adapter \d is that of adapter \d of node\.[ab] too/);
  });
});
