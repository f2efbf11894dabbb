import { join } from "node:path";
import { Failure, fail } from "../../src/core/diagnostics.ts";
import type { Ports } from "../../src/core/ports.ts";
import type { Attachment, Carried, HostDirectories, OperationContext } from "../../src/core/provider.ts";
import type { Instance } from "../../src/core/state.ts";
import { engineOf, failElsewhere, processOf, textOf } from "./bridgeRecord.ts";
import { type Capture, captureOf, giveUpRoom, makeRoom, refuseObstacle, shownFile, shownMarker } from "./captures.ts";
import { converse } from "./control.ts";
import { bridgedEnds, endEnds, lostEnd, startEnds } from "./endpoints/ends.ts";
import type { Nio } from "./endpoints/nio.ts";
import { type Engine, engineTitle, isEngine, serviceAddress, tunnelOf } from "./engine.ts";
import { HypervisorLost, HypervisorSilent } from "./hypervisor.ts";
import { filtersOf } from "./impairments.ts";
import { trimLog } from "./logs.ts";
import { bridgeLost } from "./lost.ts";
import type { SwitchEnd } from "./networks/switchEnd.ts";
import type { ShownBridge } from "./replies.ts";
import {
  capturedElsewhere,
  changeLink,
  deleteLink,
  describeEnd,
  makeLink,
  showLink,
  type Talk,
  type Wiring,
} from "./wiring.ts";

/** How long a capture that is to begin waits for another link to give the file up: both change in one apply. */
const GIVING_UP_MS = 2000;
const GIVING_UP_STEP_MS = 25;

/** What is done to links, by the bridge that the operation's services name. */
export class Links {
  private readonly ports: Ports;
  private readonly host: HostDirectories;
  /** Captures begin one after the other: two must not make room for themselves at the same place at once. */
  private begun: Promise<unknown> = Promise.resolve();
  /** Of the links that were seen, by their names in the bridge. */
  private readonly addresses = new Map<string, string>();

  constructor(ports: Ports, host: HostDirectories) {
    this.ports = ports;
    this.host = host;
  }

  /** So that messages can name it. */
  meet({ id, address }: Pick<Instance, "id" | "address">): void {
    this.addresses.set(id, address);
  }

  /** Whatever an earlier run left of it is replaced. The carriers are set once frames can pass. */
  async wire(context: OperationContext): Promise<Instance> {
    const { service, instance: planned } = this.subject(context);
    const tools = { ports: this.ports, host: this.host };
    const instance = await startEnds(context, await endEnds(planned, tools), engineOf(service), tools);
    try {
      return await this.wireEnds(context, service, instance);
    } catch (error) {
      await endEnds(instance, tools);
      throw error;
    }
  }

  /** The programs at its ends run. */
  private async wireEnds(context: OperationContext, service: Instance, instance: Instance): Promise<Instance> {
    const engine = engineOf(service);
    const wiring = this.wiringFor(context, instance, engine);
    const missing = await this.missingPath(engine, wiring.ends);
    if (missing !== undefined) {
      fail(`The node's end of ${context.address} is not there`, {
        address: context.address,
        subject: `socket ${join(this.host.run, missing)}`,
        detail:
          "uBridge ends, with every link it carries, when it sends to a path that does not exist. The node at that end makes it when it is prepared: apply the node too.",
      });
    }
    await trimLog(this.ports, this.host, engine);
    await this.talk(service, (talk) => this.make(talk, wiring, context.tell));
    await plugIn(context);
    return { ...instance, private: { ...instance.private, ends: wiring.ends.map((end) => describeEnd(engine, end)) } };
  }

  /** A bridge that is gone carries nothing, and one that hangs is ended: either way the link is gone afterwards. */
  async unwire(
    context: OperationContext,
    remove: (talk: Talk) => Promise<void> = (talk) => deleteLink(talk, context.instance.id),
  ): Promise<null> {
    const service = serviceOf(context);
    const identity = service && processOf(service);
    const status = identity && this.ports.processes.status(identity);
    if (service && identity && status === "elsewhere") failElsewhere(engineOf(service), identity);
    if (service && identity && status === "alive") {
      const engine = engineOf(service);
      try {
        await this.converse(service, remove);
      } catch (error) {
        if (!(error instanceof HypervisorSilent) && !(error instanceof HypervisorLost)) throw error;
        await this.endHanging(engine, identity, error);
        context.tell(
          `${engineTitle(engine)} was ended, of which ${error.message}; the next apply wires again what else it carried`,
        );
      }
    }
    await endEnds(context.instance, { ports: this.ports, host: this.host });
    await Promise.all(context.attachments.map(async (end) => end?.setCarrier(false)));
    return null;
  }

  /**
   * Live: the nodes notice nothing but what was asked for. Starts from what the bridge has, not from the record, so it
   * can be done again after it was cut off anywhere.
   */
  async update(context: OperationContext): Promise<Instance> {
    const { service, instance } = this.subject(context);
    const there = await this.talk(service, async (talk) => {
      const shown = await showLink(talk, instance.id);
      if (shown) await this.change(talk, this.wiringFor(context, instance, talk.engine), shown, context.tell);
      return shown !== undefined;
    });
    if (!there) return this.wire(context);
    await plugIn(context);
    return instance;
  }

  /** Makes it anew, with its capture if it has one. */
  make(talk: Talk, wiring: Wiring, tell: (message: string) => void): Promise<void> {
    return this.withCapture(talk, wiring, tell, () => makeLink(talk, wiring));
  }

  /** Impairs and captures what is there as it is wanted. */
  async change(
    talk: Talk,
    wiring: Wiring,
    shown: Pick<ShownBridge, "filters">,
    tell: (message: string) => void,
  ): Promise<void> {
    const { capture } = wiring;
    const running = shownMarker(shown.filters);
    if (capture === undefined || running === capture.marker) return changeLink(talk, wiring, shown);
    if (running !== undefined) {
      // The file it gives up may be the one that another link waits for, whose own file may be the one it is to have.
      await refuseObstacle(this.ports, capture);
      await changeLink(talk, { ...wiring, capture: undefined }, shown);
    }
    await this.withCapture(talk, wiring, tell, () => changeLink(talk, wiring, { filters: [] }));
  }

  /**
   * Wires a link that a bridge which was started again carried before; its carriers are as they were. Resolves false
   * when it cannot be wired now. It is carried without its capture where only that cannot be.
   */
  async carry(talk: Talk, { instance, attachments }: Carried, tell: (message: string) => void): Promise<boolean> {
    this.meet(instance);
    const wiring = this.wiringOf(instance, talk.engine, attachments);
    if ("problem" in wiring || (await this.missingPath(talk.engine, wiring.ends)) !== undefined) return false;
    if (lostEnd(instance, this.ports.processes)) return false;
    await this.carryWiring(talk, wiring, tell);
    return true;
  }

  async carryWiring(talk: Talk, wiring: Wiring, tell: (message: string) => void): Promise<void> {
    try {
      await this.make(talk, wiring, tell);
    } catch (error) {
      if (!(error instanceof Failure) || wiring.capture === undefined) throw error;
      const address = this.addresses.get(wiring.name) ?? `A link (id ${wiring.name})`;
      tell(`${address} is not captured any more: ${error.message} (${shownFile(wiring.capture)})`);
      await makeLink(talk, { ...wiring, capture: undefined });
    }
  }

  /** Of a link as it was wired last. */
  async missingEnd(link: Instance): Promise<string | undefined> {
    const { ends } = link.private;
    const described = Array.isArray(ends) ? (ends as readonly string[]) : [];
    return this.missingPath(
      engineOf(link),
      described.filter((end) => end.includes(" ")).map((end) => ({ path: end.slice(end.lastIndexOf(" ") + 1) })),
    );
  }

  /** The name in the run directory that uBridge would die of, if there is one. */
  private async missingPath(
    engine: Engine,
    ends: readonly (Pick<Attachment, "path"> | SwitchEnd | Nio)[],
  ): Promise<string | undefined> {
    if (engine !== "ubridge") return undefined;
    for (const end of ends) {
      if (!("path" in end)) continue;
      const { path } = end;
      try {
        await this.ports.files.lstat(join(this.host.run, path));
      } catch {
        return path;
      }
    }
    return undefined;
  }

  /** What an operation that makes something is about. */
  private subject(context: OperationContext): {
    readonly service: Instance;
    readonly instance: Instance;
  } {
    this.meet(context.instance);
    const service = serviceOf(context);
    if (!service) throw new Error(`${context.address} is wired or changed without a bridge`);
    const engine = engineOf(service);
    const attributes = { ...context.wanted, id: context.instance.id, engine };
    const capture = captureOf({ ...context.instance, attributes }, this.host);
    const recorded = { ...attributes, capture_file: capture?.file ?? null };
    return { service, instance: { ...context.instance, attributes: recorded } };
  }

  private wiringFor({ address, attachments }: OperationContext, instance: Instance, engine: Engine): Wiring {
    const wiring = this.wiringOf(instance, engine, attachments);
    return "problem" in wiring ? fail(`${address} cannot be wired`, { address, detail: wiring.problem }) : wiring;
  }

  /** The link as the bridge is to hold it, or why it cannot be wired now. */
  private wiringOf(
    instance: Instance,
    engine: Engine,
    attachments: readonly (Attachment | null)[],
  ): Wiring | { readonly problem: string } {
    const [source, destination] = bridgedEnds(instance, engine, attachments);
    if (!source || !destination) return { problem: "An end of it is not there." };
    for (const end of [source, destination]) {
      if (end.kind === "nio" || end.kind === tunnelOf(engine)) continue;
      return {
        problem: `The node of adapter ${end.adapter} was started with a ${end.kind} tunnel, and ${engineTitle(engine)} takes ${tunnelOf(engine)}. The node must be restarted with the lab's engine.`,
      };
    }
    const filters = filtersOf(instance.attributes, engine, instance.sensitive);
    return { name: instance.id, ends: [source, destination], filters, capture: captureOf(instance, this.host) };
  }

  /**
   * Does `act`, which begins the wiring's capture if it has one, with room made for its file; where another link has the
   * file it waits a while for that to give it up, and lets others begin meanwhile.
   */
  private async withCapture(
    talk: Talk,
    { name, capture }: Wiring,
    tell: (message: string) => void,
    act: () => Promise<void>,
  ): Promise<void> {
    if (!capture) return act();
    const { clock } = this.ports;
    const deadline = clock.monotonic() + GIVING_UP_MS;
    for (;;) {
      const turn = this.begun.then(() => this.beginCapture(talk, name, capture, tell, act));
      this.begun = turn.catch(() => {});
      const other = await turn;
      if (other === undefined) return;
      if (clock.monotonic() >= deadline) return this.failTaken(capture, other);
      await clock.sleep(GIVING_UP_STEP_MS);
    }
  }

  private failTaken(capture: Capture, other: string): never {
    const link = this.addresses.get(other) ?? `Another link (id ${other})`;
    return fail("Two links cannot be captured to one file", {
      subject: `capture ${shownFile(capture)}`,
      detail: `${link} is captured to it. Name another file.`,
    });
  }

  /** Resolves with the bridge's name of the link that has the file, when one has it: then nothing was done. */
  private async beginCapture(
    talk: Talk,
    name: string,
    capture: Capture,
    tell: (message: string) => void,
    act: () => Promise<void>,
  ): Promise<string | undefined> {
    const other = await capturedElsewhere(talk, name, capture);
    if (other !== undefined) return other;
    const moved = await makeRoom(this.ports, capture);
    if (moved !== undefined) {
      const kept = capture.hidden ? "under the next number beside it" : `as ${moved}`;
      tell(`what ${capture.hidden ? "its capture file" : capture.file} held is kept ${kept}`);
    }
    try {
      await act();
      return undefined;
    } catch (error) {
      await giveUpRoom(this.ports, capture);
      throw error;
    }
  }

  private converse<T>(service: Instance, conversation: (talk: Talk) => Promise<T>): Promise<T> {
    const engine = engineOf(service);
    const { clock } = this.ports;
    const control = textOf(service.attributes.control);
    return converse(this.ports, this.host.run, control, processOf(service), (hypervisor) =>
      conversation({ hypervisor, engine, clock }),
    );
  }

  /** Rejects with `ServiceLost` when the bridge hangs or is gone. */
  async talk<T>(service: Instance, conversation: (talk: Talk) => Promise<T>): Promise<T> {
    try {
      return await this.converse(service, conversation);
    } catch (error) {
      if (!(error instanceof HypervisorSilent) && !(error instanceof HypervisorLost)) throw error;
      throw bridgeLost(engineOf(service), error);
    }
  }

  private async endHanging(
    engine: Engine,
    identity: NonNullable<ReturnType<typeof processOf>>,
    error: Error,
  ): Promise<void> {
    this.ports.processes.signal(identity, "SIGKILL");
    if (await this.ports.processes.waitForExit(identity, 2000)) return;
    fail(`${engineTitle(engine)} hangs and cannot be ended`, {
      cause: error,
      subject: `process ${identity.pid}`,
      detail: `It gave ${error.message}, and it is still there after SIGKILL.`,
    });
  }
}

/** The guests see what the engine worked out: no carrier where the link is suspended or the other end is off. */
async function plugIn({ attachments, carriers }: OperationContext): Promise<void> {
  await Promise.all(attachments.map(async (end, at) => end?.setCarrier(carriers[at] === true)));
}

/** The bridge of the engine that carries the link, or is to. */
function serviceOf(context: OperationContext): Instance | undefined {
  const { engine } = context.wanted;
  const wanted = isEngine(engine) ? context.services.get(serviceAddress(engine)) : undefined;
  return wanted ?? [...context.services.values()].find((one) => one.address.startsWith("service.bridge["));
}
