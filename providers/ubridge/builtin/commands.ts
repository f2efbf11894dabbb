import { Bridge } from "./bridge.ts";
import { CaptureFile } from "./capture.ts";
import { parseFilter } from "./filters.ts";
import { log } from "./log.ts";
import { type Counter, Port } from "./port.ts";
import { tokenize } from "./tokens.ts";
import type { DirectoryWatch } from "./watch.ts";

/** Of the built-in bridge; raised when what it does changes. */
export const BRIDGE_VERSION = "1.1.1";

/** Of a Unix socket's path (sockaddr_un on Linux, without the closing zero). */
const PATH_LIMIT_BYTES = 107;

/** What a command answers: data lines, then `code-text`; `then` is for the conversation or the whole process. */
interface Answer {
  readonly code: number;
  readonly text: string;
  readonly lines?: readonly string[];
  readonly then?: "close" | "stop";
}

interface Command {
  readonly least: number;
  readonly most: number;
  run(args: readonly string[]): Answer;
}

const OK: Answer = { code: 100, text: "OK" };
const done = (text: string): Answer => ({ code: 100, text });
const refused = (code: number, text: string): Answer => ({ code, text });

/**
 * The commands of uBridge that a lab needs, with uBridge's reply codes and texts, and `bridge add_nio_stream NAME PATH`:
 * a client of the QEMU stream netdev that listens on PATH, an entry of the run directory.
 */
export class Commands {
  private readonly bridges = new Map<string, Bridge>();
  private readonly watch: DirectoryWatch;

  constructor(watch: DirectoryWatch) {
    this.watch = watch;
  }

  /** The reply as it goes over the wire. */
  execute(line: string): { readonly reply: string; readonly then?: "close" | "stop" } {
    const { code, text, lines = [], then } = this.answer(line);
    const reply = `${lines.map((one) => `101 ${one}\r\n`).join("")}${code}-${text}\r\n`;
    return then === undefined ? { reply } : { reply, then };
  }

  closeAll(): void {
    for (const bridge of this.bridges.values()) bridge.close();
    this.bridges.clear();
  }

  private answer(line: string): Answer {
    const parsed = tokenize(line);
    if ("error" in parsed) return refused(200, `Parse error: ${parsed.error}`);
    const [moduleName, name, ...args] = parsed.tokens;
    if (moduleName === undefined || name === undefined) {
      return refused(200, "At least a module and a command must be specified");
    }
    const module = this.modules.get(moduleName);
    if (module === undefined) return refused(201, `Unknown module '${moduleName}'`);
    const command = module.get(name);
    if (command === undefined) return refused(202, `Unknown command '${name}'`);
    if (args.length < command.least || args.length > command.most) {
      const limits = `${command.least}/${command.most}`;
      return refused(203, `Bad number of parameters (${args.length} with min/max=${limits})`);
    }
    return command.run(args);
  }

  private readonly hypervisor: ReadonlyMap<string, Command> = new Map<string, Command>([
    ["version", { least: 0, most: 0, run: () => done(BRIDGE_VERSION) }],
    ["module_list", { least: 0, most: 0, run: () => ({ ...OK, lines: [...this.modules.keys()] }) }],
    ["close", { least: 0, most: 0, run: () => ({ ...OK, then: "close" }) }],
    ["stop", { least: 0, most: 0, run: () => ({ ...OK, then: "stop" }) }],
  ]);

  private readonly bridge: ReadonlyMap<string, Command> = new Map<string, Command>([
    ["create", { least: 1, most: 1, run: ([name = ""]) => this.create(name) }],
    ["delete", this.of(1, 1, (bridge) => this.delete(bridge))],
    ["start", this.of(1, 1, (bridge) => this.start(bridge))],
    ["stop", this.of(1, 1, (bridge) => this.stop(bridge))],
    ["rename", this.of(2, 2, (bridge, [to = ""]) => this.rename(bridge, to))],
    ["list", { least: 0, most: 0, run: () => this.list() }],
    ["show", this.of(1, 1, (bridge) => this.show(bridge))],
    ["get_stats", this.of(1, 1, (bridge) => this.stats(bridge))],
    ["reset_stats", this.of(1, 1, (bridge) => this.resetStats(bridge))],
    ["add_nio_stream", this.of(2, 2, (bridge, [path = ""]) => this.addStream(bridge, path))],
    ["delete_nio_stream", this.of(2, 2, (bridge, [path = ""]) => this.deleteStream(bridge, path))],
    ["start_capture", this.of(2, 3, (bridge, [file = "", linkType]) => this.startCapture(bridge, file, linkType))],
    ["stop_capture", this.of(1, 1, (bridge) => this.stopCapture(bridge))],
    ["add_packet_filter", this.of(3, 10, (bridge, args) => this.addFilter(bridge, args))],
    ["delete_packet_filter", this.of(2, 2, (bridge, [name = ""]) => this.deleteFilter(bridge, name))],
    ["reset_packet_filters", this.of(1, 1, (bridge) => this.resetFilters(bridge))],
  ]);

  private readonly modules: ReadonlyMap<string, ReadonlyMap<string, Command>> = new Map([
    ["bridge", this.bridge],
    ["hypervisor", this.hypervisor],
  ]);

  /** A command whose first argument names a bridge; `run` gets the others. */
  private of(least: number, most: number, run: (bridge: Bridge, rest: readonly string[]) => Answer): Command {
    return {
      least,
      most,
      run: ([name = "", ...rest]) => {
        const bridge = this.bridges.get(name);
        return bridge === undefined ? refused(214, `bridge '${name}' doesn't exist`) : run(bridge, rest);
      },
    };
  }

  private create(name: string): Answer {
    if (this.bridges.has(name)) return refused(206, `bridge '${name}' already exist`);
    this.bridges.set(name, new Bridge(name));
    return done(`bridge '${name}' created`);
  }

  private delete(bridge: Bridge): Answer {
    bridge.close();
    this.bridges.delete(bridge.name);
    return done(`bridge '${bridge.name}' deleted`);
  }

  private start(bridge: Bridge): Answer {
    if (bridge.running) return refused(209, `bridge '${bridge.name}' is already running`);
    if (!bridge.full) return refused(209, `bridge '${bridge.name}' must have 2 NIOs to be started`);
    bridge.start();
    return done(`bridge '${bridge.name}' started`);
  }

  private stop(bridge: Bridge): Answer {
    if (!bridge.running) return refused(210, `bridge '${bridge.name}' is not running`);
    bridge.stop();
    return done(`bridge '${bridge.name}' stopped`);
  }

  private rename(bridge: Bridge, to: string): Answer {
    if (this.bridges.has(to)) return refused(213, `bridge '${to}' already exist`);
    const from = bridge.name;
    this.bridges.delete(from);
    bridge.name = to;
    this.bridges.set(to, bridge);
    return done(`bridge '${from}' renamed to '${to}'`);
  }

  private list(): Answer {
    const lines: string[] = [];
    for (const bridge of this.bridges.values()) {
      lines.push(
        `${bridge.name} (NIOs = ${Number(bridge.source !== undefined) + Number(bridge.destination !== undefined)})`,
      );
    }
    return { ...OK, lines: lines.reverse() };
  }

  private show(bridge: Bridge): Answer {
    const lines = [`bridge '${bridge.name}' is ${bridge.running ? "" : "not "}running`];
    bridge.filters.forEach((filter, at) => {
      lines.push(`Filter '${filter.name}' configured in position ${at + 1}`);
    });
    if (bridge.source !== undefined) lines.push(`Source NIO: ${bridge.source.path}`);
    if (bridge.destination !== undefined) lines.push(`Destination NIO: ${bridge.destination.path}`);
    return { ...OK, lines };
  }

  private stats({ source, destination }: Bridge): Answer {
    const count = ({ packets, bytes }: Counter) => `${packets} packets (${bytes} bytes)`;
    const line = (port: Port) =>
      `IN: ${count(port.received)} OUT: ${count(port.sent)} DROPPED: ${port.dropped} packets`;
    const lines: string[] = [];
    if (source !== undefined) lines.push(`Source NIO:      ${line(source)}`);
    if (destination !== undefined) lines.push(`Destination NIO: ${line(destination)}`);
    return { ...OK, lines };
  }

  private resetStats({ source, destination }: Bridge): Answer {
    for (const port of [source, destination]) {
      if (port === undefined) continue;
      for (const counter of [port.received, port.sent]) {
        counter.packets = 0;
        counter.bytes = 0;
      }
      port.dropped = 0;
    }
    return OK;
  }

  private addStream(bridge: Bridge, path: string): Answer {
    if (bridge.full) return refused(206, `bridge '${bridge.name}' has already 2 allocated NIOs`);
    if (path.includes("/") || path.includes("\0") || Buffer.byteLength(path) > PATH_LIMIT_BYTES) {
      return refused(206, `unable to create NIO stream for bridge '${bridge.name}'`);
    }
    bridge.attach(new Port(path, this.watch));
    return done(`NIO stream added to bridge '${bridge.name}'`);
  }

  private deleteStream(bridge: Bridge, path: string): Answer {
    if (bridge.running) return refused(214, `bridge '${bridge.name}' is running`);
    return bridge.detach(path)
      ? done(`NIO stream removed from bridge '${bridge.name}'`)
      : refused(214, `stream nio missing in '${bridge.name}'`);
  }

  private startCapture(bridge: Bridge, file: string, linkType = "EN10MB"): Answer {
    if (bridge.captured) return refused(209, `packet capture is already active on bridge '${bridge.name}'`);
    try {
      // Commands come as bytes, one a character: a path is passed on as it came.
      const capture = new CaptureFile(Buffer.from(file, "latin1"), linkType, (error) => {
        log(
          `bridge '${bridge.name}': its capture ends here: ${error instanceof Error ? error.message : String(error)}`,
        );
        bridge.endCapture();
      });
      bridge.setCapture(capture);
    } catch (error) {
      const why = error instanceof Error ? `: ${(error as NodeJS.ErrnoException).code ?? error.message}` : "";
      return refused(209, `packet capture could not be started on bridge '${bridge.name}'${why}`);
    }
    return done(`packet capture started on bridge '${bridge.name}'`);
  }

  private stopCapture(bridge: Bridge): Answer {
    if (!bridge.captured) return refused(209, `no packet capture active on bridge '${bridge.name}'`);
    bridge.setCapture(undefined);
    return done(`packet capture stopped on bridge '${bridge.name}'`);
  }

  private addFilter(bridge: Bridge, [name = "", type = "", ...args]: readonly string[]): Answer {
    const filter = parseFilter(name, type, args);
    if (filter === undefined || bridge.filters.some((one) => one.name === name)) {
      return refused(206, `Failed to add filter '${name}'`);
    }
    bridge.setFilters([...bridge.filters, filter]);
    return done(`Filter '${name}' type '${type}' added to bridge '${bridge.name}'`);
  }

  private deleteFilter(bridge: Bridge, name: string): Answer {
    const rest = bridge.filters.filter((one) => one.name !== name);
    if (rest.length === bridge.filters.length) return refused(206, `Failed to delete filter '${name}'`);
    bridge.setFilters(rest);
    return done(`Filter '${name}' delete from bridge '${bridge.name}'`);
  }

  private resetFilters(bridge: Bridge): Answer {
    bridge.setFilters([]);
    return OK;
  }
}
