import { execFileSync } from "node:child_process";
import process from "node:process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { guest } from "../support/guest.ts";
import { TestLab } from "../support/lab.ts";
import { TelnetClient } from "../support/telnet.ts";

const NAMES = ["a", "b", "c"] as const;
type Name = (typeof NAMES)[number];

/** Three guests, 10.0.0.1 to 3, a and b with a cable of their own, and what is said of the network. */
function labText(body: string): string {
  const { kernel, initrd } = guest();
  const nodes = NAMES.map(
    (name, at) => `
node "${name}" {
  adapters            = 2
  ram                 = 96
  adapter_type        = "virtio-net-pci"
  kernel_image        = "${kernel}"
  initrd              = "${initrd}"
  kernel_command_line = "console=ttyS0 quiet labform.name=${name} labform.ip=10.0.0.${at + 1}/24"
  ready {
    console = "ready"
  }
}
`,
  );
  return `
lab "segment" {}

provider "ubridge" {
  engine = "builtin"
}
${nodes.join("")}
link "beside" {
  endpoints = [node.a.adapter[1], node.b.adapter[1]]
}
${body}`;
}

function network(...body: readonly string[]): string {
  return `\nnetwork "lan" {\n${body.map((line) => `  ${line}\n`).join("")}}\n`;
}

function port(name: Name, ...body: readonly string[]): string {
  return `port "${name}" {\n${[`endpoint = node.${name}.adapter[0]`, ...body].map((line) => `    ${line}\n`).join("")}  }`;
}

/** What a running network goes through; each test begins where the one before ended. */
describe("a live network", () => {
  let lab: TestLab;
  let pids: readonly number[];
  const labform = async (...args: readonly string[]) => {
    const result = await lab.run(args);
    expect(result.exitCode, result.stdout + result.stderr).toBe(0);
    return result;
  };
  const nodes = () => NAMES.map((name) => lab.instance(`node.${name}`).attributes.pid as number);
  /** The nodes must run on. */
  const apply = async (text: string) => {
    lab.write("lan.lab.hcl", labText(text));
    const { stdout } = await labform("apply", "-auto-approve");
    expect(nodes()).toEqual(pids);
    return stdout;
  };
  const on = async (name: Name, line: string) => {
    const { console: front } = lab.instance(`node.${name}`).attributes;
    const telnet = await TelnetClient.connect(front.host, front.port);
    try {
      return await telnet.command(line, 60_000);
    } finally {
      telnet.close();
    }
  };
  const carrier = async (name: Name) => /^([01])\s*$/m.exec(await on(name, "cat /sys/class/net/eth0/carrier"))?.[1];
  const ping = async (from: Name, to: Name, count: number) => {
    const shown = await on(from, `ping -c ${count} -i 0.05 -W 1 10.0.0.${NAMES.indexOf(to) + 1}`);
    return {
      received: Number(/(\d+) packets received/.exec(shown)?.[1]),
      fastest: Number(/min\/avg\/max = ([\d.]+)/.exec(shown)?.[1]),
    };
  };
  /** A guest's kernel may take a second to use a cable that was plugged in. */
  const reaches = async (from: Name, to: Name) => {
    for (let attempt = 0; attempt < 10; attempt++) if ((await ping(from, to, 1)).received === 1) return true;
    return false;
  };
  const frames = (file: string, filter: string) => {
    const shown = execFileSync("tcpdump", ["-ntqr", lab.path(file), filter], { encoding: "utf8", stdio: "pipe" });
    return shown.split("\n").filter((line) => /^\S/.test(line)).length;
  };
  const listed = (...names: readonly Name[]) =>
    `endpoints = [${names.map((name) => `node.${name}.adapter[0]`).join(", ")}]`;

  beforeAll(async () => {
    lab = new TestLab();
    lab.write("lan.lab.hcl", labText(network(listed(...NAMES))));
    await labform("apply", "-auto-approve");
    pids = nodes();
  });
  afterAll(() => lab.close());

  it("connects all that is plugged into it", async () => {
    for (const from of NAMES) {
      for (const to of NAMES) if (from !== to) expect(await reaches(from, to), `${from} to ${to}`).toBe(true);
    }
  });

  it("brings a broadcast to each port once, which the captures of the ports show", async () => {
    await apply(network(...NAMES.map((name) => port(name, `capture {\n file = "${name}.pcap"\n}`))));
    expect(await reaches("a", "b")).toBe(true);
    await on("a", "ping -c 4 -i 0.05 -W 1 10.0.0.255");
    for (const name of ["b", "c"]) expect(frames(`${name}.pcap`, "icmp and ether broadcast"), name).toBe(4);
    expect(lab.instance("network.lan").attributes.port.b.capture_file).toBe(lab.path("b.pcap"));
  });

  it("keeps VLANs apart", async () => {
    await apply(network(port("a", "vlan = 10"), port("b", "vlan = 10"), port("c", "vlan = 20")));
    expect(await reaches("a", "b")).toBe(true);
    expect((await ping("a", "c", 3)).received).toBe(0);
    await apply(network(port("a", "vlan = 10"), port("b", "vlan = 10"), port("c", "vlan = 10")));
    expect(await reaches("a", "c")).toBe(true);
  });

  it("impairs one port and no other", async () => {
    await apply(network(port("a"), port("b", "delay_ms = 20"), port("c")));
    expect(await reaches("a", "b")).toBe(true);
    expect((await ping("a", "b", 5)).fastest).toBeGreaterThanOrEqual(40);
    expect((await ping("a", "c", 5)).fastest).toBeLessThan(40);
  });

  it("lets a port go and come, and the others lose no frame", async () => {
    await apply(network(port("a"), port("b"), port("c")));
    expect(await reaches("a", "b")).toBe(true);
    const stream = ping("a", "b", 150);
    await apply(network(port("a"), port("b")));
    await apply(network(port("a"), port("b"), port("c")));
    await apply(network(port("a"), port("b"), port("c", "suspended = true")));
    expect((await stream).received).toBe(150);
    expect(await carrier("c")).toBe("0");
    await apply(network(port("a"), port("b")));
    expect(await carrier("c")).toBe("0");
    await apply(network(port("a"), port("b"), port("c")));
    expect(await carrier("c")).toBe("1");
    expect(await reaches("a", "c")).toBe(true);
  });

  it("is refused an adapter that has a cable, with both places, and one that it has already", async () => {
    lab.write("lan.lab.hcl", labText(network("endpoints = [node.a.adapter[1]]", port("c"))));
    const { exitCode, stderr } = await lab.run(["plan"]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("Adapter 1 of node.a is used twice");
    expect(stderr).toContain("link.beside");
    lab.write("lan.lab.hcl", labText(network(listed("c"), port("c"))));
    expect((await lab.run(["plan"])).stderr).toContain("Adapter 0 of node.c is used twice");
  });

  it("is carried again by a bridge that was killed", async () => {
    await apply(network(port("a"), port("b", "vlan = 1"), port("c")));
    process.kill(lab.instance('service.bridge["builtin"]').private.process.pid, "SIGKILL");
    expect((await labform("apply", "-auto-approve")).stdout).toContain("service.bridge");
    expect(nodes()).toEqual(pids);
    expect(await reaches("a", "c")).toBe(true);
    expect(await reaches("b", "c")).toBe(true);
  });
});
