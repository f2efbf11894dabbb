import type { Diagnostic } from "../../../src/core/diagnostics.ts";
import { errorDiagnostic } from "../../../src/core/diagnostics.ts";
import type { PlannedAttributes } from "../../../src/core/values.ts";
import { UNKNOWN } from "../../../src/core/values.ts";
import type { NodeAttributes } from "../attributes.ts";
import type { Needs } from "../offers/needs.ts";
import { consoleDevicesNeeded } from "./arguments.ts";
import { PORT_ARGUMENTS } from "./listeners.ts";
import type { ConsoleType } from "./types.ts";
import { screenOf } from "./types.ts";

const TYPES = { console: "console_type", aux: "aux_console" } as const;

/** What can be told of the consoles from the arguments alone. */
export function checkConsoles(config: PlannedAttributes): readonly Diagnostic[] {
  return [...checkPorts(config), ...checkSamePort(config), ...checkScreens(config)];
}

function checkPorts(config: PlannedAttributes): Diagnostic[] {
  return (["console", "aux"] as const).flatMap((name) => {
    const [type, port] = [TYPES[name], PORT_ARGUMENTS[name]];
    if (config[type] !== "none" || typeof config[port] !== "number") return [];
    const detail = `Without ${name === "console" ? "a console" : "an aux console"} there is nothing to serve on it. Remove ${port}${name === "console" ? "" : ', or say what it is, as in aux_console = "telnet"'}.`;
    return [errorDiagnostic(`${port} is set, but ${type} is "none"`, { detail })];
  });
}

/** Both listen at the provider's console_host. */
function checkSamePort({ console_port: console, aux_console_port: aux }: PlannedAttributes): Diagnostic[] {
  if (typeof console !== "number" || console !== aux) return [];
  const detail = "Each of the two is served on a port of its own. Give one of them another, or leave one out.";
  return [errorDiagnostic(`console_port and aux_console_port are both ${console}`, { detail })];
}

/** One machine has one screen, and QEMU serves it once by each protocol. */
function checkScreens(config: PlannedAttributes): Diagnostic[] {
  const [console, aux] = [config["console_type"], config["aux_console"]] as readonly (ConsoleType | typeof UNKNOWN)[];
  if (console === undefined || aux === undefined || console === UNKNOWN || aux === UNKNOWN) return [];
  const protocol = screenOf(console);
  if (protocol === undefined || protocol !== screenOf(aux)) return [];
  const detail = `Both are the node's screen by ${protocol.toUpperCase()}, which is served once; any number of viewers can watch it there. Remove aux_console, or make it telnet for a serial port.`;
  return [
    errorDiagnostic(`console_type is ${JSON.stringify(console)}, and aux_console ${JSON.stringify(aux)}`, { detail }),
  ];
}

/** Why a text of the console cannot be waited for; undefined where it can. */
export function whyNoText(config: PlannedAttributes): Diagnostic | undefined {
  const type = config["console_type"];
  if (typeof type !== "string" || type === "telnet") return undefined;
  const summary = `ready waits for a console text, but console_type is ${JSON.stringify(type)}`;
  if (type === "none") {
    const detail = 'There is no console to search. Use console_type = "telnet", or remove the condition.';
    return errorDiagnostic(summary, { detail });
  }
  const detail = `A screen shows a picture, in which no text can be searched, and an aux console is not searched. Use console_type = "telnet" and aux_console = ${JSON.stringify(type)}, so that the node has both, or another condition such as tcp.`;
  return errorDiagnostic(summary, { detail });
}

/** The devices that screens and the aux console need. */
export function consoleDevices(attributes: PlannedAttributes): Needs {
  const names = ["id", "platform", "machine", "console_type", "aux_console"];
  if (names.some((name) => attributes[name] === undefined || attributes[name] === UNKNOWN)) return new Map();
  const needed = consoleDevicesNeeded(attributes as unknown as NodeAttributes);
  const withType = (name: string) => `${name} = "${String(attributes[name])}"`;
  return new Map([...needed].map(([device, name]) => [device, { who: withType(name), remedy: remedy(device) }]));
}

function remedy(device: string): string {
  if (device !== "qxl-vga") return "Use another type of console, or a QEMU that was built with that device.";
  return 'SPICE may be a package of its own (on Debian and Ubuntu, where QEMU is 8 or later: qemu-system-modules-spice). Or use "vnc".';
}
