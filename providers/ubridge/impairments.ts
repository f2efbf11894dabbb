import type { Attributes, Json } from "../../src/core/values.ts";
import type { Engine } from "./engine.ts";

/** `bridge add_packet_filter BRIDGE name type arguments…` */
export interface FilterCommand {
  /** Says what the filter does, so that `bridge show`, which lists names only, shows whether it is the wanted one. */
  readonly name: string;
  readonly type: "frequency_drop" | "packet_loss" | "corrupt" | "delay";
  readonly arguments: readonly string[];
}

/** Of a filter that drops everything; a link that has it is suspended. */
export const SUSPENDED = "suspended";

/** The filters that make a link's impairments, in the order frames pass them: what is lost need not wait first. */
export function filtersOf(attributes: Attributes, engine: Engine): readonly FilterCommand[] {
  // Stopping the bridge would keep frames for later: what is sent on a cable that is unplugged must be gone.
  if (attributes.suspended === true) return [{ name: SUSPENDED, type: "frequency_drop", arguments: ["-1"] }];
  const every = numberOf(attributes.drop_every);
  const loss = numberOf(attributes.loss_percent);
  const corrupt = numberOf(attributes.corrupt_percent);
  const delay = numberOf(attributes.delay_ms);
  const jitter = numberOf(attributes.jitter_ms);
  const filters: FilterCommand[] = [];
  if (every > 0) filters.push({ name: `drop_every_${every}`, type: "frequency_drop", arguments: [String(every)] });
  if (loss > 0) filters.push({ name: `loss_${loss}`, type: "packet_loss", arguments: [percent(loss, engine)] });
  if (corrupt > 0) {
    filters.push({ name: `corrupt_${corrupt}`, type: "corrupt", arguments: [percent(corrupt, engine)] });
  }
  if (delay > 0) {
    const values = jitter > 0 ? [String(delay), String(jitter)] : [String(delay)];
    filters.push({ name: ["delay", ...values].join("_"), type: "delay", arguments: values });
  }
  return filters;
}

/**
 * uBridge loses and corrupts one percent more than it is told: its packet_loss_handler and corrupt_handler compare with
 * `<=`, in 0.9.19 as well as in the sources of 1.2.
 */
function percent(wanted: number, engine: Engine): string {
  return String(Number((engine === "ubridge" ? wanted - 1 : wanted).toFixed(6)));
}

/**
 * Whether a uBridge of that version sleeps for each frame that it delays, so that frames wait for one another. Since 1.2
 * it has a line for them (src/delay_line.c).
 */
export function delaysOneByOne(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major < 1 || (major === 1 && minor < 2);
}

function numberOf(value: Json | undefined): number {
  return typeof value === "number" ? value : 0;
}
