import { join } from "node:path";
import { endsOf } from "../../../src/core/ends.ts";
import type { Cause } from "../../../src/core/plan.ts";
import type { Processes } from "../../../src/core/ports.ts";
import type { Attachment, Live, OperationContext } from "../../../src/core/provider.ts";
import type { Instance } from "../../../src/core/state.ts";
import type { Json } from "../../../src/core/values.ts";
import { companionsOf, endCompanion, recordedCompanions } from "../../shared/companions.ts";
import type { Engine } from "../engine.ts";
import { type Endpoint, endpointOf } from "./endpoint.ts";
import { deviceNio, type Nio, streamNio, udpNio } from "./nio.ts";
import { passtOf } from "./passt.ts";
import { freeUdpPorts } from "./ports.ts";
import { failProgram, type Program, startProgram } from "./program.ts";
import { type PortPair, socatNio, socatOf } from "./socat.ts";
import { endName, logOf, pidFileOf, socketOf, type Tools } from "./tools.ts";

/*
 * The ends of a link that are outside of nodes, and the programs beside them. A program is a companion of its link, named
 * by the end's position (`end0`); the loopback ports between it and the bridge stand in the link's private notes.
 */

/** Others may take a port between choosing and binding. */
const ATTEMPTS = 5;
const NOTE = "endPorts";

/** Starts what a link's outside ends need. The instance that comes back knows it. Rejects with `Failure`. */
export async function startEnds(
  context: OperationContext,
  before: Instance,
  engine: Engine,
  tools: Tools,
): Promise<Instance> {
  let instance = before;
  for (const [position, endpoint] of outsideEnds(before)) {
    if (endpoint.kind === "nat") {
      const { program } = await passtOf(instance.id, position, endpoint, tools);
      const started = await startProgram(context, instance, program, tools);
      if (started.said) {
        await endEnds(started.instance, tools);
        failProgram(context.address, program, started.said, adviceOn(started.said));
      }
      instance = started.instance;
    } else if (needsSocat(endpoint, engine)) {
      instance = await startSocat(context, instance, position, endpoint, tools);
    }
  }
  return instance;
}

/** Ends what there is of them, and takes away their files. The instance that comes back knows nothing of them. */
export async function endEnds(before: Instance, tools: Tools): Promise<Instance> {
  const { ports, host } = tools;
  const { [NOTE]: _, ...notes } = before.private;
  let instance: Instance = NOTE in before.private ? { ...before, private: notes } : before;
  for (const [name, { process }] of companionsOf(instance, ports.processes)) {
    const position = Number(name.slice(endName(0).length - 1));
    const socket = join(host.run, socketOf(instance.id, position));
    // A passt that hides its environment cannot be found by its token; it ends with its first client.
    if (!process)
      await ports.sockets.connect({ path: socket }, 1000).then(
        (client) => client.close(),
        () => {},
      );
    instance = await endCompanion(instance, ports.processes, name, "the program at its end");
    for (const file of [socketOf, logOf, pidFileOf])
      await ports.files.remove(join(host.run, file(instance.id, position)));
  }
  return instance;
}

/** A link that is whole in its bridge carries nothing where a program at its end is gone. */
export function withLostEnd(live: Live, processes: Processes): Live {
  const cause = live.condition === "present" ? lostEnd(live.instance, processes) : undefined;
  return cause ? { condition: "broken", instance: live.instance, cause } : live;
}

/** Of a program that a link cannot do without. */
export function lostEnd(instance: Instance, processes: Processes): Cause | undefined {
  for (const [name, { process }] of recordedCompanions(instance)) {
    if (process && processes.status(process) === "alive") continue;
    const what = outsideEnds(instance).find(([position]) => endName(position) === name)?.[1];
    const program = what?.kind === "nat" ? "passt" : "socat";
    const pid = process ? ` (pid ${process.pid})` : "";
    return { kind: "host", summary: `${program}${pid}, which is at its end ${name.slice(3)}, is gone` };
  }
  return undefined;
}

/** The ends as a bridge is to have them: undefined where an adapter is not there, or a program was never started. */
export function bridgedEnds(
  instance: Instance,
  engine: Engine,
  attachments: readonly (Attachment | null)[],
): readonly (Attachment | Nio | undefined)[] {
  const outside = new Map(outsideEnds(instance));
  return endsOf(instance.attributes).map((_, position) => {
    const endpoint = outside.get(position);
    return endpoint ? outsideNio(instance, engine, position, endpoint) : (attachments[position] ?? undefined);
  });
}

function outsideNio(instance: Instance, engine: Engine, position: number, endpoint: Endpoint): Nio | undefined {
  switch (endpoint.kind) {
    case "udp":
      return udpNio(endpoint.localPort, endpoint.remoteHost, endpoint.remotePort);
    case "nat":
      return streamNio(socketOf(instance.id, position));
    default: {
      if (engine === "ubridge") return deviceNio(endpoint.kind, endpoint.name);
      const ports = portsOf(instance)[endName(position)];
      return ports ? socatNio(ports) : undefined;
    }
  }
}

type Device = Extract<Endpoint, { readonly kind: "tap" | "interface" }>;

/** uBridge opens devices itself. */
function needsSocat(endpoint: Endpoint, engine: Engine): endpoint is Device {
  return engine === "builtin" && (endpoint.kind === "tap" || endpoint.kind === "interface");
}

async function startSocat(
  context: OperationContext,
  before: Instance,
  position: number,
  endpoint: Device,
  tools: Tools,
): Promise<Instance> {
  let instance = before;
  let last: { readonly program: Program; readonly said: readonly string[] } | undefined;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const ports = await freeUdpPorts(tools.ports);
    const program = await socatOf(position, endpoint, ports, tools);
    const started = await startProgram(context, withPorts(instance, position, ports), program, tools);
    instance = started.instance;
    if (!started.said) return instance;
    last = { program, said: started.said };
    if (!started.said.some((line) => line.includes("Address already in use"))) break;
  }
  await endEnds(instance, tools);
  return failProgram(context.address, (last as NonNullable<typeof last>).program, last?.said ?? []);
}

function adviceOn(said: readonly string[]): string {
  if (!said.some((line) => /routable interface|interface not usable/i.test(line))) return "";
  return "This passt needs a default route of the host. Give the host one, or a passt of 2024 or later.";
}

/** Those that are no adapters, by their position. */
function outsideEnds({ attributes }: Instance): readonly (readonly [number, Endpoint])[] {
  return endsOf(attributes).flatMap(({ endpoint }, position) => {
    const read = endpointOf(endpoint);
    return read && "endpoint" in read ? [[position, read.endpoint] as const] : [];
  });
}

function portsOf({ private: notes }: Instance): { readonly [name: string]: PortPair } {
  return (notes[NOTE] ?? {}) as unknown as { readonly [name: string]: PortPair };
}

function withPorts(instance: Instance, position: number, ports: PortPair): Instance {
  const all = { ...portsOf(instance), [endName(position)]: ports };
  return { ...instance, private: { ...instance.private, [NOTE]: all as unknown as Json } };
}
