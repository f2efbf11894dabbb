import type { Ports } from "../../../src/core/ports.ts";
import type { HostDirectories, PlanRequest } from "../../../src/core/provider.ts";
import type { Instance } from "../../../src/core/state.ts";
import type { Planned, PlannedAttributes } from "../../../src/core/values.ts";
import { UNKNOWN } from "../../../src/core/values.ts";
import type { PortHolder } from "../../shared/portHolder.ts";
import { findHolder } from "../../shared/portHolder.ts";
import type { Listener } from "../attributes.ts";
import { listener } from "../attributes.ts";
import { notesOf } from "../notes.ts";
import type { QemuSettings } from "../settings.ts";

/** The TCP ports of a node, each by the name of the attribute that says where it is. */
export const LISTENERS = ["console", "aux", "monitor"] as const;

export type ListenerName = (typeof LISTENERS)[number];

/** The argument that fixes its port. */
export const PORT_ARGUMENTS: { readonly [name in ListenerName]: string } = {
  console: "console_port",
  aux: "aux_console_port",
  monitor: "monitor_port",
};

interface Tools {
  readonly ports: Pick<Ports, "files" | "sockets">;
  readonly directories: Pick<HostDirectories, "run">;
}

/** As far as they are known: one that is fixed, and one that was chosen before, which is kept. */
export function planListeners(
  config: PlannedAttributes,
  prior: Instance | null,
  settings: QemuSettings,
): { [name in ListenerName]: Planned } {
  return listeners(config, settings, (name) => {
    const served = prior ? (listener(prior.attributes[name]) ?? notesOf(prior)[name]) : null;
    return served ? { host: hostOf(name, settings), port: served.port } : UNKNOWN;
  });
}

/** At apply: as they were planned. One that is to be chosen is null by now, as one that is not wanted. */
export function plannedListeners(
  wanted: PlannedAttributes,
  settings: QemuSettings,
): { [name in ListenerName]: Planned } {
  return listeners(wanted, settings, (name) => wanted[name] ?? UNKNOWN);
}

function listeners(
  config: PlannedAttributes,
  settings: QemuSettings,
  otherwise: (name: ListenerName) => Planned,
): { [name in ListenerName]: Planned } {
  const plan = (name: ListenerName) => {
    const isWanted = wants(name, config, settings);
    if (isWanted !== true) return isWanted === UNKNOWN ? UNKNOWN : null;
    const fixed = config[PORT_ARGUMENTS[name]] ?? null;
    if (fixed === UNKNOWN) return UNKNOWN;
    return fixed === null ? otherwise(name) : { host: hostOf(name, settings), port: fixed };
  };
  return { console: plan("console"), aux: plan("aux"), monitor: plan("monitor") };
}

function hostOf(name: ListenerName, settings: QemuSettings): string {
  return name === "monitor" ? settings.monitor_host : settings.console_host;
}

function wants(name: ListenerName, config: PlannedAttributes, settings: QemuSettings): boolean | typeof UNKNOWN {
  if (name === "monitor") return settings.monitor;
  const type = config[name === "console" ? "console_type" : "aux_console"] ?? "none";
  return type === UNKNOWN ? UNKNOWN : type !== "none";
}

/**
 * Makes unknown what was chosen before, is not served now and has become somebody else's: another port is chosen at
 * apply. A port that the lab files fix stays.
 */
export async function giveUpTakenPorts(
  { config, prior }: PlanRequest,
  planned: { [name: string]: Planned },
  tools: Tools,
): Promise<void> {
  for (const name of LISTENERS) {
    const port = knownListener(planned[name]);
    const isChosen = (config[PORT_ARGUMENTS[name]] ?? null) === null;
    if (!port || !isChosen || isServed(prior, name, port)) continue;
    if (!(await isFree(port, tools))) planned[name] = UNKNOWN;
  }
}

/** As the last look found it. */
function isServed(prior: Instance | null, name: ListenerName, { host, port }: Listener): boolean {
  const served = listener(prior?.attributes[name]);
  return served?.host === host && served.port === port;
}

export function knownListener(planned: Planned | undefined): Listener | undefined {
  return planned === UNKNOWN ? undefined : (listener(planned as never) ?? undefined);
}

/** Who listens on a port, where that is nobody of this lab. */
export async function strangerAt(place: Listener, tools: Tools): Promise<PortHolder | undefined> {
  if (await isFree(place, tools)) return undefined;
  const { ports, directories } = tools;
  const holder = await findHolder(ports.files, place.port);
  return holder && (directories.run === "" || holder.directory !== directories.run) ? holder : undefined;
}

/** An address that this host does not have is told of when the port is to be served. */
async function isFree({ host, port }: Listener, { ports }: Tools): Promise<boolean> {
  return await ports.sockets.isPortFree(host, port).catch(() => true);
}
