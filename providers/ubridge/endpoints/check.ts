import type { Ports } from "../../../src/core/ports.ts";
import type { Engine } from "../engine.ts";

/** What a check of an endpoint is made with. */
export interface CheckTools {
  readonly ports: Ports;
  readonly engine: Engine;
  /** The installed uBridge that is to carry it. */
  readonly ubridge: string | null;
  /** The lab's run directory, in which all its processes work. */
  readonly run: string;
  /** The link did not have this endpoint before: nothing of it is in use by the link itself. */
  readonly isNew: boolean;
  readonly of: "link" | "network";
}
