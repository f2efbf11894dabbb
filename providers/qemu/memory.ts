import type { Diagnostic } from "../../src/core/diagnostics.ts";
import { errorDiagnostic, warningDiagnostic } from "../../src/core/diagnostics.ts";
import { rests } from "../../src/core/lifecycle.ts";
import type { Host } from "../../src/core/ports.ts";
import type { PlanRequest } from "../../src/core/provider.ts";
import { notesOf } from "./notes.ts";

const MIB = 1024 * 1024;

/**
 * The memory that a run's nodes ask of the host. One that cannot fit is an error; that all of them together pass what
 * is free now is a warning, given once, since guests seldom touch all they have.
 */
export class MemoryAccount {
  readonly #host: Host;
  /** MiB beyond what runs already, by node id: planning a node again counts it once. */
  readonly #asked = new Map<string, number>();
  #askedInAll = 0;
  #memory: ReturnType<Host["memory"]> | undefined;
  #warned = false;

  constructor(host: Host) {
    this.#host = host;
  }

  async check(request: PlanRequest): Promise<readonly Diagnostic[]> {
    const { ram } = request.config;
    if (typeof ram !== "number" || rests("node", request.config)) return [];
    this.#memory ??= this.#host.memory();
    const { totalBytes, availableBytes } = await this.#memory;
    if (ram * MIB > totalBytes) {
      return [
        errorDiagnostic(`ram = ${ram} MiB is more than this host has`, {
          detail: `The host has ${Math.floor(totalBytes / MIB)} MiB in all. Give the node less, or use a larger host.`,
        }),
      ];
    }
    const asked = Math.max(0, ram - alreadyTaken(request));
    this.#askedInAll += asked - (this.#asked.get(request.id) ?? 0);
    this.#asked.set(request.id, asked);
    if (this.#warned || asked === 0 || this.#askedInAll * MIB <= availableBytes) return [];
    this.#warned = true;
    return [
      warningDiagnostic("The nodes to be started may need more memory than is free", {
        detail: `Up to this node they may use ${this.#askedInAll} MiB, and ${Math.floor(availableBytes / MIB)} MiB are free. If guests use all they have, the host swaps or kills one of them.`,
      }),
    ];
  }
}

function alreadyTaken({ prior }: PlanRequest): number {
  const ram = prior?.attributes["ram"];
  return prior && notesOf(prior).process && typeof ram === "number" ? ram : 0;
}
