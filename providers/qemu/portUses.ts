import type { Diagnostic } from "../../src/core/diagnostics.ts";
import { errorDiagnostic } from "../../src/core/diagnostics.ts";
import type { Planned } from "../../src/core/values.ts";
import { UNKNOWN } from "../../src/core/values.ts";
import type { Listener } from "./attributes.ts";
import type { PortUse } from "./userNetwork.ts";
import { clashes } from "./userNetwork.ts";

/** Which ports of the host are known to be forwarded by whom in a run: written in lab files, or chosen before. */
export class PortUses {
  readonly #byNode = new Map<string, readonly PortUse[]>();

  /** Remembers those of a node's planned `forward` that are known; an error for each that another node has. */
  add(address: string, forward: Planned): readonly Diagnostic[] {
    // Planned again, perhaps with other ports.
    this.#byNode.delete(address);
    const uses = usesIn(forward);
    const found = uses.flatMap((use) => {
      for (const [other, theirs] of this.#byNode) {
        const clash = theirs.find((one) => clashes(one, use));
        if (!clash) continue;
        const detail = `There ${clash.host} leads to port ${clash.label} of that node, and here ${use.host} is to lead to port ${use.label}. Give one of them another host_port.`;
        return [errorDiagnostic(`Port ${use.port} of this host is also forwarded by ${other}`, { detail })];
      }
      return [];
    });
    this.#byNode.set(address, uses);
    return found;
  }

  /** What must not be chosen for a node. */
  ofOthers(address: string): readonly number[] {
    return [...this.#byNode].flatMap(([other, uses]) => (other === address ? [] : uses.map(({ port }) => port)));
  }
}

function usesIn(forward: Planned): readonly PortUse[] {
  if (forward === null || forward === UNKNOWN) return [];
  return Object.entries(forward as { readonly [label: string]: Planned }).flatMap(([label, listener]) => {
    const known = listener === UNKNOWN || listener === null ? undefined : (listener as unknown as Listener);
    return known ? [{ label, host: known.host, port: known.port }] : [];
  });
}
