import type { Socket } from "node:net";
import { Bridge } from "./bridge.ts";
import { CaptureFile } from "./capture.ts";
import { attach, parseFilter, type Toward } from "./filters.ts";
import { Follower } from "./follower.ts";
import { log } from "./log.ts";
import type { Counter, Port } from "./port.ts";
import { StreamPort } from "./streamPort.ts";
import { Switches } from "./switch/commands.ts";
import { tokenize } from "./tokens.ts";
import { UdpPort } from "./udpPort.ts";
import type { DirectoryWatch } from "./watch.ts";

/** Of the built-in bridge; raised when what it does changes. */
export const BRIDGE_VERSION = "1.1.1";

/** Of a Unix socket's path (sockaddr_un on Linux, without the closing zero). */
const PATH_LIMIT_BYTES = 107;

/** What follows for the conversation, or the whole process: its end, or another use of the client's connection. */
export type Then = "close" | "stop" | ((client: Socket) => void);

/** What a command answers: data lines, then `code-text`. */
interface Answer {
  readonly code: number;
  readonly text: string;
  readonly lines?: readonly string[];
  readonly then?: Then;
}

interface Command {
  readonly least: number;
  readonly most: number;
  run(args: readonly string[]): Answer | Promise<Answer>;
}

/** The reply as it goes over the wire. */
export interface Executed {
  readonly reply: string;
  readonly then?: Then;
}

const OK: Answer = { code: 100, text: "OK" };
const done = (text: string): Answer => ({ code: 100, text });
const refused = (code: number, text: string): Answer => ({ code, text });
const missing = (name: string): Answer => refused(214, `bridge '${name}' doesn't exist`);
const noCapture = ({ name }: Bridge): Answer => refused(209, `no packet capture active on bridge '${name}'`);
const noSuchPort = ({ name }: Bridge, port: string): Answer => refused(204, `bridge '${name}' has no port '${port}'`);

/**
 * The commands of uBridge that a link can use, with uBridge's reply codes and texts, and of our own:
 *
 *   bridge add_nio_stream NAME PATH     a client of the QEMU stream netdev on PATH, an entry of the run directory
 *   bridge add_packet_filter NAME FILTER rate KBPS
 *   bridge add_packet_filter_toward NAME 0|1 FILTER TYPE ARGS…     for what leaves by the source, by the destination
 *   bridge delete_packet_filter_toward NAME 0|1 FILTER
 *   bridge append_capture NAME FILE [LINKTYPE]      goes on in a file of whole records
 *   bridge limit_capture NAME BYTES KEEP            begins a new file at so many bytes and keeps so many full ones
 *   bridge follow NAME [LINKTYPE]                   behind the reply come the frames as a capture, to whoever asked
 */
export class Commands {
  private readonly bridges = new Map<string, Bridge>();
  private readonly switches = new Switches();
  private readonly watch: DirectoryWatch;

  constructor(watch: DirectoryWatch) {
    this.watch = watch;
  }

  /** Most commands are done at once; what a name server is asked for is not. */
  execute(line: string): Executed | Promise<Executed> {
    const answer = this.answer(line);
    return answer instanceof Promise ? answer.then(wired) : wired(answer);
  }

  closeAll(): void {
    for (const bridge of this.bridges.values()) bridge.close();
    this.bridges.clear();
    this.switches.clear();
  }

  private answer(line: string): Answer | Promise<Answer> {
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
    ["cmd_list", { least: 1, most: 1, run: ([module = ""]) => this.commandList(module) }],
    ["reset", { least: 0, most: 0, run: () => this.reset() }],
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
    ["add_nio_udp", this.of(4, 4, (bridge, args) => this.addUdp(bridge, args))],
    ["delete_nio_udp", this.of(4, 4, (bridge, args) => this.deleteUdp(bridge, args))],
    // Its older name.
    ["remove_nio_udp", this.of(4, 4, (bridge, args) => this.deleteUdp(bridge, args))],
    ["add_nio_switch", this.of(3, 5, (bridge, args) => this.switches.plug(bridge, args))],
    ["set_switch_port", this.of(2, 4, (bridge, mode) => this.switches.setPort(bridge, mode))],
    ["start_capture", this.of(2, 3, (bridge, args) => this.startCapture(bridge, args, false))],
    ["append_capture", this.of(2, 3, (bridge, args) => this.startCapture(bridge, args, true))],
    ["limit_capture", this.of(3, 3, (bridge, args) => this.limitCapture(bridge, args))],
    ["stop_capture", this.of(1, 1, (bridge) => this.stopCapture(bridge))],
    ["follow", this.of(1, 2, (bridge, [linkType]) => this.follow(bridge, linkType))],
    ["add_packet_filter", this.of(2, 10, (bridge, args) => this.addFilter(bridge, args))],
    ["delete_packet_filter", this.of(2, 2, (bridge, [name = ""]) => this.deleteFilter(bridge, name))],
    ["add_packet_filter_toward", this.of(4, 11, (bridge, args) => this.addFilterToward(bridge, args))],
    ["delete_packet_filter_toward", this.of(3, 3, (bridge, args) => this.deleteFilterToward(bridge, args))],
    ["reset_packet_filters", this.of(1, 1, (bridge) => this.resetFilters(bridge))],
  ]);

  private readonly modules: ReadonlyMap<string, ReadonlyMap<string, Command>> = new Map([
    ["bridge", this.bridge],
    ["switch", this.switches.commands],
    ["hypervisor", this.hypervisor],
  ]);

  /** A command whose first argument names a bridge; `run` gets the others. */
  private of(
    least: number,
    most: number,
    run: (bridge: Bridge, rest: readonly string[]) => ReturnType<Command["run"]>,
  ): Command {
    return {
      least,
      most,
      run: ([name = "", ...rest]) => {
        const bridge = this.bridges.get(name);
        return bridge === undefined ? missing(name) : run(bridge, rest);
      },
    };
  }

  private commandList(name: string): Answer {
    const module = this.modules.get(name);
    if (module === undefined) return refused(201, `unknown module '${name}'`);
    const lines = [...module].map(([one, { least, most }]) => `${one} (min/max args: ${least}/${most})`);
    return { ...OK, lines };
  }

  private reset(): Answer {
    this.closeAll();
    return OK;
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
    bridge.filters.forEach(({ filter }, at) => {
      lines.push(`Filter '${filter.name}' configured in position ${at + 1}`);
    });
    if (bridge.source !== undefined) lines.push(`Source NIO: ${bridge.source.description}`);
    if (bridge.destination !== undefined) lines.push(`Destination NIO: ${bridge.destination.description}`);
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
    bridge.attach(new StreamPort(path, this.watch));
    return done(`NIO stream added to bridge '${bridge.name}'`);
  }

  private deleteStream(bridge: Bridge, path: string): Answer {
    if (bridge.running) return refused(214, `bridge '${bridge.name}' is running`);
    return bridge.detach("stream", path)
      ? done(`NIO stream removed from bridge '${bridge.name}'`)
      : refused(214, `stream nio missing in '${bridge.name}'`);
  }

  private async addUdp(bridge: Bridge, [local = "", host = "", remote = ""]: readonly string[]): Promise<Answer> {
    const full = refused(206, `bridge '${bridge.name}' has already 2 allocated NIOs`);
    if (bridge.full) return full;
    const impossible = refused(206, `unable to create NIO UDP for bridge '${bridge.name}'`);
    if (!isPort(local) || !isPort(remote)) return impossible;
    let port: UdpPort;
    try {
      port = await UdpPort.open(Number(local), host, Number(remote));
    } catch (error) {
      log(`bridge '${bridge.name}': no UDP from ${local} to ${host}:${remote}: ${messageOf(error)}`);
      return impossible;
    }
    // Others were heard meanwhile.
    const gone = this.bridges.get(bridge.name) !== bridge;
    if (gone || bridge.full) {
      port.close();
      return gone ? missing(bridge.name) : full;
    }
    bridge.attach(port);
    return done(`NIO UDP added to bridge '${bridge.name}'`);
  }

  private deleteUdp(bridge: Bridge, [local, host, remote]: readonly string[]): Answer {
    if (bridge.running) return refused(214, `bridge '${bridge.name}' is running`);
    return bridge.detach("udp", `${local}:${host}:${remote}`)
      ? done(`NIO UDP removed from bridge '${bridge.name}'`)
      : refused(214, `UDP nio missing in '${bridge.name}'`);
  }

  private startCapture(bridge: Bridge, [file = "", linkType = "EN10MB"]: readonly string[], append: boolean): Answer {
    if (bridge.capture) return refused(209, `packet capture is already active on bridge '${bridge.name}'`);
    try {
      // Commands come as bytes, one a character: a path is passed on as it came.
      const ended = (error: unknown) => {
        log(`bridge '${bridge.name}': its capture ends here: ${messageOf(error)}`);
        bridge.endCapture();
      };
      bridge.setCapture(new CaptureFile(Buffer.from(file, "latin1"), linkType, ended, append));
    } catch (error) {
      const why = error instanceof Error ? `: ${(error as NodeJS.ErrnoException).code ?? error.message}` : "";
      return refused(209, `packet capture could not be started on bridge '${bridge.name}'${why}`);
    }
    return done(`packet capture started on bridge '${bridge.name}'`);
  }

  private stopCapture(bridge: Bridge): Answer {
    if (!bridge.capture) return noCapture(bridge);
    bridge.setCapture(undefined);
    return done(`packet capture stopped on bridge '${bridge.name}'`);
  }

  private limitCapture(bridge: Bridge, [bytes = "", keep = ""]: readonly string[]): Answer {
    if (!bridge.capture) return noCapture(bridge);
    if (!/^\d{1,15}$/.test(bytes) || !/^\d{1,9}$/.test(keep)) return refused(204, "Invalid limit of a capture");
    bridge.capture.limit(Number(bytes), Number(keep));
    return OK;
  }

  private follow(bridge: Bridge, linkType = "EN10MB"): Answer {
    return { ...OK, then: (client) => bridge.follow(new Follower(client, linkType)) };
  }

  private addFilter(bridge: Bridge, [name = "", type = "", ...args]: readonly string[], toward?: Toward): Answer {
    const filter = parseFilter(name, type, args);
    if (filter === undefined || bridge.filters.some((one) => one.filter.name === name && one.toward === toward)) {
      return refused(206, `Failed to add filter '${name}'`);
    }
    bridge.setFilters([...bridge.filters, attach(filter, toward)]);
    return done(`Filter '${name}' type '${type}' added to bridge '${bridge.name}'`);
  }

  private deleteFilter(bridge: Bridge, name: string, toward?: Toward): Answer {
    const rest = bridge.filters.filter((one) => one.filter.name !== name || one.toward !== toward);
    if (rest.length === bridge.filters.length) return refused(206, `Failed to delete filter '${name}'`);
    bridge.setFilters(rest);
    return done(`Filter '${name}' delete from bridge '${bridge.name}'`);
  }

  private addFilterToward(bridge: Bridge, [port = "", ...rest]: readonly string[]): Answer {
    const toward = towardOf(port);
    return toward === undefined ? noSuchPort(bridge, port) : this.addFilter(bridge, rest, toward);
  }

  private deleteFilterToward(bridge: Bridge, [port = "", name = ""]: readonly string[]): Answer {
    const toward = towardOf(port);
    return toward === undefined ? noSuchPort(bridge, port) : this.deleteFilter(bridge, name, toward);
  }

  private resetFilters(bridge: Bridge): Answer {
    bridge.setFilters([]);
    return OK;
  }
}

function wired({ code, text, lines = [], then }: Answer): Executed {
  const reply = `${lines.map((one) => `101 ${one}\r\n`).join("")}${code}-${text}\r\n`;
  return then === undefined ? { reply } : { reply, then };
}

function towardOf(port: string): Toward | undefined {
  return port === "0" ? 0 : port === "1" ? 1 : undefined;
}

/** uBridge takes any text for a number and cuts it to 16 bits. */
function isPort(text: string): boolean {
  return /^[1-9]\d{0,4}$/.test(text) && Number(text) <= 65_535;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
