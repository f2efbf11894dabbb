import { createHash } from "node:crypto";
import type { Json, Planned } from "../../../src/core/values.ts";
import { UNKNOWN } from "../../../src/core/values.ts";
import type { Nat } from "./nat.ts";
import { readNat } from "./nat.ts";
import { ENDPOINT_KINDS } from "./schema.ts";
import { type Misfit, misfits } from "./shape.ts";
import type { Udp } from "./udp.ts";
import { readUdp } from "./udp.ts";

/** An end of a link that is outside of the lab's nodes. */
export type Endpoint =
  | { readonly kind: "tap"; readonly name: string }
  | { readonly kind: "interface"; readonly name: string }
  | Udp
  | Nat;

/** Of a recorded or planned endpoint; undefined where it is an adapter's. */
export function endpointOf(
  recorded: Planned | undefined,
): { readonly endpoint: Endpoint } | { readonly misfits: readonly Misfit[] } | undefined {
  if (recorded === null || recorded === undefined || recorded === UNKNOWN) return undefined;
  if (typeof recorded !== "object" || Array.isArray(recorded)) return undefined;
  const [entry] = Object.entries(recorded as { readonly [word: string]: Json });
  if (!entry || !Object.hasOwn(ENDPOINT_KINDS, entry[0])) return undefined;
  const [word, value] = entry;
  const kind = ENDPOINT_KINDS[word];
  const wrong = kind ? misfits(value, kind.value, [word]) : [];
  return wrong.length > 0 ? { misfits: wrong } : { endpoint: read(word, value) };
}

/** A short word for a value: the same in whichever order its words are written. */
export function digestOf(value: Planned): string {
  const sorted = JSON.stringify(value, (_, one: unknown) =>
    typeof one === "object" && one !== null && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).toSorted(([left], [right]) => (left < right ? -1 : 1)))
      : one,
  );
  return createHash("sha256").update(sorted).digest("hex").slice(0, 12);
}

/** What fits the schema of its word. */
function read(word: string, value: Json): Endpoint {
  switch (word) {
    case "udp":
      return readUdp(value);
    case "nat":
      return readNat(value);
    default:
      return { kind: word === "tap" ? "tap" : "interface", name: String(value) };
  }
}
