import { execFileSync } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { processOf } from "../../../providers/ubridge/bridgeRecord.ts";
import type { Engine } from "../../../providers/ubridge/engine.ts";
import type { Instance } from "../../../src/core/state.ts";
import { Lab } from "./lab.ts";
import { type End, Playground, ports, readCapture, ubridgeInstalled } from "./support.ts";

const CHANGES = 200;
const TOGGLES = 50;
/** Frames a second in each direction of each link. */
const RATE = 500;

let playground: Playground;
let floods: Flood[];
beforeEach(() => {
  playground = new Playground();
  floods = [];
});
afterEach(() => {
  for (const flood of floods) flood.stop();
  return playground.clear();
});

/** More than sockets hold for a bridge that has to wait for a processor: what they drop no bridge has lost. */
const UNDER_WAY_MOST = 100;

/** Numbered frames, both ways, until it is told to end. */
class Flood {
  sent = 0;
  private readonly ends: readonly [End, End];
  private readonly whole: boolean;
  private readonly started = performance.now();
  private readonly timer: NodeJS.Timeout;

  /** `whole`: all frames are to come. */
  constructor(ends: readonly [End, End], whole: boolean) {
    this.ends = ends;
    this.whole = whole;
    this.timer = setInterval(() => this.send(), 4);
  }

  private send(): void {
    // What a busy machine made late is caught up with, but not all at once.
    const due = Math.floor(((performance.now() - this.started) * RATE) / 1000);
    const most = this.whole ? Math.min(...this.ends.map((end) => end.frames.length)) + UNDER_WAY_MOST : due;
    for (let burst = 0; this.sent < Math.min(due, most) && burst < 20; burst++, this.sent++) {
      const text = `${this.sent} `.padEnd(60, ".");
      for (const end of this.ends) end.send(text);
    }
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** How many frames never came, of both directions together; throws when one came twice or out of order. */
  async end(): Promise<number> {
    this.stop();
    const deadline = performance.now() + (this.whole ? 10_000 : 300);
    const allCame = () => this.ends.every((end) => end.frames.length === this.sent);
    while (!allCame() && performance.now() < deadline) await ports.clock.sleep(10);
    let lost = 0;
    for (const { texts } of this.ends) {
      const numbers = texts.map((text) => Number.parseInt(text, 10));
      const wrong = numbers.findIndex((number, at) => at > 0 && number <= (numbers[at - 1] ?? 0));
      if (wrong !== -1) throw new Error(`frame ${numbers[wrong]} came after ${numbers[wrong - 1]}`);
      lost += this.sent - numbers.length;
    }
    return lost;
  }
}

/** uBridge makes a capture's file at once and writes its header with the first frame. */
async function holdsFrames(file: string): Promise<void> {
  const deadline = performance.now() + 10_000;
  while ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) <= 24 && performance.now() < deadline) {
    await ports.clock.sleep(5);
  }
}

describe.each<Engine>(["builtin", "ubridge"])("links that are changed under a flood, on %s", (engine) => {
  describe.skipIf(engine === "ubridge" && !ubridgeInstalled)("where it is installed", () => {
    it("lose no frame that they need not, and neither bridge nor capture", { timeout: 120_000 }, async () => {
      const lab = new Lab(playground, engine);
      await lab.launch();
      const before = processOf(lab.service);
      const flooded = async (name: string, whole = false): Promise<Instance> => {
        const link = lab.link(name);
        const ends = await lab.nodes(link);
        const wired = await lab.wire(link);
        while (!ends.every((end) => end.connected)) await ports.clock.sleep(5);
        await lab.talk((hypervisor) => hypervisor.request(["hypervisor", "version"]));
        floods.push(new Flood(ends, whole));
        return wired;
      };
      const quiet = await flooded("quiet", true);
      let changed = await flooded("changed");
      let toggled = await flooded("toggled", engine === "builtin");

      const impairments = [
        { delay_ms: 2, jitter_ms: 1 },
        { loss_percent: 30, delay_ms: 1 },
        { corrupt_percent: 50, drop_every: 3 },
        { suspended: true },
        { loss_percent: 100, capture: { file: "changed.pcap", link_type: "EN10MB" } },
        { drop_every: 5 },
        {},
        { corrupt_percent: 100, capture: { file: "changed.pcap", link_type: "EN10MB" } },
      ];
      const none = { delay_ms: 0, jitter_ms: 0, loss_percent: 0, corrupt_percent: 0, drop_every: null };
      const change = async () => {
        for (let turn = 0; turn < CHANGES; turn++) {
          const wanted = { ...none, suspended: false, capture: null, ...impairments[turn % impairments.length] };
          changed = await lab.update(changed, wanted);
        }
      };
      const toggle = async () => {
        for (let turn = 0; turn < TOGGLES; turn++) {
          toggled = await lab.update(toggled, { capture: { file: "toggled.pcap", link_type: "EN10MB" } });
          await holdsFrames(join(playground.host.lab, "toggled.pcap"));
          toggled = await lab.update(toggled, { capture: null });
        }
      };
      await Promise.all([change(), toggle()]);

      const lives = await lab.read(quiet, changed, toggled, lab.service);
      expect(lives.map((one) => one.condition)).toEqual(["present", "present", "present", "present"]);
      expect(processOf(lab.service)).toEqual(before);
      const [lostQuiet, , lostToggled = 0] = await Promise.all(floods.map((flood) => flood.end()));
      expect(lostQuiet).toBe(0);
      // uBridge runs dry for 50 ms before a capture ends; the built-in bridge loses nothing.
      if (engine === "builtin") expect(lostToggled).toBe(0);
      else expect(lostToggled).toBeLessThan(TOGGLES * 2 * RATE * 0.1);

      const files = readdirSync(playground.host.lab).filter((name) => /^toggled.*pcap$/.test(name));
      expect(files).toHaveLength(TOGGLES);
      for (const name of files) {
        const path = join(playground.host.lab, name);
        const shown = execFileSync("tcpdump", ["-ntqr", path], { encoding: "utf8", stdio: "pipe" });
        const { frames } = readCapture(path);
        expect(shown.split("\n").filter((line) => /^\S/.test(line))).toHaveLength(frames.length);
        expect(frames.length, name).toBeGreaterThan(0);
      }
    });
  });
});
