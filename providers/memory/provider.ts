import { parseAddress } from "../../src/core/addresses.ts";
import { errorDiagnostic, Failure } from "../../src/core/diagnostics.ts";
import type { Operation } from "../../src/core/lifecycle.ts";
import type { OperationContext, PlanAnswer, PlanRequest, Provider } from "../../src/core/provider.ts";
import type { Instance } from "../../src/core/state.ts";
import type { Attributes, PlannedAttributes } from "../../src/core/values.ts";
import { UNKNOWN } from "../../src/core/values.ts";
import { endHub, launchHub, unwireLink, updateLink, wireLink } from "./cables.ts";
import { prepareNode, readyNode, removeNode, setCarrier, startNode, stopNode, updateNode } from "./nodes.ts";
import { readInstance } from "./read.ts";
import type { World } from "./world.ts";

type Act = (world: World, context: OperationContext) => Promise<Instance | null> | Instance | null;

const nodeActs: { readonly [operation in Operation]?: Act } = {
  prepare: prepareNode,
  start: startNode,
  ready: readyNode,
  update: updateNode,
  stop: stopNode,
  reload: readyNode,
  stage: (_world, { instance }) => instance,
  remove: removeNode,
};

const linkActs: { readonly [operation in Operation]?: Act } = {
  wire: wireLink,
  update: updateLink,
  unwire: unwireLink,
};

const serviceActs: { readonly [operation in Operation]?: Act } = { launch: launchHub, end: endHub };

export function createMemoryProvider(world: World): Provider {
  return {
    name: "memory",
    settings: async (configured) => ({ settings: { hub: configured.hub ?? "main" }, diagnostics: [] }),
    tunnel: () => "stream",
    read: async (instances) => instances.map((instance) => readInstance(world, instance)),
    plan: (request) => (parseAddress(request.address)?.kind === "node" ? planNode(request) : planLink(request)),
    attachment: (node, adapter) => ({
      adapter: `${node.id}/${adapter}`,
      kind: "stream",
      path: `${node.id}.${adapter}`,
      peer: "",
      setCarrier: async (up) => setCarrier(world, node.id, adapter, up),
    }),
    release: async (node) => world.deleteNode(node.id),
    perform: async (operation, context) => {
      const { address } = context;
      const { kind } = context.instance;
      const act = { node: nodeActs, link: linkActs, network: {} as typeof linkActs, service: serviceActs }[kind][
        operation
      ];
      if (!act) throw new Error(`a ${kind} knows no ${operation}`);
      await unlessInterrupted(operation, world.come({ when: "before", operation, address }), context.signal);
      const result = await act(world, context);
      await world.come({ when: "after", operation, address });
      return result;
    },
  };
}

/** What only waits ends when the user says so; what acts is let finish. */
function unlessInterrupted(operation: Operation, moment: Promise<void>, signal: AbortSignal): Promise<void> {
  if (operation !== "ready") return moment;
  return new Promise((resolve, reject) => {
    const interrupt = () => reject(new Failure(errorDiagnostic("Interrupted while waiting for it to become ready")));
    if (signal.aborted) interrupt();
    signal.addEventListener("abort", interrupt, { once: true });
    moment.then(resolve, reject).finally(() => signal.removeEventListener("abort", interrupt));
  });
}

function planNode(request: PlanRequest): PlanAnswer {
  const { config, id, seed } = request;
  const count = config.adapters;
  const adapter =
    typeof count === "number"
      ? Array.from({ length: count }, (_, index) => ({
          id: `${id}/${index}`,
          mac_address: macAddress(request.prior?.attributes, seed, index),
          name: `eth${index}`,
        }))
      : UNKNOWN;
  return { planned: { ...config, id, adapter }, requires: [], diagnostics: [] };
}

/** Of a node that moved, the seed is another's: the first four bytes it was given stay. */
function macAddress(recorded: Attributes | undefined, seed: string, index: number): string {
  const [first] = (recorded?.adapter ?? []) as readonly { readonly mac_address: string }[];
  const base = first ? first.mac_address.slice(0, 14) : `02:${(seed.slice(0, 8).match(/../g) ?? []).join(":")}`;
  return `${base}:${index.toString(16).padStart(2, "0")}`;
}

function planLink({ config, id, settings }: PlanRequest): PlanAnswer {
  const hub = String(settings.hub);
  const planned: PlannedAttributes = { ...config, id, hub };
  const service = { address: `service.hub[${JSON.stringify(hub)}]`, provider: "memory", attributes: { name: hub } };
  return { planned, requires: [service], diagnostics: [] };
}
