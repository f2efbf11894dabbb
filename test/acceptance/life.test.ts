import { existsSync, readdirSync, rmSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { guest } from "../support/guest.ts";
import { TestLab } from "../support/lab.ts";
import { pairLab } from "../support/pair.ts";
import { TelnetClient } from "../support/telnet.ts";
import { installedUbridge } from "../support/ubridge.ts";

for (const engine of ["builtin", "ubridge"] as const) {
  describe.skipIf(engine === "ubridge" && !installedUbridge())(`the life of two nodes on a link over ${engine}`, () => {
    let lab: TestLab;
    beforeAll(() => {
      lab = new TestLab({ "pair.lab.hcl": pairLab(guest(), { engine }) });
    });
    afterAll(() => lab.close());

    it("is planned, applied, and then planned as unchanged", async () => {
      const plan = await lab.run(["plan"]);
      expect(plan.stdout).toContain("Plan: 5 to add, 0 to change, 0 to destroy.");
      expect(existsSync(lab.path(".labform"))).toBe(false);
      const apply = await lab.run(["apply", "-auto-approve"]);
      expect(apply.exitCode, apply.stderr).toBe(0);
      const again = await lab.run(["plan", "-detailed-exitcode"]);
      expect(again.stdout).toContain("No changes.");
      expect(again.exitCode).toBe(0);
    });

    it("records pids, monitor ports and MACs", () => {
      for (const name of ["node.r1", "node.r2"]) {
        const { attributes } = lab.instance(name);
        expect(existsSync(`/proc/${attributes.pid}`)).toBe(true);
        expect(attributes.monitor.port).toBeGreaterThan(1024);
        expect(attributes.adapter).toHaveLength(2);
        expect(attributes.adapter[0].mac_address).toMatch(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/);
      }
    });

    it("pings 3 of 3, typed on labform's console while a telnet client watches", async () => {
      const { console: front } = lab.instance("node.r1").attributes;
      const telnet = await TelnetClient.connect(front.host, front.port);
      const typed = await lab.run(["console", "r1"], { input: "ping -c 3 10.0.0.2\n" });
      expect(typed.exitCode, typed.stderr).toBe(0);
      await telnet.expect(/3 packets transmitted, 3 packets received, 0% packet loss/);
      telnet.close();
    });

    it("pings 3 of 3 from a plain telnet client", async () => {
      const { console: front } = lab.instance("node.r2").attributes;
      const telnet = await TelnetClient.connect(front.host, front.port);
      expect(await telnet.command("ping -c 3 10.0.0.1")).toContain(
        "3 packets transmitted, 3 packets received, 0% packet loss",
      );
      telnet.close();
    });

    it("sees the linked adapter's carrier and none on the other", async () => {
      const { console: front } = lab.instance("node.r1").attributes;
      const telnet = await TelnetClient.connect(front.host, front.port);
      expect(await telnet.command("cat /sys/class/net/eth0/carrier /sys/class/net/eth1/carrier")).toMatch(/1\s+0/);
      telnet.close();
    });

    it("shows outputs, state and status", async () => {
      const output = await lab.run(["output", "-json", "console"]);
      expect(JSON.parse(output.stdout)).toEqual(lab.instance("node.r1").attributes.console);
      expect((await lab.run(["show"])).stdout).toContain('node "r1"');
      const status = (await lab.run(["status"])).stdout;
      for (const address of ["node\\.r1", "service\\.keeper", `service\\.bridge\\["${engine}"\\]`]) {
        expect(status).toMatch(new RegExp(`^${address} +running +\\d+`, "m"));
      }
    });

    it("is destroyed without its lab files, leaves nothing, and may be destroyed again", async () => {
      rmSync(lab.path("pair.lab.hcl"));
      const destroy = await lab.run(["destroy", "-auto-approve"]);
      expect(destroy.exitCode, destroy.stderr).toBe(0);
      expect(lab.processes()).toEqual([]);
      expect(lab.state().instances).toEqual([]);
      expect(readdirSync(lab.path(".labform/default/nodes"))).toEqual([]);
      expect(readdirSync(`${lab.stateHome}/labform/labs`)).toEqual([]);
      const again = await lab.run(["destroy", "-auto-approve"]);
      expect(again.exitCode).toBe(0);
      expect(again.stdout).toContain("nothing to destroy");
    });
  });
}
