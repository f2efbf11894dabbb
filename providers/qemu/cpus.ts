import type { Diagnostic } from "../../src/core/diagnostics.ts";
import { warningDiagnostic } from "../../src/core/diagnostics.ts";
import { rests } from "../../src/core/lifecycle.ts";
import type { Host } from "../../src/core/ports.ts";
import type { PlanRequest } from "../../src/core/provider.ts";
import { notesOf } from "./notes.ts";

/** Guests that wait for packets share a processor well; beyond this many to one they are felt. */
const GUESTS_A_PROCESSOR = 4;

/**
 * The processors that a lab's nodes ask of the host: warnings, since QEMU runs them all the same, only slowly. Given of
 * nodes that are to be started, and of all together once a run.
 */
export class CpuAccount {
  readonly #host: Host;
  /** By node id: planning a node again counts it once. */
  readonly #asked = new Map<string, number>();
  #askedInAll = 0;
  #cpu: ReturnType<Host["cpu"]> | undefined;
  #warned = false;

  constructor(host: Host) {
    this.#host = host;
  }

  async check({ id, config, prior }: PlanRequest): Promise<readonly Diagnostic[]> {
    const { cpus } = config;
    if (typeof cpus !== "number" || rests("node", config)) return [];
    const runs = prior !== null && notesOf(prior).process !== undefined && prior.attributes["cpus"] === cpus;
    this.#cpu ??= this.#host.cpu();
    const { count } = await this.#cpu;
    const found: Diagnostic[] = [];
    if (cpus > count && !runs) {
      found.push(
        warningDiagnostic(`cpus = ${cpus} is more than this host has`, {
          detail: `The host has ${count}. The node's processors take turns on them, which guests that spin notice. Give the node ${count} at most.`,
        }),
      );
    }
    this.#askedInAll += cpus - (this.#asked.get(id) ?? 0);
    this.#asked.set(id, cpus);
    if (!this.#warned && !runs && this.#askedInAll > count * GUESTS_A_PROCESSOR) {
      this.#warned = true;
      found.push(
        warningDiagnostic("The nodes have many more processors than the host", {
          detail: `Up to this node they have ${this.#askedInAll} virtual ones in all, and the host has ${count}. While many guests boot or are busy at once, each is slow; ready timeouts may be too short.`,
        }),
      );
    }
    return found;
  }
}
