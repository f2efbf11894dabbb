import { main } from "../../src/cli/cli.ts";
import type { Context } from "../../src/cli/context.ts";
import type { ResourceKind } from "../../src/core/addresses.ts";
import type { Ports } from "../../src/core/ports.ts";
import type { Provider, ProviderFactory, ProviderSet } from "../../src/core/provider.ts";
import type { ResourceSchema } from "../../src/core/schema.ts";
import type { State } from "../../src/core/state.ts";
import { DEFAULT_WORKSPACE, type StateAccess } from "../../src/core/workspace.ts";
import { createStateAccess } from "../../state/access.ts";
import { findLabs } from "../../state/labs.ts";
import { createWorkspaces } from "../../state/workspaces.ts";
import { HOME, LAB, type Makers, PROGRAMS, type SimulatedHost } from "./host.ts";
import { createFiles } from "./ports/files.ts";
import { createProcesses } from "./ports/processes.ts";
import { createReader } from "./ports/reader.ts";
import { createSockets } from "./ports/sockets.ts";
import { type Meddle, Run } from "./run.ts";

export interface Outcome {
  /** "killed" when it did not come to its end. */
  readonly ended: number | "killed";
  readonly stdout: string;
  readonly stderr: string;
  /** Calls that changed something. */
  readonly changes: number;
}

const VERSION = "0.1.0";

/**
 * Runs one command line of labform on a simulated host, to its end or its kill. What it throws is a fault of labform's
 * and rejects.
 */
export async function labform(
  host: SimulatedHost,
  words: readonly string[],
  meddle: Meddle = () => undefined,
): Promise<Outcome> {
  const { makers } = host;
  const run = new Run(host.scheduler, host.chance.branch(), meddle);
  const ports = portsOf(host, run);
  const written = { stdout: "", stderr: "" };
  const stream = (name: keyof typeof written) =>
    ({
      isTTY: false,
      columns: 160,
      write: (text: string) => {
        if (!run.isDead) written[name] += text;
        return true;
      },
    }) as unknown as NodeJS.WriteStream;
  const factories = [...new Set([makers.node, makers.link])];
  const context: Context = {
    ports,
    version: VERSION,
    environment: ports.host.environment,
    workingDirectory: LAB,
    realPath: async (path) => path,
    stdin: { isTTY: false } as unknown as NodeJS.ReadStream,
    stdout: stream("stdout"),
    stderr: stream("stderr"),
    programs: PROGRAMS,
    schemas: factories.map((one) => one.schema),
    resourceSchemas: new Map<ResourceKind, ResourceSchema>([
      ["node", makers.node.schema.resources["node"] as ResourceSchema],
      ["link", makers.link.schema.resources["link"] as ResourceSchema],
      ...Object.entries(makers.link.schema.resources).flatMap(([kind, schema]) =>
        kind === "network" ? [[kind, schema] as const] : [],
      ),
    ]),
    workspace: DEFAULT_WORKSPACE,
    states: async (labDirectory, at) => statesOf(ports, makers, labDirectory, at?.workspace),
    workspaces: async (labDirectory) => createWorkspaces({ ports, labDirectory }),
    labs: () => findLabs(ports, VERSION),
    prepareBackend: () => Promise.reject(new Error("no simulated lab is initialised")),
    providers: (directories) => providerSet(makers, factories, (one) => one.load(ports, directories)),
  };
  const listeners = signalListeners();
  try {
    const ended = await host.scheduler.until(Promise.race([main(words, context), run.killed]));
    return { ended, ...written, changes: run.changes };
  } finally {
    run.kill();
    host.network.release(run);
    forgetListeners(listeners);
  }
}

/** What is recorded of the lab, as any command reads it. */
export async function recorded(host: SimulatedHost): Promise<State> {
  const ports = portsOf(host, new Run(host.scheduler, host.chance.branch(), () => undefined));
  return (await host.scheduler.until(statesOf(ports, host.makers, LAB).load())).state;
}

function statesOf(
  ports: Ports,
  { node, link }: Makers,
  labDirectory: string,
  workspace = DEFAULT_WORKSPACE,
): StateAccess {
  const keepers = (name: string) => [node, link].find(({ schema }) => schema.name === name);
  return createStateAccess({ ports, labDirectory, workspace, programs: PROGRAMS, labformVersion: VERSION, keepers });
}

function portsOf(host: SimulatedHost, run: Run): Ports {
  const { facts, scheduler } = host;
  return {
    clock: {
      now: () => Math.floor(scheduler.now),
      monotonic: () => scheduler.now,
      sleep: (ms, signal) =>
        new Promise((resolve, reject) => {
          if (signal?.aborted) return reject(signal.reason);
          const onAbort = () => run.deliver(() => reject(signal?.reason));
          signal?.addEventListener("abort", onAbort, { once: true });
          run.after(ms, () => {
            signal?.removeEventListener("abort", onAbort);
            resolve();
          });
        }),
    },
    files: createFiles(host, run),
    reader: createReader(host),
    processes: createProcesses(host, run),
    sockets: createSockets(host, run),
    random: run.chance.branch(),
    host: {
      uid: facts.uid,
      userName: "alice",
      hostName: "host",
      bootId: host.bootId,
      pidNamespace: facts.pidNamespace,
      environment: { HOME, PATH: "/usr/bin" },
      cpu: async () => ({
        architecture: "x86_64",
        count: facts.cpus,
        flags: new Set(facts.hasKvm ? ["vmx"] : []),
      }),
      memory: async () => ({ totalBytes: facts.memoryBytes, availableBytes: facts.memoryBytes / 2 }),
    },
  };
}

function providerSet(
  makers: Makers,
  factories: readonly ProviderFactory[],
  load: (factory: ProviderFactory) => Promise<Provider>,
): ProviderSet {
  const loaded = new Map<string, Promise<Provider>>();
  const factoryOf = (name: string) => factories.find((one) => one.schema.name === name) as ProviderFactory;
  return {
    names: { node: makers.node.schema.name, link: makers.link.schema.name },
    schema: (name) => factoryOf(name).schema,
    load: (name) => {
      const provider = loaded.get(name) ?? load(factoryOf(name));
      loaded.set(name, provider);
      return provider;
    },
  };
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
type Listeners = ReadonlyMap<NodeJS.Signals, ReadonlySet<NodeJS.SignalsListener>>;

/** A killed run's listeners would stay with the test's own process. */
function signalListeners(): Listeners {
  return new Map(SIGNALS.map((signal) => [signal, new Set(process.listeners(signal))]));
}

function forgetListeners(known: Listeners): void {
  for (const signal of SIGNALS) {
    for (const listener of process.listeners(signal)) {
      if (!known.get(signal)?.has(listener)) process.removeListener(signal, listener);
    }
  }
}
