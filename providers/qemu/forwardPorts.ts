import { createHash } from "node:crypto";
import { fail } from "../../src/core/diagnostics.ts";
import type { Ports } from "../../src/core/ports.ts";
import type { HostDirectories } from "../../src/core/provider.ts";
import type { Instance } from "../../src/core/state.ts";
import { portHolder } from "../shared/portHolder.ts";
import type { Listener } from "./attributes.ts";
import { forwardsFile } from "./names.ts";
import { PortUses } from "./portUses.ts";
import { parseGuestPort } from "./userNetwork.ts";

export type Forwarded = { readonly [label: string]: Listener };
type Node = Pick<Instance, "id" | "address">;
/** A port that is null is to be chosen. */
export type Wanted = { readonly [label: string]: { readonly host: string; readonly port: number | null } };

/**
 * Chooses the host's ports for what user networks forward. QEMU binds them itself, and only while it runs, so what was
 * chosen stands in a file of the run directory: no other node of the lab is given it. Where the search begins hangs on
 * the node's id: another machine most likely chooses the same ports, and another lab others.
 */
export class ForwardPorts {
  readonly uses = new PortUses();
  readonly #ports: Pick<Ports, "files" | "sockets">;
  readonly #run: string;
  #chosen: Promise<Map<string, readonly number[]>> | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(ports: Pick<Ports, "files" | "sockets">, { run }: Pick<HostDirectories, "run">) {
    this.#ports = ports;
    this.#run = run;
  }

  /**
   * Rejects with `Failure` when the range has no free port left, and when the host has no such address. Of several
   * callers one chooses at a time.
   */
  choose(node: Node, wanted: Wanted, range: readonly [number, number]): Promise<Forwarded> {
    const turn = this.#last.then(() => this.#choose(node, wanted, range));
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async #choose({ id, address }: Node, wanted: Wanted, range: readonly [number, number]): Promise<Forwarded> {
    this.#chosen ??= this.#read();
    const chosen = await this.#chosen;
    const others = [...chosen].flatMap(([node, ports]) => (node === id ? [] : ports));
    const taken = new Set([...others, ...this.uses.ofOthers(address)]);
    for (const { port } of Object.values(wanted)) if (port !== null) taken.add(port);
    const forwarded: { [label: string]: Listener } = {};
    for (const [label, { host, port }] of Object.entries(wanted)) {
      const chosenPort = port ?? (await this.#free(`${id} ${label}`, address, host, range, taken));
      forwarded[label] = { host, port: chosenPort };
      taken.add(chosenPort);
    }
    const ports = Object.values(forwarded).map((one) => one.port);
    await this.#ports.files.write(`${this.#run}/${forwardsFile(id)}`, `${JSON.stringify(ports)}\n`, 0o600);
    chosen.set(id, ports);
    return forwarded;
  }

  async #free(
    seed: string,
    address: string,
    host: string,
    [low, high]: readonly [number, number],
    taken: ReadonlySet<number>,
  ): Promise<number> {
    const count = high - low + 1;
    const first = createHash("sha256").update(seed).digest().readUInt32BE() % count;
    for (let step = 0; step < count; step++) {
      const port = low + ((first + step) % count);
      if (!taken.has(port) && (await isFree(this.#ports, address, host, port))) return port;
    }
    return fail(`No port from ${low} to ${high} of ${host} is free to be forwarded`, {
      detail:
        'Set another range with forward_ports in provider "qemu", or the port itself with host_port in the forward block.',
    });
  }

  async #read(): Promise<Map<string, readonly number[]>> {
    const ending = forwardsFile("");
    const chosen = new Map<string, readonly number[]>();
    for (const name of await this.#ports.files.list(this.#run)) {
      if (!name.endsWith(ending)) continue;
      const text = await this.#ports.files.readText(`${this.#run}/${name}`);
      chosen.set(name.slice(0, -ending.length), portsIn(text));
    }
    return chosen;
  }
}

/** A file that a power cut left empty or half written says nothing. */
function portsIn(text: string): readonly number[] {
  try {
    const ports: unknown = JSON.parse(text);
    return Array.isArray(ports) ? ports.filter((one): one is number => typeof one === "number") : [];
  } catch {
    return [];
  }
}

/**
 * Before QEMU is started: its own message does not say who has the port. UDP ports are left to QEMU. Rejects with
 * `Failure`.
 */
export async function refuseTakenPorts(
  ports: Pick<Ports, "files" | "sockets">,
  address: string,
  forwarded: Forwarded,
): Promise<void> {
  for (const [label, { host, port }] of Object.entries(forwarded)) {
    if (parseGuestPort(label)?.protocol !== "tcp" || (await isFree(ports, address, host, port))) continue;
    const holder = await portHolder(ports.files, port);
    fail(`Port ${port} of ${host}, which is to lead to port ${label} of ${address}, cannot be listened on`, {
      address,
      detail: `${holder ? `It is held by ${holder}.` : "This account may not listen there."} Free it, or set another with host_port in the forward block.`,
    });
  }
}

async function isFree(ports: Pick<Ports, "sockets">, address: string, host: string, port: number): Promise<boolean> {
  try {
    return await ports.sockets.isPortFree(host, port);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EADDRNOTAVAIL") throw cause;
    return fail(`${host}, where ports of ${address} are to be forwarded from, is no address of this host`, {
      address,
      detail: "Set another with host in the forward block; 127.0.0.1 is always there.",
      cause,
    });
  }
}
