import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { processOf } from "../../../providers/ubridge/bridgeRecord.ts";
import { ServiceLost } from "../../../src/core/provider.ts";
import type { Instance } from "../../../src/core/state.ts";
import { until } from "../../support/until.ts";
import { failureOf, Lab } from "./lab.ts";
import { type End, Playground, ports, ubridgeInstalled } from "./support.ts";

let playground: Playground;
let followers: Follower[];
beforeEach(() => {
  playground = new Playground();
  followers = [];
});
afterEach(async () => {
  await Promise.all(followers.map((one) => one.leave()));
  await playground.clear();
});

/** Reads what is shown of a link until it leaves. */
class Follower {
  bytes = Buffer.alloc(0);
  ended = false;
  readonly done: Promise<void>;
  private readonly abort = new AbortController();

  constructor(lab: Lab, link: Instance) {
    this.done = this.read(lab, link);
    followers.push(this);
  }

  private async read(lab: Lab, link: Instance): Promise<void> {
    for await (const piece of lab.provider.follow(link, this.abort.signal)) {
      this.bytes = Buffer.concat([this.bytes, piece]);
    }
    this.ended = true;
  }

  /** Of whole records; throws where one is cut. */
  get texts(): readonly string[] {
    const texts: string[] = [];
    for (let at = 24; at < this.bytes.length; ) {
      const end = at + 16 + this.bytes.readUInt32LE(at + 8);
      if (end > this.bytes.length) throw new Error("a record is cut");
      texts.push(this.bytes.toString("latin1", at + 16, end));
      at = end;
    }
    return texts;
  }

  async leave(): Promise<void> {
    this.abort.abort();
    await this.done.catch(() => {});
  }
}

async function wired(lab: Lab, link: Instance): Promise<{ link: Instance; from: End; to: End }> {
  if (lab.engine === "ubridge") lab.prepareNodes(link);
  const [from, to] = await lab.nodes(link);
  const instance = await lab.wire(link);
  await until(() => from.connected && to.connected);
  await lab.talk((hypervisor) => hypervisor.request(["hypervisor", "version"]));
  return { link: instance, from, to };
}

describe("following a link on the built-in bridge", () => {
  let lab: Lab;
  beforeEach(async () => {
    lab = new Lab(playground, "builtin");
    await lab.launch();
  });

  it("shows the frames of both ways as they leave, through changes of the link, and starts no capture", async () => {
    const { link, from, to } = await wired(lab, lab.link("core"));
    from.send("before");
    await until(() => to.texts.length === 1);
    const follower = new Follower(lab, link);
    await until(() => follower.bytes.length === 24);
    expect(follower.bytes.readUInt32LE(0)).toBe(0xa1b2c3d4);
    from.send("forth");
    to.send("back");
    await until(() => follower.texts.length === 2);
    const changed = await lab.update(link, { toward: { "1": { loss_percent: 100 } } });
    from.send("lost");
    to.send("again");
    await until(() => follower.texts.length === 3);
    expect(follower.texts.toSorted()).toEqual(["again", "back", "forth"]);
    expect(changed.attributes.capture_file).toBeNull();
    expect(existsSync(join(playground.host.lab, "captures"))).toBe(false);
    await follower.leave();
    expect(follower.ended).toBe(true);
  });

  it("is for any number, each on its own, beside a capture", async () => {
    const { link, from, to } = await wired(lab, lab.link("core", { capture: { file: null, link_type: "EN10MB" } }));
    const [one, two] = [new Follower(lab, link), new Follower(lab, link)];
    await until(() => one.bytes.length === 24 && two.bytes.length === 24);
    from.send("a");
    await until(() => one.texts.length === 1 && two.texts.length === 1);
    await one.leave();
    from.send("b");
    await until(() => two.texts.length === 2 && to.texts.length === 2);
    expect((await lab.read(link))[0]?.condition).toBe("present");
  });

  it("ends with the link, and is refused where there is none", async () => {
    const { link } = await wired(lab, lab.link("core"));
    const follower = new Follower(lab, link);
    await until(() => follower.bytes.length === 24);
    await lab.provider.perform("unwire", lab.context("unwire", link));
    await until(() => follower.ended);
    const refused = await failureOf(new Follower(lab, link).done);
    expect(refused.detail).toContain("bridge 'core-00000001' doesn't exist");
  });

  it("does not wait for a bridge that hangs", async () => {
    const { link } = await wired(lab, lab.link("core"));
    const identity = processOf(lab.service);
    if (!identity) throw new Error("there is no bridge");
    ports.processes.signal(identity, "SIGSTOP");
    await expect(new Follower(lab, link).done).rejects.toThrow(ServiceLost);
    ports.processes.signal(identity, "SIGCONT");
  });

  it("does not hold the link up when it is not read", async () => {
    const { link, from, to } = await wired(lab, lab.link("core"));
    const abort = new AbortController();
    const stream = lab.provider.follow(link, abort.signal);
    expect((await stream.next()).value?.length).toBe(24);
    const large = "x".repeat(60_000);
    for (let round = 0; round < 20; round++) {
      for (let count = 0; count < 20; count++) from.send(large);
      await until(() => to.texts.length === (round + 1) * 20);
    }
    expect((await lab.read(link))[0]?.condition).toBe("present");
    abort.abort();
    await stream.return(undefined);
  });
});

describe.skipIf(!ubridgeInstalled)("following a link on uBridge", () => {
  it("shows what its capture writes from then on, until that ends", async () => {
    const lab = new Lab(playground, "ubridge");
    await lab.launch();
    const { link: plain, from, to } = await wired(lab, lab.link("core"));
    const refused = await failureOf(new Follower(lab, plain).done);
    expect(refused.summary).toBe("link.core is not captured");
    expect(refused.detail).toContain("labform capture start link.core");

    let link = await lab.update(plain, { capture: { file: null, link_type: "EN10MB" } });
    from.send("before");
    await until(() => to.texts.length === 1);
    const follower = new Follower(lab, link);
    await until(() => follower.bytes.length === 24);
    // What is written until the follower has looked at the file is before, too.
    await ports.clock.sleep(300);
    from.send("after");
    await until(() => follower.texts.length === 1);
    expect(follower.texts).toEqual(["after"]);
    link = await lab.update(link, { capture: null });
    await until(() => follower.ended);
  });
});
