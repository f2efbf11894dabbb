import type { Json } from "../../core/values.ts";
import type { Draft } from "./blocks.ts";
import type { Entry } from "./ledger.ts";

const INACTIVE = "Its first value is 0, with which GNS3 does not apply it.";

/**
 * A link's filters and whether it is suspended, as arguments of a link or of a network's port. `noMatching`: why it can
 * have no BPF filter.
 */
export function takeImpairments(draft: Draft, link: Entry, noMatching: string | undefined): void {
  if (link.get("suspend") === true) draft.take(link, "suspend", "suspended", true);
  else if (link.has("suspend")) link.leftOut("suspend", "It is labform's default.");
  const filters = link.child("filters");
  if (filters === undefined) return;
  for (const key of filters.keys()) {
    const [first, second] = valuesOf(filters.get(key));
    if (first === undefined || first === 0 || first === "") filters.leftOut(key, INACTIVE);
    else if (key === "delay") takeDelay(draft, filters, first, second);
    else if (key === "packet_loss") draft.take(filters, key, "loss_percent", first);
    else if (key === "corrupt") draft.take(filters, key, "corrupt_percent", first);
    else if (key === "frequency_drop") takeFrequency(draft, filters, first);
    else if (key === "bpf") takeMatching(draft, filters, first, noMatching);
  }
  filters.finish();
}

/** GNS3 takes whole numbers of what it has. */
function valuesOf(value: Json | undefined): readonly Json[] {
  const list: readonly Json[] = Array.isArray(value) ? (value as readonly Json[]) : value === undefined ? [] : [value];
  return list.map((one) => (typeof one === "string" ? one.trim() : typeof one === "number" ? Math.trunc(one) : one));
}

function takeDelay(draft: Draft, filters: Entry, delay: Json, jitter: Json | undefined): void {
  const varies = typeof jitter === "number" && jitter > 0 && typeof delay === "number" ? jitter : 0;
  const why = varies > 0 ? "with jitter_ms" : undefined;
  draft.take(filters, "delay", "delay_ms", delay, why);
  if (varies > 0 && draft.has("delay_ms")) draft.set("jitter_ms", String(varies));
}

/** -1 drops everything, and 1 every frame. */
function takeFrequency(draft: Draft, filters: Entry, frequency: Json): void {
  if (typeof frequency === "number" && frequency < 0) {
    draft.take(filters, "frequency_drop", "drop_every", 1, "A negative frequency drops every frame.");
  } else draft.take(filters, "frequency_drop", "drop_every", frequency);
}

/** One expression a line. */
function takeMatching(draft: Draft, filters: Entry, text: Json, refused: string | undefined): void {
  if (refused !== undefined) return filters.lost("bpf", refused);
  const expressions = String(text)
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  if (expressions.some((one) => /["\r]/.test(one))) {
    return filters.lost("bpf", "uBridge's protocol has no form for a double quote.");
  }
  draft.take(filters, "bpf", "drop_matching", expressions, "Only uBridge takes it, so the lab takes uBridge.");
}
