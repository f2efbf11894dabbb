import type { Attributes, Json } from "../../src/core/values.ts";
import type { Engine } from "./engine.ts";

/** `bridge add_packet_filter BRIDGE name type arguments…` */
export interface FilterCommand {
  /** Says what the filter does, so that `bridge show`, which lists names only, shows whether it is the wanted one. */
  readonly name: string;
  readonly type: "delay" | "packet_loss";
  readonly arguments: readonly string[];
}

/**
 * The filters that make a link's impairments, in the order frames pass them: what is lost need not wait first.
 * `version` is the bridge's.
 */
export function filtersOf(attributes: Attributes, engine: Engine, version: string): readonly FilterCommand[] {
  const delay = numberOf(attributes.delay_ms);
  const jitter = numberOf(attributes.jitter_ms);
  const loss = numberOf(attributes.loss_percent);
  const filters: FilterCommand[] = [];
  if (loss > 0) {
    // uBridge 0.9 loses one percent more than it is told (its packet_loss_handler compares with <=).
    const told = engine === "ubridge" && version.startsWith("0.") ? loss - 1 : loss;
    filters.push({ name: `loss_${loss}`, type: "packet_loss", arguments: [String(Number(told.toFixed(6)))] });
  }
  if (delay > 0) {
    const values = jitter > 0 ? [String(delay), String(jitter)] : [String(delay)];
    filters.push({ name: ["delay", ...values].join("_"), type: "delay", arguments: values });
  }
  return filters;
}

function numberOf(value: Json | undefined): number {
  return typeof value === "number" ? value : 0;
}
