import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { guest } from "../support/guest.ts";
import { TestLab } from "../support/lab.ts";
import { cable, deviceName, installed, ip, Namespace, whyNoNamespaces } from "../support/namespaces.ts";
import { TelnetClient } from "../support/telnet.ts";

const missing = ["passt", "socat", "busybox", "python3"].find((one) => !installed(one));
const lacking = whyNoNamespaces ?? (missing === undefined ? undefined : `${missing} is not installed`);
/** Below those that the kernel gives to others. */
const PORTS = { here: 27_311, there: 27_312, stranger: 27_313 };
const HERE = "198.18.1.1";
const THERE = "198.18.1.2";
const SERVER = "198.18.2.2";

/** One guest, and what its link ends at. */
function oneNode(name: string, address: string, end: string): string {
  return `
lab "${name}" {}

provider "ubridge" {
  engine = "builtin"
}

node "${name}" {
  ram                 = 96
  adapter_type        = "virtio-net-pci"
  kernel_image        = "${guest().kernel}"
  initrd              = "${guest().initrd}"
  kernel_command_line = "console=ttyS0 quiet labform.name=${name} labform.ip=${address}/24"
  ready {
    console = "ready"
  }
}
${end === "" ? "" : `\nlink "out" {\n  endpoints = [node.${name}.adapter[0], ${end}]\n}\n`}`;
}

/** A lab of this host and one of another, as a namespace stands for it; each test begins where the one before ended. */
describe.skipIf(lacking !== undefined)(`links out of the lab${lacking ? ` (skipped: ${lacking})` : ""}`, () => {
  let lab: TestLab;
  let other: TestLab;
  let space: Namespace;
  let server: Namespace;
  let pid: number;
  const pages = mkdtempSync(join(tmpdir(), "labform-pages-"));

  const labform = async (one: TestLab, ...args: readonly string[]) => {
    const result = await one.run(args, { namespace: one === other ? space.name : undefined });
    expect(result.exitCode, result.stdout + result.stderr).toBe(0);
    return result;
  };
  /** Writes the link anew and applies; the guest runs on. */
  const apply = async (end: string) => {
    lab.write("r1.lab.hcl", oneNode("r1", "10.0.0.1", end));
    const { stdout } = await labform(lab, "apply", "-auto-approve");
    expect(lab.instance("node.r1").attributes.pid).toBe(pid);
    return stdout;
  };
  const planned = async (end: string) => {
    lab.write("r1.lab.hcl", oneNode("r1", "10.0.0.1", end));
    return lab.run(["plan"]);
  };
  const inGuest = async (line: string) => {
    const { console: front } = lab.instance("node.r1").attributes;
    const telnet = await TelnetClient.connect(front.host, front.port);
    try {
      return await telnet.command(line, 60_000);
    } finally {
      telnet.close();
    }
  };
  /** The programs beside the link that live. */
  const beside = (): readonly number[] => {
    const link = lab.state().instances.find((one) => one.address === "link.out");
    const companions: { [name: string]: { process?: { pid: number } } } = link?.private.companions ?? {};
    const pids = Object.values(companions).flatMap((one) => one.process?.pid ?? []);
    return pids.filter((one) => existsSync(`/proc/${one}/exe`));
  };

  beforeAll(async () => {
    space = new Namespace();
    server = new Namespace();
    cable(null, space, { one: `${HERE}/30`, other: `${THERE}/30` });
    cable(null, server, { one: "198.18.2.1/30", other: `${SERVER}/30` });
    lab = new TestLab();
    other = new TestLab();
    const udp = (local: number, remote: string, port: number) =>
      `{ udp = { local_port = ${local}, remote_host = "${remote}", remote_port = ${port} } }`;
    lab.write("r1.lab.hcl", oneNode("r1", "10.0.0.1", udp(PORTS.here, THERE, PORTS.there)));
    other.write("r2.lab.hcl", oneNode("r2", "10.0.0.2", udp(PORTS.there, HERE, PORTS.here)));
    await Promise.all([lab, other].map((one) => labform(one, "apply", "-auto-approve")));
    pid = lab.instance("node.r1").attributes.pid as number;
  });
  afterAll(async () => {
    await labform(other, "destroy", "-auto-approve");
    for (const one of [lab, other]) await one.close();
    for (const one of [space, server]) one.close();
    rmSync(pages, { recursive: true, force: true });
  });

  it("join two labs of two hosts over udp, and pass on nothing that others send", async () => {
    const shown = await inGuest("ping -c 5 -W 2 10.0.0.2");
    expect(shown).toMatch(/[3-5] packets received/);
    const heard = async () =>
      Number(/^(\d+)\s*$/m.exec(await inGuest("cat /sys/class/net/eth0/statistics/rx_packets"))?.[1]);
    const flood = `
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("", ${PORTS.stranger}))
for at in range(200): s.sendto(b"\\xff" * 6 + b"\\x02\\0\\0\\0\\0\\x09" + b"\\x88\\xb5" + b"." * 50, ("${HERE}", ${PORTS.here}))
`;
    const before = await heard();
    space.run("python3", "-c", flood);
    await inGuest("ping -c 2 -W 2 10.0.0.2");
    expect((await heard()) - before).toBeLessThan(100);
  });

  it("show what they end at, in status and picture", async () => {
    const { stdout } = await labform(lab, "show");
    expect(stdout).toContain(`remote_host = "${THERE}"`);
    expect((await labform(lab, "graph", "-format", "mermaid")).stdout).toContain(
      `udp ${PORTS.here} ${THERE} ${PORTS.there}`,
    );
  });

  it("reach the world through nat, and are reached at forwarded ports", async () => {
    writeFileSync(join(pages, "index.html"), "a page of another host\n");
    const httpd = server.start("busybox", "httpd", "-f", "-p", "80", "-h", pages);
    try {
      await apply("{ nat = { forward = [{ host_port = 27380, guest_port = 80 }] } }");
      expect(beside()).toHaveLength(1);
      await inGuest("ip address flush dev eth0; udhcpc -i eth0 -s /etc/dhcp -n -q -t 10 -T 1");
      expect(await inGuest("ip address show eth0")).toContain("10.0.2.15/24");
      await expect
        .poll(() => inGuest(`wget -q -O - http://${SERVER}/index.html`), { timeout: 30_000 })
        .toContain("a page of another host");
      await inGuest("mkdir -p /srv; echo the guest itself > /srv/index.html; httpd -h /srv");
      const fetched = async () => (await (await fetch("http://127.0.0.1:27380/index.html")).text()).trim();
      await expect.poll(() => fetched().catch(String), { timeout: 20_000 }).toBe("the guest itself");
    } finally {
      httpd.end();
    }
  });

  it("change their impairments and forwarded ports live, and refuse at plan a port that another process has", async () => {
    const [passt] = beside();
    await apply("{ nat = { forward = [{ host_port = 27380, guest_port = 80 }] } }]\n  delay_ms = 5\n  #");
    expect(beside()).toEqual([passt]);
    const holder = createServer();
    await new Promise<void>((done) => holder.listen(27_381, "127.0.0.1", done));
    const { stderr, exitCode } = await planned("{ nat = { forward = [{ host_port = 27381, guest_port = 80 }] } }");
    await new Promise((done) => holder.close(done));
    expect(exitCode).toBe(1);
    expect(stderr).toContain("TCP port 27381 of this host is in use");
    expect(stderr).toContain(`pid ${process.pid}`);
  });

  it("lose their passt and have it again with the next apply", async () => {
    await apply("{ nat = {} }");
    const [passt] = beside();
    expect(passt).toBeGreaterThan(1);
    process.kill(passt as number, "SIGKILL");
    const { stdout } = await lab.run(["plan"]);
    expect(stdout).toContain(`passt (pid ${passt})`);
    await apply("{ nat = {} }");
    expect(beside()).toHaveLength(1);
    expect(beside()).not.toEqual([passt]);
  });

  it("end at a tap of this host, and at one of its interfaces", async () => {
    const tap = deviceName();
    await apply(`{ tap = "${tap}" }`);
    ip("address", "add", "10.0.0.7/24", "dev", tap);
    await inGuest("ip address flush dev eth0; ip address add 10.0.0.1/24 dev eth0");
    await expect.poll(() => inGuest("ping -c 1 -W 1 10.0.0.7"), { timeout: 30_000 }).toMatch(/1 packets received/);
    const interfaces = cable(null, space, { other: "10.0.0.8/24" });
    await apply(`{ interface = "${interfaces.one}" }`);
    expect(readFileSync("/proc/net/dev", "utf8")).not.toContain(tap);
    await expect.poll(() => inGuest("ping -c 1 -W 1 10.0.0.8"), { timeout: 30_000 }).toMatch(/1 packets received/);
    const { stderr } = await planned(`{ interface = "${interfaces.one}x" }`);
    expect(stderr).toContain(`Did you mean "${interfaces.one}"?`);
  });

  it("are taken away with all that they needed", async () => {
    await apply("");
    expect(beside()).toEqual([]);
    await apply("{ nat = {} }");
    const [passt] = beside();
    expect(passt).toBeGreaterThan(1);
    await labform(lab, "destroy", "-auto-approve");
    expect(lab.processes()).toEqual([]);
    expect(existsSync(`/proc/${passt}/exe`)).toBe(false);
  });
});
