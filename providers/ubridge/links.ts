import { join } from "node:path";
import { fail } from "../../src/core/diagnostics.ts";
import type { Ports } from "../../src/core/ports.ts";
import type { Attachment, HostDirectories, OperationContext } from "../../src/core/provider.ts";
import type { Instance } from "../../src/core/state.ts";
import { samePlanned } from "../../src/core/values.ts";
import { engineOf, processOf, textOf } from "./bridgeRecord.ts";
import { converse } from "./control.ts";
import { type Engine, engineTitle, isEngine, serviceAddress, tunnelOf } from "./engine.ts";
import { type Hypervisor, HypervisorLost, HypervisorSilent } from "./hypervisor.ts";
import { filtersOf } from "./impairments.ts";
import { trimLog } from "./logs.ts";
import { changeFilters, deleteLink, describeEnd, makeLink, type Wiring } from "./wiring.ts";

/** What is done to links, by the bridge that the operation's services name. */
export class Links {
  private readonly ports: Ports;
  private readonly host: HostDirectories;

  constructor(ports: Ports, host: HostDirectories) {
    this.ports = ports;
    this.host = host;
  }

  /** Whatever an earlier run left of it is replaced. The carriers go up once frames can pass. */
  async wire(context: OperationContext): Promise<Instance> {
    const service = serviceOf(context);
    if (!service) throw new Error(`${context.address} is wired without a bridge`);
    const engine = engineOf(service);
    const instance = withEngine(context, engine);
    const wiring = wiringOf(instance, engine, context.attachments, textOf(service.attributes.version));
    if ("problem" in wiring) {
      return fail(`${context.address} cannot be wired`, { address: context.address, detail: wiring.problem });
    }
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
    await this.talk(service, (hypervisor) => makeLink(hypervisor, engine, wiring));
    await Promise.all(wiring.ends.map((end) => end.setCarrier(true)));
    return { ...instance, private: { ...instance.private, ends: wiring.ends.map((end) => describeEnd(engine, end)) } };
  }

  /** A bridge that is gone carries nothing, and one that hangs is ended: either way the link is gone afterwards. */
  async unwire(context: OperationContext): Promise<null> {
    const service = serviceOf(context);
    const identity = service && processOf(service);
    if (service && identity && this.ports.processes.status(identity) !== "gone") {
      const engine = engineOf(service);
      try {
        await converse(this.ports, this.host.run, textOf(service.attributes.control), identity, (hypervisor) =>
          deleteLink(hypervisor, engine, context.instance.id),
        );
      } catch (error) {
        if (!(error instanceof HypervisorSilent) && !(error instanceof HypervisorLost)) throw error;
        await this.endHanging(engine, identity, error);
      }
    }
    await Promise.all(context.attachments.map(async (end) => end?.setCarrier(false)));
    return null;
  }

  /** Live: the nodes notice nothing but the new impairment. */
  async update(context: OperationContext): Promise<Instance> {
    const service = serviceOf(context);
    if (!service) throw new Error(`${context.address} is changed without a bridge`);
    const engine = engineOf(service);
    const instance = withEngine(context, engine);
    const version = textOf(service.attributes.version);
    const filters = filtersOf(instance.attributes, engine, version);
    const before = context.prior && filtersOf(context.prior.attributes, engine, version);
    if (before && samePlanned(before as never, filters as never)) return instance;
    await this.talk(service, (hypervisor) => changeFilters(hypervisor, engine, instance.id, filters));
    return instance;
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
  async missingPath(engine: Engine, ends: readonly Pick<Attachment, "path">[]): Promise<string | undefined> {
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

  private async talk<T>(service: Instance, conversation: (hypervisor: Hypervisor) => Promise<T>): Promise<T> {
    const engine = engineOf(service);
    try {
      const control = textOf(service.attributes.control);
      return await converse(this.ports, this.host.run, control, processOf(service), conversation);
    } catch (error) {
      if (error instanceof HypervisorSilent) {
        return fail(`${engineTitle(engine)} hangs`, {
          cause: error,
          subject: service.address,
          detail: `It gave ${error.message}. The next apply replaces it and wires again what it carried; the nodes keep running.`,
        });
      }
      if (error instanceof HypervisorLost) {
        return fail(`${engineTitle(engine)} cannot be commanded`, {
          cause: error,
          subject: service.address,
          detail: `Of ${service.address}: ${error.message}. The next apply starts it again if it is gone, and wires what it carried.`,
        });
      }
      throw error;
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

/** The link as the bridge is to hold it, or why it cannot be wired now. */
export function wiringOf(
  instance: Instance,
  engine: Engine,
  attachments: readonly (Attachment | null)[],
  version: string,
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
  return { name: instance.id, ends: [source, destination], filters: filtersOf(instance.attributes, engine, version) };
}

/** The bridge of the engine that carries the link, or is to. */
function serviceOf(context: OperationContext): Instance | undefined {
  const { engine } = context.wanted;
  const wanted = isEngine(engine) ? context.services.get(serviceAddress(engine)) : undefined;
  return wanted ?? [...context.services.values()].find((one) => one.address.startsWith("service.bridge["));
}

/** What was planned without looking at the host has no engine yet: it is that of the bridge it was given. */
function withEngine(context: OperationContext, engine: Engine): Instance {
  return { ...context.instance, attributes: { ...context.wanted, id: context.instance.id, engine } };
}
