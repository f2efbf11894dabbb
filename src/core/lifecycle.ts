import type { ResourceKind } from "./addresses.ts";

/** What a plan may want of an instance. The order is that of severity: a restart includes a live update. */
export type Action =
  | "none"
  /** only its ready conditions are waited for */
  | "wait"
  | "update"
  /** its process is gone: start it again, with what has changed */
  | "start"
  /** asked for by hand: as `start`, of what is prepared already */
  | "boot"
  | "restart"
  /** its machine is turned off; its files and ports stay */
  | "stop"
  /** asked for by hand: the guest is reset */
  | "reload"
  | "create"
  | "replace"
  | "delete"
  /** a `removed` block says so: it is no longer recorded, and what there is of it stays */
  | "forget";

/** What a provider can be asked to do to one instance; each is one journalled step. */
export type Operation =
  /** of a replace: what is to come is made beside what is there, which runs on */
  | "stage"
  | "prepare"
  | "start"
  | "ready"
  | "stop"
  | "reload"
  | "remove"
  | "update"
  | "wire"
  | "unwire"
  | "launch"
  | "end"
  /** the engine's own, which no provider sees: the record goes */
  | "forget";

type Operations = { readonly [action in Action]: readonly Operation[] };

const node: Operations = {
  none: [],
  wait: ["ready"],
  update: ["update", "ready"],
  start: ["prepare", "start", "ready"],
  boot: ["start", "ready"],
  restart: ["stop", "prepare", "start", "ready"],
  stop: ["stop"],
  reload: ["reload", "ready"],
  create: ["prepare", "start", "ready"],
  replace: ["stage", "stop", "remove", "prepare", "start", "ready"],
  delete: ["stop", "remove"],
  forget: ["forget"],
};

/** A node that rests (`power = "off"`) is made and changed like any other; it is only not started. */
const restingNode: Operations = {
  ...node,
  wait: [],
  update: ["prepare"],
  start: ["prepare"],
  restart: ["stop", "prepare"],
  create: ["prepare"],
  replace: ["stage", "stop", "remove", "prepare"],
};

const link: Operations = {
  none: [],
  wait: [],
  update: ["update"],
  start: ["wire"],
  boot: [],
  restart: ["unwire", "wire"],
  stop: [],
  reload: [],
  create: ["wire"],
  replace: ["unwire", "wire"],
  delete: ["unwire"],
  forget: ["forget"],
};

/** What is wrong with a network is mended where it is: its other ports go on. */
const network: Operations = { ...link, restart: ["wire"] };

const service: Operations = {
  none: [],
  wait: [],
  update: ["update"],
  start: ["launch"],
  boot: [],
  restart: ["end", "launch"],
  stop: [],
  reload: [],
  create: ["launch"],
  replace: ["end", "launch"],
  delete: ["end"],
  forget: ["forget"],
};

const OPERATIONS: { readonly [kind in ResourceKind]: Operations } = { node, link, network, service };

/**
 * The steps of an action. A node is three steps: prepare (directory, overlays, ports), start, ready. The order between
 * resources is the applier's (src/applier/steps.ts).
 */
export function operationsOf(kind: ResourceKind, action: Action, resting: boolean): readonly Operation[] {
  return kind === "node" && resting ? restingNode[action] : OPERATIONS[kind][action];
}

/**
 * Whether an object of these attributes is to be there without running. `power` of a node is the engine's word, not a
 * provider's: a kind of node that has no such argument always runs.
 */
export function rests(kind: ResourceKind, attributes: { readonly [name: string]: unknown } | null): boolean {
  return kind === "node" && attributes?.["power"] === "off";
}
