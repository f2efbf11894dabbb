import type { Diagnostic } from "../../src/core/diagnostics.ts";
import { errorDiagnostic } from "../../src/core/diagnostics.ts";
import type { Path, Planned, PlannedAttributes } from "../../src/core/values.ts";
import { isSensitive } from "../../src/core/values.ts";
import type { Ready } from "./attributes.ts";
import { checkDisks } from "./disks/check.ts";
import { formatMac, isGroupMac, parseMac } from "./mac.ts";
import { consoleExpression } from "./node/consoleSearch.ts";
import { checkAdapterSettings, forwardsTcp } from "./userNetwork.ts";

/**
 * What can be told from the arguments alone. Also what keeps a lab file from adding options to QEMU's: machine,
 * adapter_type, cpu_model and boot_priority go into option groups as they are, so they may hold nothing else. `sensitive`: as in
 * `PlanRequest`.
 */
export function checkArguments(config: PlannedAttributes, sensitive: readonly Path[] = []): readonly Diagnostic[] {
  return [
    ...checkPattern(config, "machine", /^[A-Za-z0-9._-]+$/, "a machine type such as pc or q35, without properties"),
    ...checkPattern(config, "adapter_type", /^[A-Za-z0-9._-]+$/, "a device name such as e1000, without properties"),
    ...checkPattern(
      config,
      "cpu_model",
      /^[A-Za-z0-9._-]+(,[+-]?[A-Za-z0-9._-]+(=[A-Za-z0-9._-]+)?)*$/,
      "a CPU model such as host or qemu64,+ssse3",
    ),
    ...checkPattern(config, "boot_priority", /^(?!.*(.).*\1)[acdn]+$/, "the letters a, c, d and n, each once at most"),
    ...checkMac(config),
    ...checkBoot(config),
    ...checkText(config),
    ...checkConsole(config),
    ...checkDisks(config),
    ...checkReady(config, sensitive),
    ...checkAdapterSettings(config),
  ];
}

function checkPattern(config: PlannedAttributes, name: string, pattern: RegExp, expected: string): Diagnostic[] {
  const value = config[name];
  if (typeof value !== "string" || pattern.test(value)) return [];
  return [errorDiagnostic(`${name} is ${JSON.stringify(value)}`, { detail: `It must be ${expected}.` })];
}

function checkMac(config: PlannedAttributes): Diagnostic[] {
  const { mac_address: text, adapters } = config;
  if (typeof text !== "string") return [];
  const mac = parseMac(text);
  if (mac === undefined) {
    const detail = "It must be six octets, as in 02:00:5e:10:00:01.";
    return [errorDiagnostic(`mac_address is no MAC address: ${JSON.stringify(text)}`, { detail })];
  }
  const last = mac + Math.max(0, (typeof adapters === "number" ? adapters : 1) - 1);
  if (!isGroupMac(mac) && !isGroupMac(last) && last < 2 ** 48) return [];
  const which = isGroupMac(mac) ? formatMac(mac) : `what adapter ${last - mac} would have`;
  return [
    errorDiagnostic(`mac_address ${text} gives an adapter a group address`, {
      detail: `The lowest bit of the first octet marks multicast, and no adapter may have such an address: ${which}. Use a first octet such as 02.`,
    }),
  ];
}

function checkBoot(config: PlannedAttributes): Diagnostic[] {
  if (config["kernel_image"] !== null) return [];
  return ["initrd", "kernel_command_line"]
    .filter((name) => typeof config[name] === "string")
    .map((name) =>
      errorDiagnostic(`${name} without kernel_image`, {
        detail: `Only a kernel that QEMU boots itself is given ${name === "initrd" ? "an initrd" : "a command line"}. Set kernel_image, or remove ${name}.`,
      }),
    );
}

/** An argument of a program ends at a zero byte. */
function checkText(config: PlannedAttributes): Diagnostic[] {
  return ["kernel_image", "initrd", "kernel_command_line", "qemu_binary"]
    .filter((name) => typeof config[name] === "string" && config[name].includes("\0"))
    .map((name) => errorDiagnostic(`${name} contains a zero character`, { detail: "No program can be given one." }));
}

function checkConsole(config: PlannedAttributes): Diagnostic[] {
  if (config["console_type"] !== "none" || typeof config["console_port"] !== "number") return [];
  const detail = "Without a console there is nothing to serve on it. Remove console_port.";
  return [errorDiagnostic('console_port is set, but console_type is "none"', { detail })];
}

function checkReady(config: PlannedAttributes, sensitive: readonly Path[]): Diagnostic[] {
  const { ready, console_type: type } = config;
  if (ready === null || ready === undefined || typeof ready !== "object") return [];
  const { console, console_match: match, tcp } = ready as { readonly [name in keyof Ready]: Planned };
  const found: Diagnostic[] = [];
  if (![console, match, tcp].some((one) => one !== null && one !== undefined && one !== "")) {
    const detail = 'Say what must appear, as in console = "login:", or remove the block.';
    found.push(errorDiagnostic("ready has no condition", { detail }));
  }
  if (type === "none" && (console || match)) {
    const detail = 'There is no console to search. Use console_type = "telnet", or remove the condition.';
    found.push(errorDiagnostic('ready waits for a console text, but console_type is "none"', { detail }));
  }
  if (typeof match === "string") {
    found.push(...checkExpression(match, isSensitive(sensitive, ["ready", "console_match"])));
  }
  if (typeof tcp === "number" && !forwardsTcp(config, tcp)) {
    const detail = `Only through one is a port of the guest reached from here. Add forward "${tcp}" {} to the user_network block of an adapter "0" block, or remove the condition.`;
    found.push(
      errorDiagnostic(`ready.tcp is ${tcp}, but no adapter has a user_network that forwards ${tcp}`, { detail }),
    );
  }
  return found;
}

function checkExpression(text: string, isHidden: boolean): Diagnostic[] {
  const why = consoleExpression(text);
  if (typeof why !== "string") return [];
  const shown = isHidden ? "(sensitive value)" : JSON.stringify(text);
  const detail = `It has a fault: ${why}. Expressions are RE2's: letters, digits and most punctuation stand for themselves; . * + ? ( ) [ ] { } | ^ $ and \\ must have a backslash before them to do so. There is no looking ahead or behind.`;
  return [errorDiagnostic(`ready.console_match is no regular expression: ${shown}`, { detail })];
}
