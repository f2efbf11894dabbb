import { join } from "node:path";
import { errorDiagnostic, Failure, fail } from "../../src/core/diagnostics.ts";
import type { Ports } from "../../src/core/ports.ts";
import type { Attachment, Carried, HostDirectories, OperationContext } from "../../src/core/provider.ts";
import { ServiceLost } from "../../src/core/provider.ts";
import type { Instance } from "../../src/core/state.ts";
import { engineOf, failElsewhere, processOf, textOf } from "./bridgeRecord.ts";
import { type Capture, captureOf, giveUpRoom, makeRoom, refuseObstacle, shownFile, shownMarker } from "./captures.ts";
import { converse } from "./control.ts";
import { type Engine, engineTitle, isEngine, serviceAddress, tunnelOf } from "./engine.ts";
import { HypervisorLost, HypervisorSilent } from "./hypervisor.ts";
import { filtersOf } from "./impairments.ts";
import { trimLog } from "./logs.ts";
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
    const { service, instance, wiring } = this.subject(context);
    const engine = engineOf(service);
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
    await this.talk(service, (talk) => this.withCapture(talk, wiring, context.tell, () => makeLink(talk, wiring)));
    await plugIn(context);
    return { ...instance, private: { ...instance.private, ends: wiring.ends.map((end) => describeEnd(engine, end)) } };
  }

  /** A bridge that is gone carries nothing, and one that hangs is ended: either way the link is gone afterwards. */
  async unwire(context: OperationContext): Promise<null> {
    const service = serviceOf(context);
    const identity = service && processOf(service);
    const status = identity && this.ports.processes.status(identity);
    if (service && identity && status === "elsewhere") failElsewhere(engineOf(service), identity);
    if (service && identity && status === "alive") {
      const engine = engineOf(service);
      try {
        await this.converse(service, (talk) => deleteLink(talk, context.instance.id));
      } catch (error) {
        if (!(error instanceof HypervisorSilent) && !(error instanceof HypervisorLost)) throw error;
        await this.endHanging(engine, identity, error);
        context.tell(
          `${engineTitle(engine)} was ended, of which ${error.message}; the next apply wires again what else it carried`,
        );
      }
    }
    await Promise.all(context.attachments.map(async (end) => end?.setCarrier(false)));
    return null;
  }

  /**
   * Live: the nodes notice nothing but what was asked for. Starts from what the bridge has, not from the record, so it
   * can be done again after it was cut off anywhere.
   */
  async update(context: OperationContext): Promise<Instance> {
    const { service, instance, wiring } = this.subject(context);
    const there = await this.talk(service, async (talk) => {
      const shown = await showLink(talk, wiring.name);
      if (!shown) return false;
      const { capture } = wiring;
      const running = shownMarker(shown.filters);
      if (capture === undefined || running === capture.marker) {
        await changeLink(talk, wiring, shown);
        return true;
      }
      if (running !== undefined) {
        // The file it gives up may be the one that another link waits for, whose own file may be the one it is to have.
        await refuseObstacle(this.ports, capture);
        await changeLink(talk, { ...wiring, capture: undefined }, shown);
      }
      await this.withCapture(talk, wiring, context.tell, () => changeLink(talk, wiring, { filters: [] }));
      return true;
    });
    if (!there) return this.wire(context);
    await plugIn(context);
    return instance;
  }

  /**
   * Wires a link that a bridge which was started again carried before; its carriers are as they were. Resolves false
   * when it cannot be wired now. It is carried without its capture where only that cannot be.
   */
  async carry(talk: Talk, { instance, attachments }: Carried, tell: (message: string) => void): Promise<boolean> {
    const wiring = this.wiringOf(instance, talk.engine, attachments);
    if ("problem" in wiring || (await this.missingPath(talk.engine, wiring.ends)) !== undefined) return false;
    try {
      await this.withCapture(talk, wiring, tell, () => makeLink(talk, wiring));
    } catch (error) {
      if (!(error instanceof Failure) || wiring.capture === undefined) throw error;
      tell(`${instance.address} is not captured any more: ${error.message} (${shownFile(wiring.capture)})`);
      await makeLink(talk, { ...wiring, capture: undefined });
    }
    return true;
  }

  /** Of a link as it was wired last. */
  async missingEnd(link: Instance): Promise<string | undefined> {
    const { ends } = link.private;
    const described = Array.isArray(ends) ? (ends as readonly string[]) : [];
    return this.missingPath(
      engineOf(link),
      described.map((end) => ({ path: end.slice(end.lastIndexOf(" ") + 1) })),
    );
  }

  /** The name in the run directory that uBridge would die of, if there is one. */
  private async missingPath(engine: Engine, ends: readonly Pick<Attachment, "path">[]): Promise<string | undefined> {
    if (engine !== "ubridge") return undefined;
    for (const { path } of ends) {
      try {
        await this.ports.files.lstat(join(this.host.run, path));
      } catch {
        return path;
      }
    }
    return undefined;
  }

  /** What an operation that makes something is about. Rejects when it cannot be carried as it is. */
  private subject(context: OperationContext): {
    readonly service: Instance;
    readonly instance: Instance;
    readonly wiring: Wiring;
  } {
    this.meet(context.instance);
    const service = serviceOf(context);
    if (!service) throw new Error(`${context.address} is wired or changed without a bridge`);
    const engine = engineOf(service);
    const attributes = { ...context.wanted, id: context.instance.id, engine };
    const wiring = this.wiringOf({ ...context.instance, attributes }, engine, context.attachments);
    if ("problem" in wiring) {
      return fail(`${context.address} cannot be wired`, { address: context.address, detail: wiring.problem });
    }
    const recorded = { ...attributes, capture_file: wiring.capture?.file ?? null };
    return { service, instance: { ...context.instance, attributes: recorded }, wiring };
  }

  /** The link as the bridge is to hold it, or why it cannot be wired now. */
  private wiringOf(
    instance: Instance,
    engine: Engine,
    attachments: readonly (Attachment | null)[],
  ): Wiring | { readonly problem: string } {
    const [source, destination] = attachments;
    if (!source || !destination || attachments.length !== 2) {
      return { problem: "An end of it is no adapter of a node that is there." };
    }
    for (const end of [source, destination]) {
      if (end.kind === tunnelOf(engine)) continue;
      return {
        problem: `The node of adapter ${end.adapter} was started with a ${end.kind} tunnel, and ${engineTitle(engine)} takes ${tunnelOf(engine)}. The node must be restarted with the lab's engine.`,
      };
    }
    const filters = filtersOf(instance.attributes, engine);
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
  private async talk<T>(service: Instance, conversation: (talk: Talk) => Promise<T>): Promise<T> {
    try {
      return await this.converse(service, conversation);
    } catch (error) {
      if (!(error instanceof HypervisorSilent) && !(error instanceof HypervisorLost)) throw error;
      const title = engineTitle(engineOf(service));
      const diagnostic =
        error instanceof HypervisorSilent
          ? errorDiagnostic(`${title} hangs`, {
              subject: service.address,
              detail: `It gave ${error.message}. The next apply replaces it and wires again what it carried; the nodes keep running.`,
            })
          : errorDiagnostic(`${title} cannot be commanded`, {
              subject: service.address,
              detail: `Of ${service.address}: ${error.message}. The next apply starts it again if it is gone, and wires what it carried.`,
            });
      throw new ServiceLost(service.address, diagnostic, { cause: error });
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
