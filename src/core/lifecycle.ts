import type { ResourceKind } from "./addresses.ts";

/** What a plan may want of an instance. The order is that of severity: a restart includes a live update. */
export type Action =
  | "none"
  /** only its ready conditions are waited for */
  | "wait"
  | "update"
  /** its process is gone: start it again, with what has changed */
  | "start"
  | "restart"
  | "create"
  | "replace"
  | "delete";

/** What a provider can be asked to do to one instance; each is one journalled step. */
export type Operation =
  | "prepare"
  | "start"
  | "ready"
  | "stop"
  | "remove"
  | "update"
  | "wire"
  | "unwire"
  | "launch"
  | "end";

type Operations = { readonly [action in Action]: readonly Operation[] };

const node: Operations = {
  none: [],
  wait: ["ready"],
  update: ["update", "ready"],
  start: ["prepare", "start", "ready"],
  restart: ["stop", "prepare", "start", "ready"],
  create: ["prepare", "start", "ready"],
  replace: ["stop", "remove", "prepare", "start", "ready"],
  delete: ["stop", "remove"],
};

const link: Operations = {
  none: [],
  wait: [],
  update: ["update"],
  start: ["wire"],
  restart: ["unwire", "wire"],
  create: ["wire"],
  replace: ["unwire", "wire"],
  delete: ["unwire"],
};

const service: Operations = {
  none: [],
  wait: [],
  update: ["update"],
  start: ["launch"],
  restart: ["end", "launch"],
  create: ["launch"],
  replace: ["end", "launch"],
  delete: ["end"],
};

/**
 * The steps of each action, by kind. A node is three steps: prepare (directory, overlay, ports), start, ready. The
 * order between resources is the applier's (src/applier/steps.ts).
 */
export const OPERATIONS: { readonly [kind in ResourceKind]: Operations } = { node, link, network: link, service };
