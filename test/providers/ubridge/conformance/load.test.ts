import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { parseStatistics } from "../../../../providers/ubridge/replies.ts";
import { deleteLink, makeLink, showLink } from "../../../../providers/ubridge/wiring.ts";
import type { Attributes } from "../../../../src/core/values.ts";
import { until } from "../../../support/until.ts";
import { type End, readCapture } from "../support.ts";
import { type Bench, type Carried, numbered, onEachEngine, settled } from "./engines.ts";

/** Frames both ways, all the time, while `act` runs; resolves when it is done and no more is sent. */
async function underLoad({ ends }: Carried, act: () => Promise<void>): Promise<void> {
  let over = false;
  const load = (async () => {
    const texts = numbered(10, 200);
    while (!over) {
      for (const end of ends) end.send(...texts);
      await settled(1);
    }
  })();
  try {
    await act();
  } finally {
    over = true;
    await load;
  }
}

/** The link still carries, both ways. */
async function carries(link: Carried): Promise<void> {
  for (const [from, to] of [
    [link.ends[0], link.ends[1]],
    [link.ends[1], link.ends[0]],
  ] as const) {
    from.send("the last one");
    await until(() => to.frames.at(-1)?.text === "the last one");
  }
}

onEachEngine("a link under load", (bench) => {
  it("has its capture begun and ended 200 times", async () => {
    const link = await bench().link();
    const file = join(bench().playground.host.lab, "l.pcap");
    const capture = { file, link_type: "EN10MB", append: false, max_size_mib: null, keep: null };
    await underLoad(link, async () => {
      for (let turn = 0; turn < 200; turn++) {
        await link.change({ capture: turn % 2 === 0 ? capture : null });
      }
      // A moment with it, so that there is something to read.
      await link.change({ capture });
      await until(() => existsSync(file) && readCaptureSafely(file) > 100);
      await link.change({ capture: null });
    });
    expect(readCapture(file).frames.every((one) => one.text.startsWith("frame "))).toBe(true);
    await carries(link);
  });

  it("has its impairments changed 500 times", async () => {
    const link = await bench().link();
    const other = await bench().link({}, "m");
    const turns: readonly Attributes[] = [
      { loss_percent: 30 },
      { delay_ms: 1 },
      { drop_every: 3, corrupt_percent: 10 },
      { suspended: true },
      {},
    ];
    await underLoad(link, async () => {
      for (let turn = 0; turn < 500; turn++) {
        await link.change(turns[turn % turns.length] as Attributes);
        if (turn % 50 === 0) other.ends[0].send(`turn ${turn}`);
      }
    });
    await carries(link);
    await until(() => other.ends[1].frames.length === 10);
  });
});

onEachEngine("one process", (bench) => {
  it("carries 300 links, each for itself", async () => {
    const names = Array.from({ length: 300 }, (_, at) => `n${at}`);
    if (bench().engine === "builtin") {
      for (const name of names) {
        const { ends } = await bench().link({}, name);
        ends[0].send("there");
        ends[1].send("back");
      }
    } else {
      const [first, last] = await chain(bench(), names);
      first.send("there");
      last.send("back");
    }
    for (const name of names) {
      await until(async () => {
        const { lines } = await bench().talk.hypervisor.request(["bridge", "get_stats", name]);
        const { source, destination } = parseStatistics(lines);
        return [source, destination].every((end) => end?.packetsIn === 1 && end.packetsOut === 1);
      });
    }
    for (const name of names) await deleteLink(bench().talk, name);
    expect(await showLink(bench().talk, "n0")).toBeUndefined();
  });
});

/**
 * Links of uBridge one behind the other, each sending to the next: a node for each end would take more descriptors than
 * one process has. The nodes at the ends of all.
 */
async function chain({ talk, playground, bridge, engine }: Bench, names: readonly string[]): Promise<[End, End]> {
  const end = (peer: string, path: string) =>
    ({ adapter: path, kind: "dgram", path, peer, setCarrier: async () => {} }) as const;
  const nodes: [End, End] = [
    await playground.node(bridge, engine, "first"),
    await playground.node(bridge, engine, "last"),
  ];
  for (const [at, name] of names.entries()) {
    const ends = [
      at === 0 ? end("firstp", "first") : end(`c${at}r`, `c${at}l`),
      at === names.length - 1 ? end("lastp", "last") : end(`c${at + 1}l`, `c${at + 1}r`),
    ] as const;
    await makeLink(talk, { name, ends, filters: [], capture: undefined });
  }
  return nodes;
}

/** How many frames there are in a file that is being written to; 0 while its start is not whole. */
function readCaptureSafely(file: string): number {
  try {
    return readCapture(file).frames.length;
  } catch {
    return 0;
  }
}
