import { join } from "node:path";
import { Failure, fail } from "../../src/core/diagnostics.ts";
import type { Ports, ProcessIdentity } from "../../src/core/ports.ts";
import type { HostDirectories, OperationContext } from "../../src/core/provider.ts";
import type { Instance } from "../../src/core/state.ts";
import { engineOf, failElsewhere, processOf, textOf, withProcess } from "./bridgeRecord.ts";
import { converse } from "./control.ts";
import { type Engine, engineTitle, socketName } from "./engine.ts";
import { HypervisorLost, HypervisorSilent } from "./hypervisor.ts";
import type { Links } from "./links.ts";
import { trimLog } from "./logs.ts";
import type { Networks } from "./networks/networks.ts";
import { startBuiltin, startUbridge } from "./programs.ts";
import { parseList } from "./replies.ts";
import { deleteLink, type Talk } from "./wiring.ts";

/** How long a bridge has to end after each word. */
const END_MS = 2000;

/** Launches and ends bridges. */
export class Bridges {
  private readonly ports: Ports;
  private readonly host: HostDirectories;
  private readonly links: Links;
  private readonly networks: Networks;

  constructor(ports: Ports, host: HostDirectories, links: Links, networks: Networks) {
    this.ports = ports;
    this.host = host;
    this.links = links;
    this.networks = networks;
  }

  /**
   * Starts the bridge and wires what it carried before it went away; carriers are as they were, so the nodes notice
   * nothing. When it fails after the start nothing is left running.
   */
  async launch(context: OperationContext): Promise<Instance> {
    const bare = { ...context.instance, attributes: { ...context.wanted } };
    const engine = engineOf(bare);
    await this.endProcess(context.instance);
    await trimLog(this.ports, this.host, engine);
    let spawned: ProcessIdentity | undefined;
    try {
      const started = await this.start(engine, bare, context, async (identity, control) => {
        spawned = identity;
        const instance = withProcess({ ...bare, attributes: { ...bare.attributes, control } }, identity);
        await context.progress(instance, `${engineTitle(engine)} starts (pid ${identity.pid})`);
      });
      return await this.settle(engine, withProcess(bare, started.identity), started, context);
    } catch (error) {
      if (spawned) await this.kill(spawned);
      throw error instanceof HypervisorLost || error instanceof HypervisorSilent
        ? new Failure(
            {
              severity: "error",
              summary: `${engineTitle(engine)} was started and cannot be commanded`,
              detail: `Of the process: ${error.message}. It was ended again; its log is in the lab's run directory.`,
              subject: context.address,
            },
            { cause: error },
          )
        : error;
    }
  }

  async end(context: OperationContext): Promise<null> {
    await this.endProcess(context.instance);
    return null;
  }

  private start(
    engine: Engine,
    instance: Instance,
    context: OperationContext,
    spawned: (identity: ProcessIdentity, control: string) => Promise<void>,
  ): Promise<{ readonly identity: ProcessIdentity; readonly control: string }> {
    const request = { ports: this.ports, host: this.host, token: context.token, spawned };
    return engine === "builtin" ? startBuiltin(request) : startUbridge(request, textOf(instance.attributes.path));
  }

  private async settle(
    engine: Engine,
    instance: Instance,
    started: { readonly identity: ProcessIdentity; readonly control: string },
    context: OperationContext,
  ): Promise<Instance> {
    const { identity, control } = started;
    const left: string[] = [];
    const version = await converse(this.ports, this.host.run, control, identity, async (hypervisor) => {
      const { text } = await hypervisor.request(["hypervisor", "version"]);
      const talk: Talk = { hypervisor, engine, clock: this.ports.clock };
      await Promise.all(
        context.carried.map(async (one) => {
          const carrier = one.instance.kind === "network" ? this.networks : this.links;
          if (!(await carrier.carry(talk, one, context.tell))) left.push(one.instance.address);
        }),
      );
      return text;
    });
    const running: Instance = { ...instance, attributes: { ...instance.attributes, version, control } };
    // They are missing at the next look, and planned anew.
    if (left.length > 0) {
      await context.progress(running, `not wired again, since a node's end is not there: ${left.join(", ")}`);
    }
    return running;
  }

  /** With the process goes its socket. What is not there is a success. */
  private async endProcess(instance: Instance): Promise<void> {
    const engine = engineOf(instance);
    const identity = processOf(instance) ?? this.byToken(instance);
    if (identity) {
      const status = this.ports.processes.status(identity);
      if (status === "elsewhere") failElsewhere(engine, identity);
      if (status === "alive") await this.endRunning(engine, identity, textOf(instance.attributes.control));
    }
    await this.ports.files.remove(join(this.host.run, socketName(engine)));
  }

  private byToken(instance: Instance): ProcessIdentity | undefined {
    const token = instance.pending?.token;
    return token === undefined ? undefined : this.ports.processes.findByTokens(new Set([token])).get(token);
  }

  private async endRunning(engine: Engine, identity: ProcessIdentity, control: string): Promise<void> {
    const { processes } = this.ports;
    let hangs = false;
    try {
      const { clock } = this.ports;
      await converse(this.ports, this.host.run, control, identity, (hypervisor) =>
        sayStop({ hypervisor, engine, clock }),
      );
      if (await processes.waitForExit(identity, END_MS)) return;
    } catch (error) {
      if (!(error instanceof HypervisorLost) && !(error instanceof HypervisorSilent)) throw error;
      hangs = error instanceof HypervisorSilent;
    }
    if (!hangs) {
      processes.signal(identity, "SIGTERM");
      if (await processes.waitForExit(identity, END_MS)) return;
    }
    if (await this.kill(identity)) return;
    fail(`${engineTitle(engine)} cannot be ended`, {
      subject: `process ${identity.pid}`,
      detail: "It is still there after SIGKILL.",
    });
  }

  private async kill(identity: ProcessIdentity): Promise<boolean> {
    this.ports.processes.signal(identity, "SIGKILL");
    return this.ports.processes.waitForExit(identity, END_MS);
  }
}

/**
 * uBridge 0.9 crashes when it stops with a bridge that never ran, and hangs with one that is captured: its bridges are
 * deleted before.
 */
async function sayStop(talk: Talk): Promise<void> {
  const { lines } = await talk.hypervisor.request(["bridge", "list"]);
  await Promise.all(parseList(lines).map(({ name }) => deleteLink(talk, name)));
  await talk.hypervisor.request(["hypervisor", "stop"]);
}
