import { fail } from "../../../src/core/diagnostics.ts";
import { portsOf } from "../../../src/core/ends.ts";
import type { Ports } from "../../../src/core/ports.ts";
import type { Attachment, Carried, HostDirectories, OperationContext } from "../../../src/core/provider.ts";
import type { Instance } from "../../../src/core/state.ts";
import type { Attributes, Json } from "../../../src/core/values.ts";
import { samePlanned } from "../../../src/core/values.ts";
import { captureOf } from "../captures.ts";
import { bridgedEnds, endEnds, endStarted, soundEnds, startEnds } from "../endpoints/ends.ts";
import type { Nio } from "../endpoints/nio.ts";
import type { Tools } from "../endpoints/tools.ts";
import { serviceAddress } from "../engine.ts";
import { filtersOf } from "../impairments.ts";
import type { Links } from "../links.ts";
import { parseList } from "../replies.ts";
import { deleteLink, describeEnd, filterNames, showLink, type Talk, type Wiring } from "../wiring.ts";
import { networkPorts, portPrefix } from "./ports.ts";
import type { SwitchEnd } from "./switchEnd.ts";
import { modeOf } from "./vlans.ts";

const OK = 100;
const NOT_FOUND = 214;

interface WiredPort {
  readonly label: string | null;
  readonly wiring: Wiring & { readonly ends: readonly [Attachment | Nio, SwitchEnd] };
}

/** What is done to networks. A port is a link to the switch, and is made, changed and taken away as links are. */
export class Networks {
  private readonly tools: Tools;
  private readonly links: Links;

  constructor(ports: Ports, host: HostDirectories, links: Links) {
    this.tools = { ports, host };
    this.links = links;
  }

  /** So that messages can name its ports. */
  meet(network: Instance): void {
    for (const { link } of networkPorts(network)) this.links.meet(link);
  }

  /**
   * Makes what is wanted of what is there, whatever that is: ports that are as they should be are not touched. The
   * carriers are set once frames can pass.
   */
  async settle(context: OperationContext): Promise<Instance> {
    const service = context.services.get(serviceAddress("builtin"));
    if (!service) throw new Error(`${context.address} is wired or changed without a bridge`);
    const { id } = context.instance;
    const instance = this.withCaptureFiles({
      ...context.instance,
      attributes: { ...context.wanted, id, engine: "builtin" },
    });
    this.meet(instance);
    const settled = await this.links.talk(service, (talk) => this.makeSo(talk, instance, context));
    await Promise.all([
      ...context.left.map((end) => end.setCarrier(false)),
      ...context.attachments.map((end, at) => end?.setCarrier(context.carriers[at] === true)),
    ]);
    return settled;
  }

  /** A plan may not have known them. */
  private withCaptureFiles(network: Instance): Instance {
    const blocks = new Map(portsOf(network.attributes.port));
    const port = networkPorts(network).flatMap(({ label, link }): [string, Json][] => {
      if (label === null) return [];
      const file = captureOf(link, this.tools.host)?.file ?? null;
      return [[label, { ...(blocks.get(label) as Attributes), capture_file: file }]];
    });
    return { ...network, attributes: { ...network.attributes, port: Object.fromEntries(port) } };
  }

  unwire(context: OperationContext): Promise<null> {
    return this.links.unwire(context, (talk) => removeNetwork(talk, context.instance.id));
  }

  /** What a bridge carried that was started again. False when not all of it can be wired now. */
  async carry(talk: Talk, { instance, attachments }: Carried, tell: (message: string) => void): Promise<boolean> {
    const { ports, missing } = this.wiringsOf(instance, attachments);
    await makeSwitch(talk, instance);
    for (const { wiring } of ports) await this.links.carryWiring(talk, wiring, tell);
    return missing.length === 0;
  }

  private wiringsOf(
    network: Instance,
    attachments: readonly (Attachment | null)[],
  ): { readonly ports: readonly WiredPort[]; readonly missing: readonly string[] } {
    const ports: WiredPort[] = [];
    const missing: string[] = [];
    const ends = bridgedEnds(network, "builtin", attachments);
    const sound = soundEnds(network, this.tools.ports.processes);
    for (const [at, { label, link }] of networkPorts(network).entries()) {
      const end = ends[at];
      if (!end || (end.kind === "nio" ? !sound.has(at) : end.kind !== "stream")) {
        missing.push(link.address);
        continue;
      }
      const attributes = link.attributes as Instance["attributes"];
      const port: SwitchEnd = { kind: "switch", name: network.id, mode: modeOf(attributes) };
      const filters = filtersOf(attributes, "builtin", link.sensitive);
      const wiring = { name: link.id, ends: [end, port] as const, filters, capture: captureOf(link, this.tools.host) };
      ports.push({ label, wiring });
    }
    return { ports, missing };
  }

  /**
   * First goes what is not wanted, and what leads to a program that is gone: a passt takes one client, which must not be
   * the port of the one before.
   */
  private async makeSo(talk: Talk, network: Instance, context: OperationContext): Promise<Instance> {
    await makeSwitch(talk, network);
    const sound = soundEnds(network, this.tools.ports.processes);
    const kept = new Set(
      networkPorts(network).flatMap(({ link }, at) => (context.attachments[at] || sound.has(at) ? [link.id] : [])),
    );
    const surplus = (await portNames(talk, network.id)).filter((name) => !kept.has(name));
    await Promise.all(surplus.map((name) => deleteLink(talk, name)));
    const needed = new Set(sound.values());
    const before = await endEnds(network, this.tools, (name) => !needed.has(name));
    const instance = await startEnds(context, before, "builtin", this.tools);
    try {
      const { ports, missing } = this.wiringsOf(instance, context.attachments);
      if (missing.length > 0) {
        fail(`${missing.join(", ")} cannot be wired`, {
          address: context.address,
          detail: "What is plugged in there is no adapter of a node that is there.",
        });
      }
      await Promise.all(ports.map(({ wiring }) => this.makePort(talk, wiring, context.tell)));
      return { ...instance, private: { ...instance.private, ports: recordOf(ports) } };
    } catch (error) {
      await endStarted(before, instance, this.tools);
      throw error;
    }
  }

  private async makePort(talk: Talk, wiring: WiredPort["wiring"], tell: (message: string) => void): Promise<void> {
    const shown = await showLink(talk, wiring.name);
    const [end, port] = wiring.ends;
    const isThere = shown?.source === describeEnd("builtin", end) && shown.destination?.startsWith("switch ") === true;
    if (!shown || !isThere) return this.links.make(talk, wiring, tell);
    if (shown.destination !== describeEnd("builtin", port)) {
      await told(talk, ["bridge", "set_switch_port", wiring.name, ...port.mode]);
    }
    if (shown.running && samePlanned(filterNames(wiring), shown.filters)) return;
    await this.links.change(talk, wiring, shown, tell);
  }
}

async function makeSwitch(talk: Talk, { id, attributes }: Instance): Promise<void> {
  const aging = String(attributes.aging_s);
  const { code } = await talk.hypervisor.request(["switch", "set_aging", id, aging]);
  if (code !== OK) await told(talk, ["switch", "create", id, aging]);
}

async function removeNetwork(talk: Talk, id: string): Promise<void> {
  await Promise.all((await portNames(talk, id)).map((name) => deleteLink(talk, name)));
  const { code } = await talk.hypervisor.request(["switch", "delete", id]);
  if (code !== OK && code !== NOT_FOUND) throw new Error(`the switch ${id} still has ports`);
}

async function portNames({ hypervisor }: Talk, id: string): Promise<readonly string[]> {
  const { lines } = await hypervisor.request(["bridge", "list"]);
  return parseList(lines).flatMap(({ name }) => (name.startsWith(portPrefix(id)) ? [name] : []));
}

async function told({ hypervisor }: Talk, words: readonly string[]): Promise<void> {
  const reply = await hypervisor.request(words);
  if (reply.code === OK) return;
  fail("The built-in bridge refused a command", {
    subject: `command ${reply.command}`,
    detail: `It answered ${reply.code}: ${reply.text}.`,
  });
}

/** The ends of each port as the bridge has them, by the port's name there. */
function recordOf(ports: readonly WiredPort[]): Json {
  return Object.fromEntries(
    ports.map(({ wiring }) => [wiring.name, wiring.ends.map((end) => describeEnd("builtin", end))]),
  );
}
