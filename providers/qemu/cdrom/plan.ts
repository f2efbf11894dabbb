import type { Diagnostic } from "../../../src/core/diagnostics.ts";
import { warningDiagnostic } from "../../../src/core/diagnostics.ts";
import type { PlanRequest } from "../../../src/core/provider.ts";
import type { ChangeClass } from "../../../src/core/schema.ts";
import type { Instance } from "../../../src/core/state.ts";
import type { Planned } from "../../../src/core/values.ts";
import { nodeAttributes } from "../attributes.ts";
import { seatDisks } from "../disks/seats.ts";

export interface CdPlan {
  readonly diagnostics: readonly Diagnostic[];
  readonly classes: { readonly [path: string]: ChangeClass };
}

/** What another CD takes of a node that is there. `wanted`: the image as planned. */
export function planCd({ address, prior, config }: PlanRequest, wanted: Planned): CdPlan {
  const before = prior?.attributes["cdrom_image"] ?? null;
  if (!prior || wanted === before) return { diagnostics: [], classes: {} };
  if (!hasDrive(prior)) return { diagnostics: [], classes: { cdrom_image: "restart" } };
  const runs = typeof prior.attributes["pid"] === "number";
  if (before === null || !runs) return { diagnostics: [], classes: {} };
  const detail = `Where the node is not restarted, its guest is asked to let go of the CD. One that still holds it after ${String(config["stop_timeout_s"])} s (stop_timeout_s), as a guest does that has mounted it, has its tray forced open.`;
  return {
    diagnostics: [warningDiagnostic(`The CD of ${address} may be taken from its guest`, { detail })],
    classes: {},
  };
}

function hasDrive(prior: Instance): boolean {
  const { platform, machine, disk, cdrom_image: image } = nodeAttributes(prior.attributes);
  return seatDisks({ platform, machine, disks: disk, hasCd: image !== null }).cdrom !== undefined;
}
