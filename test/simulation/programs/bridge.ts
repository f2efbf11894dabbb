import { parseFilter } from "../../../providers/ubridge/builtin/filters.ts";
import { tokenize } from "../../../providers/ubridge/builtin/tokens.ts";
import type { End } from "../host/network.ts";
import type { Process } from "../host/processes.ts";
import { SimulatedSwitches } from "./switches.ts";

interface Bridge {
  running: boolean;
  readonly ends: string[];
  readonly filters: string[];
}

/** What there is to see of a simulated bridge: what it carries, by name. */
export interface Carrying {
  readonly bridges: ReadonlyMap<string, Bridge>;
  /** Of its switches, by name. */
  readonly agings: ReadonlyMap<string, string>;
}

type Answer = readonly [code: number, text: string, lines?: readonly string[]];

const OK: Answer = [100, "OK"];
const missing = (name: string): Answer => [214, `bridge '${name}' doesn't exist`];

/** labform's own bridge (`bridge.js RUN SOCKET`), as far as its commands go; no frame passes here. */
export function builtinBridge(process: Process): { onTerm(): void } {
  const [, , name = ""] = process.arguments;
  const { network, disk, chance } = process.machine;
  const path = `${process.directory}/${name}`;
  process.after(20 + chance.fraction() * 60, () => {
    if (network.isServed(path)) {
      process.log(`bridge: ${name} is served by another process already`);
      return process.die();
    }
    serve(process, (accept) => process.listen(name, accept), "1.0.0");
  });
  const stop = () => {
    disk.remove(path);
    process.die();
  };
  return { onTerm: () => process.after(1, stop) };
}

/** uBridge 0.9: a port of the loopback, and an end by signal 11 when it is told to send where nothing is. */
export function ubridge(process: Process): { onTerm(): void } {
  const port = Number(/:(\d+)$/.exec(process.arguments[1] ?? "")?.[1]);
  process.after(5 + process.machine.chance.fraction() * 10, () => {
    const listens = (accept: (end: End) => void) => {
      if (!process.machine.network.listenOn(process, port, accept)) process.die();
    };
    serve(process, listens, "0.9.19");
  });
  return { onTerm: () => process.after(1, () => process.die()) };
}

function serve(process: Process, listen: (accept: (end: End) => void) => void, version: string): void {
  const bridges = new Map<string, Bridge>();
  const switches = new SimulatedSwitches();
  process.shown = { bridges, agings: switches.agings } satisfies Carrying;
  const execute = (words: readonly string[]): Answer => {
    const [moduleName, command, name = "", ...rest] = words;
    if (moduleName === "hypervisor") return command === "version" ? [100, version] : OK;
    if (moduleName === "switch") {
      const ports = [...bridges.values()].map(({ ends }) => ends);
      return switches.execute([command ?? "", name, ...rest], ports);
    }
    if (command === "list") {
      return [100, "OK", [...bridges].map(([one, { ends }]) => `${one} (NIOs = ${ends.length})`).reverse()];
    }
    if (command === "create") {
      if (bridges.has(name)) return [206, `bridge '${name}' already exist`];
      bridges.set(name, { running: false, ends: [], filters: [] });
      return OK;
    }
    const bridge = bridges.get(name);
    if (!bridge) return missing(name);
    switch (command) {
      case "delete":
        bridges.delete(name);
        return OK;
      case "start":
        if (bridge.running || bridge.ends.length < 2) return [209, `bridge '${name}' cannot be started`];
        bridge.running = true;
        return OK;
      case "stop":
        if (!bridge.running) return [210, `bridge '${name}' is not running`];
        bridge.running = false;
        return OK;
      case "show":
        return [100, "OK", show(name, bridge)];
      case "add_nio_stream":
      case "add_nio_unix":
        return addEnd(process, bridge, command, rest);
      case "add_nio_switch":
      case "set_switch_port":
        return switches.plug(command, bridge.ends, rest);
      case "add_packet_filter": {
        const [filter = "", type = "", ...args] = rest;
        if (!parseFilter(filter, type, args)) return [206, `Failed to add filter '${filter}'`];
        bridge.filters.push(filter);
        return OK;
      }
      case "add_packet_filter_toward": {
        const [, filter = "", type = "", ...args] = rest;
        if (!parseFilter(filter, type, args)) return [206, `Failed to add filter '${filter}'`];
        bridge.filters.push(filter);
        return OK;
      }
      case "delete_packet_filter_toward":
        bridge.filters.splice(bridge.filters.indexOf(rest[1] ?? ""), 1);
        return OK;
      case "delete_packet_filter":
        bridge.filters.splice(bridge.filters.indexOf(rest[0] ?? ""), 1);
        return OK;
      case "reset_packet_filters":
        bridge.filters.length = 0;
        return OK;
      default:
        return [202, `Unknown command '${command}'`];
    }
  };
  listen((end) => {
    let rest = "";
    end.onData = (bytes) => {
      const lines = (rest + bytes.toString()).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        const parsed = tokenize(line);
        if ("error" in parsed) {
          end.send(`200-Parse error: ${parsed.error}\r\n`);
          continue;
        }
        const [code, text, shown = []] = execute(parsed.tokens);
        if (process.isDead) return;
        end.send(`${shown.map((one) => `101 ${one}\r\n`).join("")}${code}-${text}\r\n`);
        if (parsed.tokens[0] !== "hypervisor") continue;
        if (parsed.tokens[1] === "close") end.close();
        if (parsed.tokens[1] === "stop") process.onTerm();
      }
    };
  });
}

function addEnd(process: Process, bridge: Bridge, command: string, names: readonly string[]): Answer {
  if (bridge.ends.length === 2) return [206, "has already 2 allocated NIOs"];
  if (command === "add_nio_unix" && !process.machine.disk.find(`${process.directory}/${names[1]}`)) {
    process.log("Segmentation fault");
    process.die();
    return OK;
  }
  bridge.ends.push(names.join(" -> "));
  return OK;
}

function show(name: string, { running, ends, filters }: Bridge): readonly string[] {
  return [
    `bridge '${name}' is ${running ? "" : "not "}running`,
    ...filters.map((filter, at) => `Filter '${filter}' configured in position ${at + 1}`),
    ...ends.map((end, at) => `${at === 0 ? "Source" : "Destination"} NIO: ${end}`),
  ];
}
