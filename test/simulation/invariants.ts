import { connects } from "../../src/core/ends.ts";
import type { Instance, State } from "../../src/core/state.ts";
import { diskFaults } from "./diskFaults.ts";
import type { Process } from "./host/processes.ts";
import { HOME, LAB, type SimulatedHost } from "./host.ts";
import { networkBridges, networkCarriers, networkFaults } from "./networkFaults.ts";
import { builtinBridge, type Carrying, ubridge } from "./programs/bridge.ts";
import { cpulimit, type Limiting } from "./programs/cpulimit.ts";
import { type Keeping, keeper } from "./programs/keeper.ts";
import { type Machine, qemu } from "./programs/qemu.ts";

/*
 * What must hold on a host, each fault as a sentence; none is none.
 */

/** At any time, also right after a kill: what runs is known, so that the next command can find it. */
export function strays(host: SimulatedHost, state: State): readonly string[] {
  const tokens = new Map<string, string>();
  for (const { address, pending, ...rest } of state.instances.values()) {
    const companions = companionsOf(rest).map(({ token }) => token);
    for (const token of [pending?.token, identityOf(rest)?.token, ...companions]) if (token) tokens.set(token, address);
  }
  const registered = registryText(host);
  return host
    .living()
    .flatMap((process) => [
      ...(tokens.has(process.token) ? [] : [`${nameOf(process)} runs, and the state knows nothing of it`]),
      ...(registered.includes(process.token) ? [] : [`${nameOf(process)} runs, and the registry knows nothing of it`]),
    ]);
}

/** Once a plan is empty: what runs is what is recorded, no more and no less, and it is connected as recorded. */
export function differences(host: SimulatedHost, state: State): readonly string[] {
  const instances = [...state.instances.values()];
  const nodes = instances.filter((one) => one.kind === "node");
  const links = instances.filter((one) => one.kind === "link");
  const networks = instances.filter((one) => one.kind === "network");
  return [
    ...strays(host, state),
    ...instances.filter((one) => one.status !== "ok" || one.pending).map((one) => `${one.address} is ${one.status}`),
    ...instances.flatMap((one) => (connects(one.kind) || powerOf(one) === "off" ? [] : processFaults(host, one))),
    ...doubles(host),
    ...limitFaults(host, nodes),
    ...nodes.flatMap((node) => nodeFaults(host, node, nodes, links, networks)),
    ...linkFaults(host, links, networks),
    ...directoryFaults(host, nodes),
    ...nodes.flatMap((node) => diskFaults(host, node)),
  ];
}

/** After destroy. A registry entry of a lineage that a power cut or kill took from the state is nobody's: only `sweep` finds it. */
export function remains(host: SimulatedHost, state: State): readonly string[] {
  const directory = host.disk.find(`${LAB}/.labform/default/nodes`);
  return [
    ...host.living().map((process) => `${nameOf(process)} still runs`),
    ...[...state.instances.keys()].map((address) => `${address} is still in the state`),
    ...[...(directory?.entries.keys() ?? [])].map((name) => `the node directory ${name} is left`),
    ...(state.registry !== "" && host.disk.find(state.registry) ? ["the registry entry is left"] : []),
  ];
}

const REGISTRY = `${HOME}/.local/state/labform/labs`;

function registryText(host: SimulatedHost): string {
  const paths = [...host.disk.contents(REGISTRY)].filter(([path]) => path.endsWith("/processes.jsonl"));
  return paths.map(([, text]) => text).join("\n");
}

export function nameOf(process: Process): string {
  const { shown } = process;
  const program = process.command.slice(process.command.lastIndexOf("/") + 1);
  if (program === "cpulimit") return `cpulimit of ${(shown as Limiting).percent} %`;
  if (process.command.endsWith("qemu-system-x86_64")) return `QEMU ${(shown as Machine).id}`;
  return process.arguments[0]?.endsWith("keeper.js") ? "the keeper" : program === "ubridge" ? program : "the bridge";
}

function identityOf(instance: Pick<Instance, "private">): { readonly pid: number; readonly token: string } | undefined {
  return (instance.private["process"] ?? undefined) as unknown as { pid: number; token: string } | undefined;
}

function companionsOf({ private: notes }: Pick<Instance, "private">): readonly { readonly token: string }[] {
  return Object.values((notes["companions"] ?? {}) as unknown as { readonly [name: string]: { token: string } });
}

function processFaults(host: SimulatedHost, instance: Instance): readonly string[] {
  const identity = identityOf(instance);
  if (!identity) return [`${instance.address} has no process in its record`];
  const process = host.table.get(identity.pid);
  const lives = process && !process.isDead && process.token === identity.token;
  return lives ? [] : [`${instance.address} is recorded as pid ${identity.pid}, which is not its process`];
}

function doubles(host: SimulatedHost): readonly string[] {
  const names = host.living().map(nameOf);
  return names.filter((name, at) => names.indexOf(name) !== at).map((name) => `${name} runs twice`);
}

/** Each node that is held down has one that does so, and nobody else has. */
function limitFaults(host: SimulatedHost, nodes: readonly Instance[]): readonly string[] {
  const shown = (pid: number, percent: number) => `pid ${pid} is held down to ${percent} %`;
  const wanted = nodes.flatMap((node) => {
    const percent = Number(node.attributes["cpu_throttling"]);
    const pid = identityOf(node)?.pid;
    return percent > 0 && pid !== undefined ? [shown(pid, percent)] : [];
  });
  const there = host.living(cpulimit).map((one) => one.shown as Limiting);
  const seen = there.map(({ pid, percent }) => shown(pid, percent));
  return [
    ...wanted.filter((one) => !seen.includes(one)).map((one) => `nobody sees to it that ${one}`),
    ...seen.filter((one) => !wanted.includes(one)).map((one) => `${one}, and should not be`),
  ];
}

function powerOf(node: Instance): string {
  return String(node.attributes["power"] ?? "on");
}

function nodeFaults(
  host: SimulatedHost,
  node: Instance,
  nodes: readonly Instance[],
  links: readonly Instance[],
  networks: readonly Instance[],
): readonly string[] {
  const machine = host
    .living(qemu as never)
    .map((one) => one.shown as Machine)
    .find((one) => one.id === node.id);
  const power = powerOf(node);
  const is = machine === undefined ? "off" : machine.status === "running" ? "on" : "suspended";
  const faults = is === power ? [] : [`${node.address} is ${is}, and its power should be ${power}`];
  const off = new Set(nodes.filter((one) => powerOf(one) === "off").map((one) => one.id));
  const live = links.filter((link) => !endsOf(link).some((end) => off.has(end.slice(0, end.lastIndexOf("/")))));
  const plugged = new Set([...live.flatMap(endsOf), ...networks.flatMap(networkCarriers)]);
  for (const [nic, up] of machine?.carriers ?? []) {
    const wanted = plugged.has(`${node.id}/${nic.slice(3)}`);
    if (up !== wanted) {
      const why = up ? "up without a link to a node that is not off" : "down with one";
      faults.push(`the carrier of ${nic} of ${node.address} is ${why}`);
    }
  }
  const kept = host
    .living(keeper)
    .flatMap((one) => [...(one.shown as Keeping).nodes])
    .find(([id]) => id === node.id)?.[1];
  for (const name of ["console", "aux", "monitor"] as const) {
    const port = (node.attributes[name] as { port?: number } | null | undefined)?.port;
    const served = kept?.ports[name];
    if (served !== port) faults.push(`the keeper serves the ${name} of ${node.address} at ${served}, not ${port}`);
  }
  return faults;
}

function endsOf(link: Instance): readonly string[] {
  return (link.attributes["endpoints"] as readonly { readonly adapter: string }[]).map((one) => one.adapter);
}

function linkFaults(host: SimulatedHost, links: readonly Instance[], networks: readonly Instance[]): readonly string[] {
  const bridges = [...host.living(builtinBridge), ...host.living(ubridge)].map((one) => one.shown as Carrying);
  const carried = new Map(bridges.flatMap((one) => [...one.bridges]));
  const wanted = new Set([...links.map(({ id }) => id), ...networks.flatMap(networkBridges)]);
  const faults = [...carried.keys()]
    .filter((name) => !wanted.has(name))
    .map((name) => `${name} is carried, and there is no such link`);
  faults.push(...networkFaults(bridges, networks));
  for (const link of links) {
    const bridge = carried.get(link.id);
    const sockets = endsOf(link).map((adapter) => adapter.replace("/", "."));
    const ends = bridge?.ends.map((end) => end.slice(end.lastIndexOf(" ") + 1));
    if (!bridge?.running || String(ends) !== String(sockets)) {
      faults.push(`${link.address} should be between ${String(sockets)}, and is between ${String(ends ?? "nothing")}`);
    }
    const { delay_ms: delay, loss_percent: loss } = link.attributes;
    const filters = [...(loss ? [`loss_${String(loss)}`] : []), ...(delay ? [`delay_${String(delay)}`] : [])];
    if (String(bridge?.filters) !== String(filters))
      faults.push(`${link.address} has the filters ${String(bridge?.filters)}, not ${String(filters)}`);
  }
  return faults;
}

function directoryFaults(host: SimulatedHost, nodes: readonly Instance[]): readonly string[] {
  const there = [...(host.disk.find(`${LAB}/.labform/default/nodes`)?.entries.keys() ?? [])].sort();
  const wanted = nodes.map((node) => node.id).sort();
  return String(there) === String(wanted)
    ? []
    : [`the node directories are ${String(there)}, and should be ${String(wanted)}`];
}
