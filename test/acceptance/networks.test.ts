import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { guest } from "../support/guest.ts";
import { TestLab } from "../support/lab.ts";
import { cable, deviceName, installed, ip, Namespace, whyNoNamespaces } from "../support/namespaces.ts";
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

  it("is captured and followed by hand at one port, and status tells of each", async () => {
    await apply(network(`endpoints = [node.c.adapter[0]]`, port("a"), port("b", "delay_ms = 5")));
    expect((await lab.run(["capture", "start", "network.lan"])).stderr).toContain('network.lan.port["a"]');
    expect((await lab.run(["capture", "start", 'lan.port["x"]'])).stderr).toContain('network.lan has no port "x"');
    await labform("capture", "start", "lan.port[a]", lab.path("by-hand.pcap"));
    expect(await reaches("a", "b")).toBe(true);
    const follow = lab.start(["capture", "follow", 'network.lan.port["b"]']);
    const { stdout } = await labform("status");
    expect(stdout).toMatch(/^ {2}port\["a"\] +up +in \d.*captured to by-hand\.pcap/m);
    expect(stdout).toMatch(/^ {2}port\["b"\] .*heard [0-9a-f:]{17} \(\d+ s ago\).*delay_ms=5/m);
    expect(stdout).toMatch(/^ {2}node\.c\.adapter\[0\] +up/m);
    expect((await labform("plan")).stdout).toContain('capture of port "a" started by hand');
    expect(frames("by-hand.pcap", "icmp")).toBeGreaterThanOrEqual(2);
    await labform("capture", "stop", 'lan.port["a"]');
    expect((await labform("plan")).stdout).toContain("No changes");
    expect((await ping("a", "b", 40)).received).toBe(40);
    follow.kill("SIGINT");
    const { exitCode, stdout: followed } = await follow.result;
    expect(exitCode).toBe(0);
    expect(followed.length).toBeGreaterThan(40 * 2 * 60);
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

  const absent = ["socat", "busybox"].find((one) => !installed(one));
  const lacking = whyNoNamespaces ?? (absent === undefined ? undefined : `${absent} is not installed`);
  describe.skipIf(lacking !== undefined)(
    `with ends outside of the lab${lacking ? ` (skipped: ${lacking})` : ""}`,
    () => {
      let server: Namespace;
      let pages: string;
      const tap = deviceName();
      /** The programs beside the network that live, by what they are. */
      const beside = () => {
        const { companions = {} } = lab.instance("network.lan").private;
        const all = Object.values(companions as { [name: string]: { process: { pid: number } } });
        const alive = all.map((one) => one.process.pid).filter((pid) => existsSync(`/proc/${pid}/exe`));
        const named = (name: string) =>
          alive.filter((pid) => readFileSync(`/proc/${pid}/comm`, "utf8").startsWith(name));
        return { nat: named("qemu"), socat: named("socat") };
      };
      const nat = "{ nat = { forward = [{ host_port = 27390, guest_port = 80 }] } }";
      const toHost = async () => (await on("a", "ping -c 1 -W 1 10.0.0.77")).includes("1 packets received");
      const fetched = async () => (await (await fetch("http://127.0.0.1:27390/index.html")).text()).trim();

      beforeAll(() => {
        server = new Namespace();
        cable(null, server, { one: "198.18.3.1/30", other: "198.18.3.2/30" });
        pages = mkdtempSync(join(tmpdir(), "labform-pages-"));
        writeFileSync(join(pages, "index.html"), "a page of another host\n");
      });
      afterAll(() => {
        server.close();
        rmSync(pages, { recursive: true, force: true });
      });

      it("has a tap and a nat join, and the others lose no frame", async () => {
        await apply(network(listed("a", "b", "c")));
        expect(await reaches("a", "b")).toBe(true);
        const stream = ping("a", "b", 100);
        await apply(
          network(`endpoints = [node.a.adapter[0], node.b.adapter[0], node.c.adapter[0], { tap = "${tap}" }]`),
        );
        await apply(
          network(
            `endpoints = [{ tap = "${tap}" }, node.a.adapter[0], node.b.adapter[0]]`,
            port("c"),
            `port "up" {\n    endpoint = ${nat}\n  }`,
          ),
        );
        expect((await stream).received).toBe(100);
        expect(beside()).toMatchObject({ nat: [expect.any(Number)], socat: [expect.any(Number)] });
        ip("address", "add", "10.0.0.77/24", "dev", tap);
        await expect.poll(toHost, { timeout: 30_000 }).toBe(true);
        const httpd = server.start("busybox", "httpd", "-f", "-p", "80", "-h", pages);
        try {
          for (const name of ["c", "b"] as const) {
            await on(name, "udhcpc -i eth0 -s /etc/dhcp -n -q -t 10 -T 1");
            await expect
              .poll(() => on(name, "wget -q -O - http://198.18.3.2/index.html"), { timeout: 30_000 })
              .toContain("a page of another host");
          }
          expect(await on("c", "ip address show eth0")).toContain("10.0.2.15/24");
          expect(await on("b", "ip address show eth0")).toContain("10.0.2.16/24");
          await on("c", "mkdir -p /srv; echo the guest itself > /srv/index.html; httpd -h /srv");
          await expect.poll(() => fetched().catch(String), { timeout: 20_000 }).toBe("the guest itself");
        } finally {
          httpd.end();
        }
      });

      it("has its nat again after that was killed, and keeps what it has when the bridge is", async () => {
        const text = labText(
          network(
            `endpoints = [node.a.adapter[0], node.b.adapter[0], { tap = "${tap}" }]`,
            port("c"),
            `port "up" {\n    endpoint = ${nat}\n  }`,
          ),
        );
        const { nat: killed, socat } = beside();
        lab.write("lan.lab.hcl", text);
        process.kill(killed[0] as number, "SIGKILL");
        await expect.poll(async () => (await lab.run(["plan"])).stdout).toContain('is at its port "up", is gone');
        const mended = async () => {
          await labform("apply", "-auto-approve");
          expect(nodes()).toEqual(pids);
          // The world knows the guest again once it has spoken.
          await on("c", "ping -c 1 -W 1 10.0.2.2");
          await expect.poll(() => fetched().catch(String), { timeout: 20_000 }).toBe("the guest itself");
          await expect.poll(toHost, { timeout: 20_000 }).toBe(true);
          expect(beside().socat).toEqual(socat);
        };
        await mended();
        const { nat: started } = beside();
        process.kill(lab.instance('service.bridge["builtin"]').private.process.pid, "SIGKILL");
        await mended();
        expect(beside().nat).toEqual(started);
        expect((await labform("plan")).stdout).toContain("No changes");
      });

      it("is refused a second nat, and a tap that another link has, at the argument", async () => {
        const wrong = network(`endpoints = [{ nat = {} }, { nat = {} }, { tapp = "x" }]`);
        lab.write("lan.lab.hcl", labText(wrong.replace(', { tapp = "x" }', "")));
        expect((await lab.run(["plan"])).stderr).toContain("A network has one nat");
        lab.write("lan.lab.hcl", labText(wrong));
        expect((await lab.run(["plan"])).stderr).toContain('Did you mean "tap"?');
        lab.write("lan.lab.hcl", labText(network('port "x" {\n endpoint = { interface = "nosuch0" }\n}')));
        const { stderr } = await lab.run(["plan"]);
        expect(stderr).toContain('This host has no interface "nosuch0"');
        expect(stderr).toMatch(/endpoint = \{ interface = "nosuch0" \}/);
      });

      it("lets them go, and nothing of them stays", async () => {
        await apply(network(listed("a", "b", "c")));
        expect(beside()).toEqual({ nat: [], socat: [] });
        expect(existsSync(`/sys/class/net/${tap}`)).toBe(false);
        for (const [at, name] of NAMES.entries()) await on(name, `ip address add 10.0.0.${at + 1}/24 dev eth0`);
        expect(await reaches("a", "c")).toBe(true);
      });
    },
  );

  it("is carried again by a bridge that was killed", async () => {
    await apply(network(port("a"), port("b", "vlan = 1"), port("c")));
    process.kill(lab.instance('service.bridge["builtin"]').private.process.pid, "SIGKILL");
    expect((await labform("apply", "-auto-approve")).stdout).toContain("service.bridge");
    expect(nodes()).toEqual(pids);
    expect(await reaches("a", "c")).toBe(true);
    expect(await reaches("b", "c")).toBe(true);
  });
});
