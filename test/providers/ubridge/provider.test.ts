import { existsSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { processOf } from "../../../providers/ubridge/bridgeRecord.ts";
import { converse } from "../../../providers/ubridge/control.ts";
import { type Engine, serviceAddress } from "../../../providers/ubridge/engine.ts";
import { UbridgeProvider } from "../../../providers/ubridge/provider.ts";
import type { Operation } from "../../../src/core/lifecycle.ts";
import type { ProcessIdentity } from "../../../src/core/ports.ts";
import type { Attachment } from "../../../src/core/provider.ts";
import type { Instance } from "../../../src/core/state.ts";
import { failureOf, Lab, settled } from "./lab.ts";
import { Playground, ports, ubridgeInstalled } from "./support.ts";

let playground: Playground;
beforeEach(() => {
  playground = new Playground();
});
afterEach(() => playground.clear());

const withPending = (instance: Instance, operation: Operation, token = "none"): Instance => ({
  ...instance,
  pending: { operation, token, since: "2026-01-01T00:00:00Z" },
});

describe.each<Engine>(["builtin", "ubridge"])("a lab on %s", (engine) => {
  describe.skipIf(engine === "ubridge" && !ubridgeInstalled)("where it is installed", () => {
    let lab: Lab;
    beforeEach(() => {
      lab = new Lab(playground, engine);
    });

    it("has its bridge's process on record before the bridge is talked to", async () => {
      const service = await lab.launch();
      expect(lab.progressed).toHaveLength(1);
      expect(processOf(lab.progressed[0] as Instance)).toEqual(processOf(service));
      expect(lab.progressed[0]?.attributes.control).toBe(service.attributes.control);
      expect(service.attributes.version).toMatch(/^\d+\.\d+\.\d+$/);
      expect(await lab.read(service)).toEqual([{ condition: "present", instance: service }]);
      expect((await lab.read(service))[0]?.instance).toBe(service);
    });

    it("wires a link and raises its carriers, twice as well as once", async () => {
      await lab.launch();
      const link = lab.prepareNodes(lab.link("core", { delay_ms: 20, jitter_ms: 5, loss_percent: 3 }));
      const wired = await lab.wire(link);
      expect(wired.attributes).toEqual(link.attributes);
      expect(lab.carriers.toSorted()).toEqual(["core-00000001a.0 up", "core-00000001b.0 up"]);
      expect(await lab.show(link)).toMatchObject({ running: true, filters: ["loss_3", "delay_20_5"] });
      await lab.wire(link);
      const lives = await lab.read(wired, lab.service);
      expect(lives.map((one) => one.condition)).toEqual(["present", "present"]);
      expect(await lab.read(wired)).toEqual([{ condition: "present", instance: wired }]);
    });

    it("changes a link's impairments where it runs", async () => {
      await lab.launch();
      const wired = await lab.wire(lab.prepareNodes(lab.link("core", { delay_ms: 20 })));
      const changes = { delay_ms: 0, loss_percent: 1, corrupt_percent: 100, drop_every: 3 };
      const changed = await lab.update(wired, changes);
      expect(changed.attributes).toEqual({ ...wired.attributes, ...changes });
      const filters = ["drop_every_3", "loss_1", "corrupt_100"];
      expect(await lab.show(wired)).toMatchObject({ running: true, filters });
      expect((await lab.read(changed))[0]?.condition).toBe("present");
      // The record of before: what was meant and what is there differ.
      const [stale] = await lab.read(wired);
      expect(stale).toMatchObject({
        condition: "broken",
        cause: { kind: "host", summary: "the bridge has drop_every_3, loss_1, corrupt_100 on it instead of delay_20" },
      });
    });

    it("unwires a link and drops its carriers; again, and with the bridge gone, that is no error", async () => {
      await lab.launch();
      const wired = await lab.wire(lab.prepareNodes(lab.link("core")));
      lab.carriers.length = 0;
      expect(await lab.provider.perform("unwire", lab.context("unwire", wired))).toBeNull();
      expect(lab.carriers).toEqual(["core-00000001a.0 down", "core-00000001b.0 down"]);
      expect((await lab.read(wired, lab.service)).map((one) => one.condition)).toEqual(["absent", "present"]);
      await lab.provider.perform("unwire", lab.context("unwire", wired));
      await lab.kill();
      await lab.provider.perform("unwire", lab.context("unwire", wired));
    });

    it("unwires a link whose bridge a reboot took, and refuses where the bridge is another container's", async () => {
      await lab.launch();
      const wired = await lab.wire(lab.prepareNodes(lab.link("core")));
      const alive = lab.service;
      const of = (facts: Partial<ProcessIdentity>) => {
        lab.service = {
          ...alive,
          private: { ...alive.private, process: { ...processOf(alive), ...facts } },
        };
        return lab.provider.perform("unwire", lab.context("unwire", wired));
      };
      const failure = await failureOf(of({ pidNamespace: "pid:[1]" }));
      expect(failure.summary).toContain("runs where it cannot be ended from");
      expect(failure.detail).toContain("another container (pid namespace pid:[1])");
      expect(await of({ bootId: "another" })).toBeNull();
      lab.service = alive;
      expect((await lab.show(wired)).running).toBe(true);
      expect((await lab.read(alive))[0]?.condition).toBe("present");
    });

    it("suspends a link: nothing passes, no guest sees a carrier, and it is as it was afterwards", async () => {
      await lab.launch();
      const wired = await lab.wire(lab.prepareNodes(lab.link("core", { delay_ms: 20 })));
      lab.carriers.length = 0;
      const suspended = await lab.update(wired, { suspended: true }, { carriers: [false, false] });
      expect(await lab.show(wired)).toMatchObject({ running: true, filters: ["suspended"] });
      expect(lab.carriers.toSorted()).toEqual(["core-00000001a.0 down", "core-00000001b.0 down"]);
      expect((await lab.read(suspended))[0]?.condition).toBe("present");
      await lab.update(suspended, { suspended: false }, { carriers: [true, false] });
      expect((await lab.show(wired)).filters).toEqual(["delay_20"]);
      expect(lab.carriers.slice(2).toSorted()).toEqual(["core-00000001a.0 up", "core-00000001b.0 down"]);
      expect(await lab.read(suspended)).toMatchObject([
        { condition: "broken", cause: { summary: "it is suspended, and the bridge passes its frames" } },
      ]);
    });

    it("wires a suspended link without a carrier", async () => {
      await lab.launch();
      const link = lab.prepareNodes(lab.link("core", { suspended: true }));
      await lab.provider.perform("wire", lab.context("wire", link, { carriers: [false, false] }));
      expect(lab.carriers.every((one) => one.endsWith("down"))).toBe(true);
      expect((await lab.show(link)).filters).toEqual(["suspended"]);
    });

    it("wires a link that its bridge lost while it was to be changed", async () => {
      await lab.launch();
      const wired = await lab.wire(lab.prepareNodes(lab.link("core")));
      await lab.provider.perform("unwire", lab.context("unwire", wired));
      const changed = await lab.update(wired, { delay_ms: 3 });
      expect(await lab.show(wired)).toMatchObject({ running: true, filters: ["delay_3"] });
      expect((await lab.read(changed))[0]?.condition).toBe("present");
    });

    it("says so when a link was stopped or rewired behind its back", async () => {
      await lab.launch();
      const wired = await lab.wire(lab.prepareNodes(lab.link("core")));
      await converse(
        ports,
        playground.host.run,
        lab.service.attributes.control as string,
        processOf(lab.service),
        (one) => one.request(["bridge", "stop", wired.id]),
      );
      expect(await lab.read(wired)).toMatchObject([
        { condition: "broken", cause: { summary: "it was stopped in the bridge" } },
      ]);
      const other = { ...wired, private: { ends: ["else.0", "where.0"] } };
      await lab.wire(wired);
      expect(await lab.read(other)).toMatchObject([
        { condition: "broken", cause: { summary: expect.stringContaining("the bridge has it between") } },
      ]);
    });

    it("finds a killed bridge down, and wires what it carried when it is started again", async () => {
      await lab.launch();
      const links = await Promise.all(
        ["one", "two", "three"].map((name) => lab.wire(lab.prepareNodes(lab.link(name, { delay_ms: 7 })))),
      );
      await lab.kill();
      const [service, ...others] = await lab.read(lab.service, ...links);
      expect(service).toMatchObject({
        condition: "down",
        cause: { kind: "host", summary: expect.stringContaining("is gone: killed or crashed") },
      });
      expect(others.map((one) => one.condition)).toEqual(["present", "present", "present"]);
      lab.carriers.length = 0;
      const before = processOf(lab.service);
      await lab.launch(...links);
      expect(processOf(lab.service)).not.toEqual(before);
      const lives = await lab.read(lab.service, ...links);
      expect(lives.map((one) => one.condition)).toEqual(["present", "present", "present", "present"]);
      expect(lab.carriers).toEqual([]);
    });

    it("notices a bridge that hangs in two seconds, says so, and ends it all the same", async () => {
      await lab.launch();
      const wired = await lab.wire(lab.prepareNodes(lab.link("core")));
      const identity = processOf(lab.service);
      if (!identity) throw new Error("there is no bridge");
      ports.processes.signal(identity, "SIGSTOP");
      const started = performance.now();
      const [lives, failure] = await Promise.all([lab.read(lab.service, wired), failureOf(lab.wire(wired))]);
      expect(performance.now() - started).toBeLessThan(4000);
      expect(lives).toMatchObject([
        { condition: "broken", cause: { summary: expect.stringContaining("no answer to") } },
        { condition: "present" },
      ]);
      expect(failure.summary).toContain("hangs");
      await expect(lab.update(wired, { delay_ms: 1 })).rejects.toMatchObject({
        name: "ServiceLost",
        service: serviceAddress(engine),
      });
      await lab.provider.perform("end", lab.context("end", lab.service));
      expect(ports.processes.status(identity)).toBe("gone");
    });

    it("ends its bridge and leaves no socket; again it is a success", async () => {
      await lab.launch();
      await lab.wire(lab.prepareNodes(lab.link("core")));
      const identity = processOf(lab.service);
      expect(await lab.provider.perform("end", lab.context("end", lab.service))).toBeNull();
      expect(identity && ports.processes.status(identity)).toBe("gone");
      expect(existsSync(join(playground.host.run, "bridge-builtin.sock"))).toBe(false);
      expect(await lab.provider.perform("end", lab.context("end", lab.service))).toBeNull();
    });

    it("finds the bridge of a run that was killed before it could write down the process", async () => {
      const running = await playground.start(engine);
      const recorded = withPending(lab.service, "launch", running.identity.token);
      const [live] = await lab.read(recorded);
      expect(live?.condition).toBe("present");
      expect(processOf(live?.instance as Instance)).toEqual(running.identity);
      expect(live?.instance.attributes.control).toBe(running.control);
      const [nothing] = await lab.read(withPending(lab.service, "launch", "0123456789abcdef"));
      expect(nothing).toMatchObject({ condition: "down", cause: { kind: "unfinished" } });
    });

    it("has a link wired anew whose wiring was cut off, whatever is there of it", async () => {
      await lab.launch();
      const link = lab.prepareNodes(lab.link("core"));
      expect(await lab.read(withPending(link, "wire"))).toMatchObject([
        { condition: "absent", cause: { kind: "unfinished" } },
      ]);
      const wired = await lab.wire(link);
      expect(await lab.read(withPending(wired, "wire"))).toMatchObject([
        { condition: "broken", cause: { kind: "unfinished" } },
      ]);
      expect(await lab.read(withPending(wired, "unwire"))).toMatchObject([{ condition: "broken" }]);
      expect(await lab.read(withPending(wired, "update"))).toMatchObject([{ condition: "present" }]);
      await lab.kill();
      expect(await lab.read(withPending(wired, "wire"))).toMatchObject([{ condition: "broken" }]);
    });

    it("refuses a node whose tunnel is of the other kind", async () => {
      await lab.launch();
      const link = lab.prepareNodes(lab.link("core"));
      const kind = engine === "ubridge" ? "stream" : "dgram";
      const attachments = lab.attachments(link).map((one): Attachment => ({ ...one, kind }));
      const failure = await failureOf(lab.provider.perform("wire", lab.context("wire", link, { attachments })));
      expect(failure.detail).toContain(`started with a ${kind} tunnel`);
    });
  });
});

describe.skipIf(!ubridgeInstalled)("uBridge 0.9", () => {
  it("is not sent to a path that does not exist, of which it would die", async () => {
    const lab = new Lab(playground, "ubridge");
    await lab.launch();
    const failure = await failureOf(lab.wire(lab.link("core")));
    expect(failure.summary).toBe("The node's end of link.core is not there");
    expect((await lab.read(lab.service))[0]?.condition).toBe("present");
    expect(lab.carriers).toEqual([]);
  });

  it("starts without a link whose node still has the tunnel of another engine", async () => {
    const lab = new Lab(playground, "ubridge");
    const link = lab.prepareNodes(lab.link("old"));
    const attachments = lab.attachments(link).map((one): Attachment => ({ ...one, kind: "stream" }));
    const context = lab.context("launch", lab.service, { carried: [{ instance: link, attachments }] });
    lab.service = settled(await lab.provider.perform("launch", context));
    expect((await lab.read(link, lab.service)).map((one) => one.condition)).toEqual(["absent", "present"]);
  });

  it("starts with what it can carry again, and the rest shows as missing", async () => {
    const lab = new Lab(playground, "ubridge");
    const [whole, half] = [lab.prepareNodes(lab.link("whole")), lab.link("half")];
    await lab.launch(whole, half);
    const lives = await lab.read(whole, half, lab.service);
    expect(lives.map((one) => one.condition)).toEqual(["present", "absent", "present"]);
  });

  it("takes every loss a link can have, though it refuses more than 100 and adds one", async () => {
    const lab = new Lab(playground, "ubridge");
    await lab.launch();
    for (const loss of [1, 50, 100]) {
      const wired = await lab.wire(lab.prepareNodes(lab.link("core", { loss_percent: loss })));
      expect((await lab.show(wired)).filters).toEqual([`loss_${loss}`]);
    }
  });

  it("is not taken for a stranger who listens on its port", async () => {
    const lab = new Lab(playground, "ubridge");
    await lab.launch();
    let heard = 0;
    const stranger = createServer((socket) => {
      heard++;
      socket.destroy();
    });
    await new Promise<void>((resolve) => stranger.listen(0, "127.0.0.1", resolve));
    const address = stranger.address();
    const control = `127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
    const misled = { ...lab.service, attributes: { ...lab.service.attributes, control } };
    const [live] = await lab.read(misled);
    expect(live).toMatchObject({
      condition: "broken",
      cause: { summary: expect.stringContaining("is not the lab's bridge") },
    });
    expect(heard).toBe(0);
    await new Promise((resolve) => stranger.close(resolve));
  });
});

describe("a bridge that cannot be started", () => {
  it("is named with its last words, and nothing is left running", async () => {
    const lab = new Lab(playground, "builtin");
    writeFileSync(join(playground.host.run, "bridge.js"), 'console.error("no mood for frames");\nprocess.exit(3);\n');
    const provider = new UbridgeProvider(ports, { ...playground.host, programs: playground.host.run });
    const failure = await failureOf(provider.perform("launch", lab.context("launch", lab.service)));
    expect(failure.summary).toBe("the built-in bridge did not start");
    expect(failure.detail).toContain("no mood for frames");
    expect(await lab.read(lab.progressed.at(-1) as Instance)).toMatchObject([
      { condition: "down", cause: { evidence: ["no mood for frames"] } },
    ]);
  });

  it("is told apart from one that is not installed", async () => {
    const lab = new Lab(playground, "builtin");
    const provider = new UbridgeProvider(ports, { ...playground.host, programs: playground.host.run });
    const failure = await failureOf(provider.perform("launch", lab.context("launch", lab.service)));
    expect(failure.summary).toBe("labform's own bridge is missing");
    expect(lab.progressed).toEqual([]);
  });

  it("is told apart from a uBridge that is not there", async () => {
    const lab = new Lab(playground, "ubridge", "/nowhere/ubridge");
    const failure = await failureOf(lab.launch());
    expect(failure.detail).toContain("there is no file /nowhere/ubridge");
  });
});
