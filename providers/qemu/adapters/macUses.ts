import type { Diagnostic } from "../../../src/core/diagnostics.ts";
import { errorDiagnostic } from "../../../src/core/diagnostics.ts";
import type { Planned } from "../../../src/core/values.ts";

interface MacUse {
  readonly address: string;
  readonly adapter: number;
}

/** Which adapter of the lab has which MAC address, as far as they were planned in this run. */
export class MacUses {
  readonly #byMac = new Map<string, MacUse>();
  readonly #byNode = new Map<string, readonly string[]>();

  /** Remembers those of a node's planned `adapter` that are known; an error for each node that has one of them too. */
  add(address: string, adapters: Planned): readonly Diagnostic[] {
    // Planned again, perhaps with others.
    for (const mac of this.#byNode.get(address) ?? []) this.#byMac.delete(mac);
    const clashes = new Map<string, Diagnostic>();
    const own: string[] = [];
    for (const [adapter, mac] of macsOf(adapters).entries()) {
      if (mac === undefined) continue;
      const other = this.#byMac.get(mac);
      if (!other) {
        this.#byMac.set(mac, { address, adapter });
        own.push(mac);
      } else if (other.address !== address && !clashes.has(other.address)) {
        clashes.set(other.address, clash(mac, adapter, other));
      }
    }
    this.#byNode.set(address, own);
    return [...clashes.values()];
  }
}

function clash(mac: string, adapter: number, other: MacUse): Diagnostic {
  return errorDiagnostic(
    `MAC address ${mac} of adapter ${adapter} is that of adapter ${other.adapter} of ${other.address} too`,
    {
      detail:
        "Two adapters of one address take each other's frames. Change mac_address of one of the nodes, adapter n has it plus n, or leave it out: then labform gives each node addresses of its own.",
    },
  );
}

function macsOf(adapters: Planned): readonly (string | undefined)[] {
  if (!Array.isArray(adapters)) return [];
  return (adapters as readonly { readonly mac_address: Planned }[]).map(({ mac_address: mac }) =>
    typeof mac === "string" ? mac : undefined,
  );
}
