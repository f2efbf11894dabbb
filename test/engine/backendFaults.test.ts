import { describe, expect, it } from "vitest";
import { goldenBeside } from "../support/golden.ts";
import type { Fault, Wish } from "../support/stateServer.ts";
import { StateServer } from "../support/stateServer.ts";
import { BackendEngine } from "./backendEngine.ts";

const golden = goldenBeside(import.meta.url);

const always: readonly Fault[] = ["500", "reset", "hang", "401", "html", "nothing", "conflict"];

/** What can go wrong with each kind of request, from one request of a command on. */
const faults: { readonly [wish in Wish]: readonly Fault[] } = {
  read: [...always, "403", "truncated", "broken off", "another lab", "old"],
  write: [...always, "done and 500", "lie"],
  lock: [...always, "done and 500", "lie"],
  unlock: [...always, "done and 500", "lie"],
};

/** The requests of each command, in order: what is tried is each fault at each of them. */
const commands: { readonly [command: string]: readonly Wish[] } = {
  init: ["lock", "read", "unlock"],
  plan: ["read"],
  apply: ["lock", "read", "read", "write", "read", "unlock"],
  destroy: ["lock", "read", "read", "write", "read", "unlock"],
};

interface Case {
  readonly command: string;
  readonly wish: Wish;
  /** Among the requests of its kind, from 1. */
  readonly number: number;
  readonly fault: Fault;
}

function casesOf(command: string): readonly Case[] {
  const counts = new Map<Wish, number>();
  return (commands[command] ?? []).flatMap((wish) => {
    const number = (counts.get(wish) ?? 0) + 1;
    counts.set(wish, number);
    return faults[wish].map((fault) => ({ command, wish, number, fault }));
  });
}

async function wordsOf(command: string, engine: BackendEngine, round: number): Promise<readonly string[]> {
  if (command === "init" || command === "plan") return [command];
  if (command === "destroy") return ["destroy", "-auto-approve"];
  engine.declare(engine.server.block(), `\nnode "c" {\n  note = "${round}"\n}\n`);
  return ["apply", "-auto-approve"];
}

/** The command's words of what went wrong, without what differs from run to run. */
function toldBy(engine: BackendEngine, text: string): string {
  return text
    .replaceAll(/(?<!\n)[ \t]*\n[ \t]*(?!\n)/g, " ")
    .replaceAll(/ *\n\s*/g, "\n\n")
    .replaceAll(engine.server.address, "ADDRESS")
    .replaceAll(engine.directory, "LAB")
    .replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "UUID")
    .replaceAll(/serials? \d+/g, "serial N")
    .replaceAll(/had \d+ already/g, "had N already")
    .replaceAll(/\(pid \d+\)/g, "(pid PID)")
    .replaceAll(/(is not what labform writes: ).*?(?=\. Nothing)/g, "$1WHY")
    .replaceAll(/\d{4}-\d\d-\d\d[ T][\d:.]+(?:Z| UTC)/g, "TIME")
    .trim();
}

describe("a server that fails, hangs or lies", () => {
  it.each(Object.keys(commands))(
    "costs %s nothing that was done, and the next run goes on",
    { timeout: 400_000 },
    async (command) => {
      const engine = await BackendEngine.applied();
      const { server } = engine;
      const lines: string[] = [];
      let round = 0;
      try {
        for (const { wish, number, fault } of casesOf(command)) {
          const title = `${command}: ${fault} at ${wish} ${number}`;
          const words = await wordsOf(command, engine, ++round);
          let seen = 0;
          server.fault = (one) => (one.wish === wish && ++seen >= number ? fault : undefined);
          engine.isNeverDone = true;
          const { exitCode, stderr } = await engine.run(...words);
          engine.isNeverDone = false;
          expect(seen, `${title} was come to`).toBeGreaterThanOrEqual(number);
          server.fault = () => undefined;
          lines.push(`## ${title}: ${exitCode}`, toldBy(engine, stderr), "");
          const { lineage } = engine.recorded();
          if (command === "destroy") {
            await engine.succeed("destroy", "-auto-approve");
            expect(engine.world.nodes.size, title).toBe(0);
            expect(server.document.instances, title).toEqual([]);
            await engine.apply();
          }
          const healthy = await engine.run("apply", "-auto-approve");
          expect(healthy.exitCode, `${title}, then: ${healthy.stdout}${healthy.stderr}`).toBe(0);
          await engine.unchanged();
          expect(engine.recorded().lineage, title).toBe(lineage);
          expect(server.document.serial, title).toBe(engine.recorded().serial);
          expect([...engine.world.nodes.keys()].length, title).toBe(
            engine.recorded().instances.filter(({ address }) => address.startsWith("node.")).length,
          );
          expect(server.lock, title).toBeUndefined();
        }
      } finally {
        await engine.end();
      }
      golden(`backend-faults-${command}.txt`, `${lines.join("\n")}\n`);
    },
  );
});

describe("a healthy server", () => {
  it("is asked by each command what the table says", async () => {
    const engine = new BackendEngine(await StateServer.start());
    try {
      await engine.succeed("init");
      await engine.succeed("apply", "-auto-approve");
      for (const [command, wishes] of Object.entries(commands)) {
        const words = await wordsOf(command, engine, 0);
        engine.server.requests.splice(0);
        engine.isNeverDone = true;
        await engine.succeed(...words);
        expect(engine.server.requests.map(({ wish }) => wish)).toEqual(wishes);
      }
    } finally {
      await engine.end();
    }
  });
});
