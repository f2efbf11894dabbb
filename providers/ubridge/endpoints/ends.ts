import { join } from "node:path";
import { endsOf } from "../../../src/core/ends.ts";
import type { Cause } from "../../../src/core/plan.ts";
import type { Processes } from "../../../src/core/ports.ts";
import type { Attachment, Live, OperationContext } from "../../../src/core/provider.ts";
import type { Instance } from "../../../src/core/state.ts";
import type { Json } from "../../../src/core/values.ts";
import { companionsOf, endCompanion, recordedCompanions } from "../../shared/companions.ts";
import type { Engine } from "../engine.ts";
import { digestOf, type Endpoint, endpointOf } from "./endpoint.ts";
import type { Nat } from "./nat.ts";
import { deviceNio, type Nio, streamNio, udpNio } from "./nio.ts";
import { passtOf } from "./passt.ts";
import { freeUdpPorts } from "./ports.ts";
import { failProgram, type Program, startProgram } from "./program.ts";
import { type PortPair, socatNio, socatOf } from "./socat.ts";
import { logOf, pidFileOf, socketOf, type Tools } from "./tools.ts";
import { userNetworkOf } from "./userNetwork.ts";

/*
 * The ends of a link or network that are outside of nodes, and the programs beside them. A program is a companion: of a
 * link named by the end's position (`end0`); of a network, whose ends come and go while others stay, by its port and what
 * it ends at. The loopback ports between it and the bridge stand in the private notes.
 */

/** Others may take a port between choosing and binding. */
const ATTEMPTS = 5;
const NOTE = "endPorts";

/** An end that is no adapter. */
interface OutsideEnd {
  /** Its companion's. */
  readonly name: string;
  /** Among all ends. */
  readonly position: number;
  /** The port of a network that it is at, by its label. */
  readonly port: string | null;
  readonly endpoint: Endpoint;
}

/** Starts what outside ends need and have not. The instance that comes back knows it. Rejects with `Failure`. */
export async function startEnds(
  context: OperationContext,
  before: Instance,
  engine: Engine,
  tools: Tools,
): Promise<Instance> {
  const there = recordedCompanions(before);
  let instance = before;
  for (const { name, endpoint } of outsideEnds(before)) {
    if (there.has(name)) continue;
    const started =
      endpoint.kind === "nat"
        ? await startNat(context, instance, name, endpoint, tools)
        : needsSocat(endpoint, engine)
          ? await startSocat(context, instance, name, endpoint, tools)
          : { instance };
    instance = started.instance;
    if (!started.refused) continue;
    await endStarted(before, instance, tools);
    failProgram(context.address, started.refused.program, started.refused.said, adviceOn(started.refused.said));
  }
  return instance;
}

/** Ends what `after` has and `before` had not. */
export async function endStarted(before: Instance, after: Instance, tools: Tools): Promise<void> {
  const there = recordedCompanions(before);
  await endEnds(after, tools, (name) => !there.has(name));
}

/** Ends what there is of them, and takes away their files. The instance that comes back knows nothing of them. */
export async function endEnds(
  before: Instance,
  tools: Tools,
  which: (name: string) => boolean = () => true,
): Promise<Instance> {
  const { ports, host } = tools;
  let instance = before;
  for (const [name, { process }] of companionsOf(instance, ports.processes)) {
    if (!which(name)) continue;
    const socket = join(host.run, socketOf(instance.id, name));
    // A passt that hides its environment cannot be found by its token; it ends with its first client.
    if (!process)
      await ports.sockets.connect({ path: socket }, 1000).then(
        (client) => client.close(),
        () => {},
      );
    instance = withoutPorts(await endCompanion(instance, ports.processes, name, "the program at its end"), name);
    for (const file of [socketOf, logOf, pidFileOf]) await ports.files.remove(join(host.run, file(instance.id, name)));
  }
  return instance;
}

/** A link that is whole in its bridge carries nothing where a program at its end is gone. */
export function withLostEnd(live: Live, processes: Processes): Live {
  const cause = live.condition === "present" ? lostEnd(live.instance, processes) : undefined;
  return cause ? { condition: "broken", instance: live.instance, cause } : live;
}

/** Of a program that it cannot do without. */
export function lostEnd(instance: Instance, processes: Processes): Cause | undefined {
  const there = recordedCompanions(instance);
  const lost = outsideEnds(instance).find(({ name }) => there.has(name) && !lives(instance, name, processes));
  if (!lost) return undefined;
  const { name, position, port, endpoint } = lost;
  const program = endpoint.kind !== "nat" ? "socat" : instance.kind === "network" ? "the QEMU of nat" : "passt";
  const process = there.get(name)?.process;
  const pid = process ? ` (pid ${process.pid})` : "";
  const place = port === null ? `its end ${position}` : `its port ${JSON.stringify(port)}`;
  return { kind: "host", summary: `${program}${pid}, which is at ${place}, is gone` };
}

/** Positions of the outside ends that are as they should be, beside a bridge that is the built-in one. */
export function soundEnds(instance: Instance, processes: Processes): ReadonlyMap<number, string> {
  const sound = outsideEnds(instance).filter(
    ({ name, endpoint }) => endpoint.kind === "udp" || lives(instance, name, processes),
  );
  return new Map(sound.map(({ position, name }) => [position, name]));
}

function lives(instance: Instance, name: string, processes: Processes): boolean {
  const process = recordedCompanions(instance).get(name)?.process;
  return process !== undefined && processes.status(process) === "alive";
}

/** The ends as a bridge is to have them: undefined where an adapter is not there, or a program was never started. */
export function bridgedEnds(
  instance: Instance,
  engine: Engine,
  attachments: readonly (Attachment | null)[],
): readonly (Attachment | Nio | undefined)[] {
  const outside = new Map(outsideEnds(instance).map((one) => [one.position, one]));
  return endsOf(instance.attributes).map((_, position) => {
    const end = outside.get(position);
    return end ? outsideNio(instance, engine, end) : (attachments[position] ?? undefined);
  });
}

function outsideNio(instance: Instance, engine: Engine, { name, endpoint }: OutsideEnd): Nio | undefined {
  switch (endpoint.kind) {
    case "udp":
      return udpNio(endpoint.localPort, endpoint.remoteHost, endpoint.remotePort);
    case "nat":
      return streamNio(socketOf(instance.id, name));
    default: {
      if (engine === "ubridge") return deviceNio(endpoint.kind, endpoint.name);
      const ports = pairsOf(instance)[name];
      return ports ? socatNio(ports) : undefined;
    }
  }
}

type Device = Extract<Endpoint, { readonly kind: "tap" | "interface" }>;

/** uBridge opens devices itself. */
function needsSocat(endpoint: Endpoint, engine: Engine): endpoint is Device {
  return engine === "builtin" && (endpoint.kind === "tap" || endpoint.kind === "interface");
}

/** A program that did not come to serve is `refused`, and ended. */
interface Started {
  readonly instance: Instance;
  readonly refused?: { readonly program: Program; readonly said: readonly string[] };
}

async function startNat(
  context: OperationContext,
  before: Instance,
  name: string,
  nat: Nat,
  tools: Tools,
): Promise<Started> {
  const program = await (before.kind === "network" ? userNetworkOf : passtOf)(before.id, name, nat, tools);
  const { instance, said } = await startProgram(context, before, program, tools);
  return said ? { instance, refused: { program, said } } : { instance };
}

async function startSocat(
  context: OperationContext,
  before: Instance,
  name: string,
  device: Device,
  tools: Tools,
): Promise<Started> {
  let started: Started = { instance: before };
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const ports = await freeUdpPorts(tools.ports);
    const program = await socatOf(name, device, ports, tools);
    const { instance, said } = await startProgram(context, withPorts(started.instance, name, ports), program, tools);
    if (!said) return { instance };
    started = { instance, refused: { program, said } };
    if (!said.some((line) => line.includes("Address already in use"))) break;
  }
  return started;
}

function adviceOn(said: readonly string[]): string {
  if (!said.some((line) => /routable interface|interface not usable/i.test(line))) return "";
  return "This passt needs a default route of the host. Give the host one, or a passt of 2024 or later.";
}

function outsideEnds({ kind, attributes }: Instance): readonly OutsideEnd[] {
  return endsOf(attributes).flatMap(({ port, endpoint: recorded }, position) => {
    const read = endpointOf(recorded);
    if (!read || !("endpoint" in read)) return [];
    const name = kind === "network" ? `end-${digestOf([port, recorded])}` : `end${position}`;
    return [{ name, position, port, endpoint: read.endpoint }];
  });
}

function pairsOf({ private: notes }: Instance): { readonly [name: string]: PortPair } {
  return (notes[NOTE] ?? {}) as unknown as { readonly [name: string]: PortPair };
}

function withPorts(instance: Instance, name: string, ports: PortPair): Instance {
  const all = { ...pairsOf(instance), [name]: ports };
  return { ...instance, private: { ...instance.private, [NOTE]: all } };
}

function withoutPorts(instance: Instance, name: string): Instance {
  const { [NOTE]: _, ...notes } = instance.private;
  const { [name]: __, ...others } = pairsOf(instance);
  const left = Object.keys(others).length > 0 ? { [NOTE]: others as unknown as Json } : {};
  return { ...instance, private: { ...notes, ...left } };
}
