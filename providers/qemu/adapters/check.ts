import type { Diagnostic } from "../../../src/core/diagnostics.ts";
import { errorDiagnostic } from "../../../src/core/diagnostics.ts";
import type { Path, Planned, PlannedAttributes } from "../../../src/core/values.ts";
import { formatPath } from "../../../src/core/values.ts";
import { formatMac, isGroupMac, parseMac } from "../mac.ts";
import { faultInFormat } from "./portNames.ts";
import { writtenAdapters } from "./written.ts";

/** What can be told of network adapters from the arguments alone. */
export function checkAdapters(config: PlannedAttributes, sensitive: readonly Path[]): readonly Diagnostic[] {
  const shown = sensitive.flatMap(refuseHidden);
  if (shown.length > 0) return shown;
  const found = [
    ...checkType("adapter_type", config["adapter_type"]),
    ...checkBase(config),
    ...checkFormat(config["port_name_format"]),
    ...checkName("first_port_name", config["first_port_name"]),
  ];
  for (const [label, { type, mac_address: mac, name }] of writtenAdapters(config)) {
    const block = `of the block adapter ${JSON.stringify(label)}`;
    found.push(...checkLabel(label, config["adapters"]), ...checkType(`type ${block}`, type));
    found.push(...checkOwnMac(`mac_address ${block}`, mac), ...checkName(`name ${block}`, name));
  }
  return found;
}

const PUBLIC = ["adapter_type", "mac_address", "port_name_format", "port_segment_size", "first_port_name"];

/** All of them stand on QEMU's command line, or in references. */
function refuseHidden(path: Path): Diagnostic[] {
  const [name, , argument] = path;
  const isBlock = name === "adapter_settings" && argument !== "user_network";
  if (!isBlock && !(path.length === 1 && PUBLIC.includes(String(name)))) return [];
  if (path.length < 3 && isBlock) return [];
  return [
    errorDiagnostic(`${formatPath(path)} is sensitive, and cannot be hidden`, {
      detail:
        "What an adapter is, its address and its name show on QEMU's command line and in the plan. Use a value that is not sensitive, or say that it may be seen with nonsensitive(…).",
    }),
  ];
}

/** It goes into one of QEMU's option groups. */
function checkType(what: string, type: Planned | undefined): Diagnostic[] {
  if (typeof type !== "string" || /^[A-Za-z0-9._-]+$/.test(type)) return [];
  const detail = "It must be a device name such as e1000, without properties.";
  return [errorDiagnostic(`${what} is ${JSON.stringify(type)}`, { detail })];
}

function checkLabel(label: string, adapters: Planned | undefined): Diagnostic[] {
  if (!/^(0|[1-9]\d{0,3})$/.test(label)) {
    const detail = 'The label is the adapter\'s number, from 0 on, as in adapter "0" { … }.';
    return [errorDiagnostic(`adapter ${JSON.stringify(label)} is no number of an adapter`, { detail })];
  }
  if (typeof adapters !== "number" || Number(label) < adapters) return [];
  const has = adapters === 0 ? "none" : adapters === 1 ? "one, number 0" : `${adapters}, 0 to ${adapters - 1}`;
  const detail = `Of adapters it has ${has}. Raise its argument "adapters", or remove the block.`;
  return [errorDiagnostic(`adapter ${JSON.stringify(label)} is beyond what the node has`, { detail })];
}

function checkBase({ mac_address: text, adapters }: PlannedAttributes): Diagnostic[] {
  if (typeof text !== "string") return [];
  const mac = parseMac(text);
  const last = mac === undefined ? 0 : mac + Math.max(0, (typeof adapters === "number" ? adapters : 1) - 1);
  const fault = faultOfMac("mac_address", text);
  if (fault.length > 0 || mac === undefined || (!isGroupMac(last) && last < 2 ** 48)) return fault;
  return [groupAddress(`mac_address ${text}`, `what adapter ${last - mac} would have`)];
}

function checkOwnMac(what: string, mac: Planned): Diagnostic[] {
  return typeof mac === "string" ? faultOfMac(what, mac) : [];
}

function faultOfMac(what: string, text: string): Diagnostic[] {
  const mac = parseMac(text);
  if (mac === undefined) {
    const detail = "It must be six octets, as in 02:00:5e:10:00:01.";
    return [errorDiagnostic(`${what} is no MAC address: ${JSON.stringify(text)}`, { detail })];
  }
  if (mac === 0) {
    const detail = "QEMU would take another in its place. Use one such as 02:00:5e:10:00:01, or leave it out.";
    return [errorDiagnostic(`${what} is all zeros`, { detail })];
  }
  return isGroupMac(mac) ? [groupAddress(`${what} ${text}`, formatMac(mac))] : [];
}

function groupAddress(what: string, which: string): Diagnostic {
  return errorDiagnostic(`${what} gives an adapter a group address`, {
    detail: `The lowest bit of the first octet marks multicast, and no adapter may have such an address: ${which}. Use a first octet such as 02.`,
  });
}

function checkFormat(format: Planned | undefined): Diagnostic[] {
  if (typeof format !== "string") return [];
  const fault = faultInFormat(format);
  if (fault === undefined) return checkName("port_name_format", format);
  return [
    errorDiagnostic(`port_name_format has no meaning for ${JSON.stringify(fault)}`, {
      detail:
        "Placeholders are {0} or {port0} for the number of the port in its segment, {1} or {segment0} for that of the segment, both counted from 0 ({port1} and {segment1} from 1, and so on to 9), and {adapter} for that of the adapter. {0:02d} is filled up with zeros; a brace itself is written twice.",
    }),
  ];
}

function checkName(what: string, name: Planned | undefined): Diagnostic[] {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  if (typeof name !== "string" || /^[^\u0000-\u001f\u007f]+$/.test(name)) return [];
  const detail = "It must have letters, and may have no control characters.";
  return [errorDiagnostic(`${what} is no name: ${JSON.stringify(name)}`, { detail })];
}
