import type { Instance } from "../../../src/core/state.ts";
import { isSensitive } from "../../../src/core/values.ts";
import { AgentProbe } from "../agent/probe.ts";
import type { NodeAttributes, Ready } from "../attributes.ts";
import type { PlanTools } from "../plan.ts";
import type { ConsoleSearch } from "./consoleSearch.ts";
import { ExpressionSearch, TextSearch } from "./consoleSearch.ts";
import { TcpProbe } from "./tcpProbe.ts";

interface Condition {
  /** What is waited for: `"login:" on its console`. */
  readonly awaited: string;
  /** A sentence: that it was not met, and what was seen instead. */
  readonly miss: () => string;
  readonly isMet: (fresh: Buffer, alive: boolean) => Promise<boolean>;
}

/** The conditions of a ready block that are not met yet. */
export class ReadyConditions {
  readonly #probe: TcpProbe | undefined;
  readonly #agent: AgentProbe | undefined;
  #open: readonly Condition[];

  constructor(
    ready: Ready,
    forward: NodeAttributes["forward"],
    node: Pick<Instance, "id" | "sensitive">,
    { ports, directories }: Pick<PlanTools, "ports" | "directories">,
  ) {
    const open: Condition[] = [];
    const shown = (name: keyof Ready, text: string) =>
      isSensitive(node.sensitive, ["ready", name]) ? "(sensitive value)" : text;
    if (ready.console) {
      const text = shown("console", JSON.stringify(ready.console));
      const miss = `${text} did not appear on its console since it was started.`;
      open.push(onConsole(text, miss, new TextSearch(ready.console)));
    }
    if (ready.console_match) {
      const text = shown("console_match", `/${ready.console_match}/`);
      const miss = `${text} matched no line of its console since it was started.`;
      open.push(onConsole(text, miss, new ExpressionSearch(ready.console_match)));
    }
    if (ready.tcp) {
      const { tcp } = ready;
      const listener = forward?.[String(tcp)];
      if (!listener) throw new Error(`port ${tcp} of ${node.id} is not forwarded`);
      const probe = new TcpProbe(ports, directories.run, node.id, listener, tcp);
      this.#probe = probe;
      open.push({
        awaited: `port ${tcp} of its guest`,
        miss: () => `Port ${tcp} of its guest (${listener.host}:${listener.port}) took no connection: ${probe.seen}.`,
        isMet: async (_, alive) => alive && (await probe.look()),
      });
    }
    if (ready.guest_agent) {
      const probe = new AgentProbe(ports, directories.run, node.id);
      this.#agent = probe;
      open.push({
        awaited: "its guest agent",
        miss: () => `Its guest agent did not answer: ${probe.seen}.`,
        isMet: async (_, alive) => alive && probe.look(),
      });
    }
    this.#open = open;
  }

  get awaited(): readonly string[] {
    return this.#open.map((one) => one.awaited);
  }

  get misses(): readonly string[] {
    return this.#open.map((one) => one.miss());
  }

  /** `fresh`: what the console has shown since the last call. True once each was met. */
  async areMet(fresh: Buffer, alive: boolean): Promise<boolean> {
    const open: Condition[] = [];
    for (const one of this.#open) if (!(await one.isMet(fresh, alive))) open.push(one);
    this.#open = open;
    return open.length === 0;
  }

  close(): void {
    this.#probe?.close();
    this.#agent?.close();
  }
}

function onConsole(text: string, miss: string, search: ConsoleSearch): Condition {
  return {
    awaited: `${text} on its console`,
    miss: () => miss,
    isMet: async (fresh) => fresh.length > 0 && (await search.take(fresh)),
  };
}
