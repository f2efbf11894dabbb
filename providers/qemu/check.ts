import type { Diagnostic } from "../../src/core/diagnostics.ts";
import { errorDiagnostic } from "../../src/core/diagnostics.ts";
import type { Path, Planned, PlannedAttributes } from "../../src/core/values.ts";
import { isSensitive } from "../../src/core/values.ts";
import { checkAdapters } from "./adapters/check.ts";
import type { Ready } from "./attributes.ts";
import { checkConsoles, whyNoText } from "./consoles/check.ts";
import { checkDisks } from "./disks/check.ts";
import { checkFirmware } from "./firmware/check.ts";
import { checkSecretCommandLine } from "./firmware/commandLine.ts";
import { consoleExpression } from "./node/consoleSearch.ts";
import { checkCpus } from "./offers/check.ts";
import { checkSeeds } from "./seeds/check.ts";
import { checkForwards, forwardsTcp } from "./userNetwork.ts";

/**
 * What can be told from the arguments alone. Also what keeps a lab file from adding options to QEMU's: machine,
 * adapter_type, cpu_model and boot_priority go into option groups as they are, so they may hold nothing else. `sensitive`: as in
 * `PlanRequest`.
 */
export function checkArguments(config: PlannedAttributes, sensitive: readonly Path[] = []): readonly Diagnostic[] {
  return [
    ...checkPattern(config, "machine", /^[A-Za-z0-9._-]+$/, "a machine type such as pc or q35, without properties"),
    ...checkPattern(
      config,
      "cpu_model",
      /^[A-Za-z0-9._-]+(,[+-]?[A-Za-z0-9._-]+(=[A-Za-z0-9._-]+)?)*$/,
      "a CPU model such as host or qemu64,+ssse3",
    ),
    ...checkPattern(config, "boot_priority", /^(?!.*(.).*\1)[acdn]+$/, "the letters a, c, d and n, each once at most"),
    ...checkAdapters(config, sensitive),
    ...checkCpus(config),
    ...checkBoot(config),
    ...checkFirmware(config),
    ...checkSecretCommandLine(config, sensitive),
    ...checkSeeds(config),
    ...checkText(config),
    ...checkConsoles(config),
    ...checkDisks(config),
    ...checkReady(config, sensitive),
    ...checkForwards(config),
  ];
}

function checkPattern(config: PlannedAttributes, name: string, pattern: RegExp, expected: string): Diagnostic[] {
  const value = config[name];
  if (typeof value !== "string" || pattern.test(value)) return [];
  return [errorDiagnostic(`${name} is ${JSON.stringify(value)}`, { detail: `It must be ${expected}.` })];
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
  return ["bios_image", "kernel_image", "initrd", "cdrom_image", "kernel_command_line", "qemu_binary"]
    .filter((name) => typeof config[name] === "string" && config[name].includes("\0"))
    .map((name) => errorDiagnostic(`${name} contains a zero character`, { detail: "No program can be given one." }));
}

function checkReady(config: PlannedAttributes, sensitive: readonly Path[]): Diagnostic[] {
  const { ready } = config;
  if (ready === null || ready === undefined || typeof ready !== "object") return [];
  const {
    console,
    console_match: match,
    tcp,
    guest_agent: agent,
  } = ready as { readonly [name in keyof Ready]: Planned };
  const found: Diagnostic[] = [];
  if (![console, match, tcp, agent].some((one) => one !== null && one !== undefined && one !== "" && one !== false)) {
    const detail = 'Say what must appear, as in console = "login:", or remove the block.';
    found.push(errorDiagnostic("ready has no condition", { detail }));
  }
  const noText = console || match ? whyNoText(config) : undefined;
  if (noText) found.push(noText);
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
