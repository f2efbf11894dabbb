import type { EndpointKind } from "../core/schema.ts";
import { suggestionText } from "../core/suggestion.ts";
import type { Planned } from "../core/values.ts";
import { isWhollyPlanned, UNKNOWN } from "../core/values.ts";

export type EndpointKinds = { readonly [word: string]: EndpointKind };

/** An end that is no adapter of a node, as the schema's kinds have it: `{ tap = "tap0" }`. */
export interface OutsideEnd {
  readonly word: string;
  /** What no other end in the lab may have alike; null where any number may be the same. */
  readonly use: string | null;
}

interface Refusal {
  readonly summary: string;
  readonly detail: string;
}

/** Undefined where it is, or was meant to be, an adapter. What is right behind the word is the provider's to say. */
export function outsideEnd(item: Planned, kinds: EndpointKinds): OutsideEnd | Refusal | undefined {
  if (item === null || item === UNKNOWN || typeof item !== "object" || Array.isArray(item)) return undefined;
  const words = Object.keys(item);
  const known = Object.keys(kinds);
  if (known.length === 0 || words.includes("id") || words.includes("adapter")) return undefined;
  const [word] = words;
  if (word === undefined || words.length !== 1) {
    const detail = `Beside an adapter an endpoint is an object of one word: ${known.map((one) => `{ ${one} = … }`).join(", ")}.`;
    return { summary: "An endpoint says one thing", detail };
  }
  const kind = Object.hasOwn(kinds, word) ? kinds[word] : undefined;
  if (!kind) {
    const summary = `There is no kind of endpoint ${JSON.stringify(word)}`;
    return { summary, detail: suggestionText(word, known) };
  }
  const value = (item as { readonly [word: string]: Planned })[word] as Planned;
  if (!isWhollyPlanned(value)) {
    const detail =
      "What a link connects must be known before anything is started. Use values that stand in the lab files or variables.";
    return { summary: `The ${word} of an endpoint is not known at plan`, detail };
  }
  const used = kind.exclusive === null ? null : kind.exclusive === "" ? value : attribute(value, kind.exclusive);
  return { word, use: used === null ? null : `${word} ${JSON.stringify(used)}` };
}

function attribute(value: Planned, name: string): Planned {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return null;
  return (value as { readonly [name: string]: Planned })[name] ?? null;
}
