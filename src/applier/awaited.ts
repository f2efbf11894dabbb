import { parseAddress } from "../core/addresses.ts";
import type { Diagnostic } from "../core/diagnostics.ts";
import { errorDiagnostic, Failure, hasErrors } from "../core/diagnostics.ts";
import type { Change, Deferred } from "../core/plan.ts";
import { resourceSchema } from "../core/provider.ts";
import type { BlockSchema } from "../core/schema.ts";
import { formatRange } from "../core/source.ts";
import type { Planned, Type, Value } from "../core/values.ts";
import { isWhollyKnown } from "../core/values.ts";
import { evaluateDeferred, placeOfDeferred } from "../evaluation/deferred.ts";
import { attributesToValue, valueToPlanned } from "../evaluation/plain.ts";
import { convert } from "../evaluation/types.ts";
import type { World } from "./perform.ts";

type Source = Pick<World, "store" | "providers" | "clock">;

/** The value a reference to an instance has now. */
function instanceValue(address: string, source: Source): Value {
  const instance = source.store.state.instances.get(address);
  if (!instance)
    throw new Failure(
      errorDiagnostic(`${address} is not there`, {
        detail: "It was to be made before; its own message says why it was not.",
      }),
    );
  const schema = resourceSchema(
    source.providers.schema(instance.provider),
    instance.kind,
    parseAddress(address)?.name ?? "",
  );
  return attributesToValue(instance.attributes, schema, instance.sensitive);
}

/**
 * The top-level arguments of a change that hold deferred expressions, evaluated now that what they awaited is there.
 * Rejects with what is wrong with them.
 */
export function evaluateAwaited(change: Change, source: Source): ReadonlyMap<string, Planned> {
  const results = new Map<string, Planned>();
  const schema = resourceSchema(
    source.providers.schema(change.provider),
    change.kind,
    parseAddress(change.address)?.name ?? "",
  );
  for (const [path, deferred] of Object.entries(change.deferred)) {
    const type = typeAt(schema, path);
    const value = finish(deferred, source, change.address);
    const converted = type ? convert(value, type) : { value };
    if ("error" in converted) {
      throw new Failure(
        errorDiagnostic(`${path} of ${change.address} has the wrong type`, {
          address: change.address,
          detail: `"${deferred.text}" (${deferred.at}) gave ${converted.error}.`,
        }),
      );
    }
    place(results, change, path, valueToPlanned(converted.value).planned);
  }
  return results;
}

/** Evaluates a deferred expression; everything it awaited must be known by now. */
export function finish(deferred: Deferred, source: Source, address: string): Value {
  const time = new Date(source.clock.now()).toISOString();
  const { value, diagnostics } = evaluateDeferred(deferred, (one) => instanceValue(one, source), time);
  const wrong: Diagnostic[] = diagnostics.map(({ related: _, ...one }) => ({
    ...one,
    address,
    range: undefined,
    detail: `${one.detail ?? ""} (${placeOf(one, deferred)}${deferred.at}: ${deferred.text})`.trim(),
  }));
  if (hasErrors(wrong)) throw new Failure(wrong);
  if (!isWhollyKnown(value)) {
    throw new Failure(
      errorDiagnostic(`"${deferred.text}" is still not known`, { address, detail: `It stands at ${deferred.at}.` }),
    );
  }
  return value;
}

/** Where a deferred expression stands, to be marked without its file, and the values it is made of. */
export function describeDeferred(deferred: Deferred, source: Source): Pick<Diagnostic, "range" | "values"> {
  return placeOfDeferred(deferred, (one) => instanceValue(one, source), new Date(source.clock.now()).toISOString());
}

/** Of an error that stands in another file: a template's. The lab's own files are not opened, so no line is shown. */
function placeOf({ range }: Diagnostic, { at }: Deferred): string {
  return range && !at.startsWith(`${range.file.name}:`) ? `${formatRange(range)}, used at ` : "";
}

function typeAt(schema: BlockSchema, path: string): Type | undefined {
  const direct = schema.attributes[path];
  if (direct) return direct.type;
  const [first, ...rest] = path.split(".");
  const block = schema.blocks?.[(first ?? "").replace(/\[.*$/, "")];
  return block && rest.length > 0 ? typeAt(block, rest.join(".")) : undefined;
}

/** Puts a value that belongs at `ready.console` into the whole of `ready`. */
function place(results: Map<string, Planned>, change: Change, path: string, value: Planned): void {
  const steps = [...path.matchAll(/([^.[\]"]+)|\["([^"]*)"\]|\[(\d+)\]/g)].map((match) =>
    match[3] === undefined ? (match[2] ?? match[1] ?? "") : Number(match[3]),
  );
  const root = String(steps[0]);
  if (steps.length === 1) {
    results.set(root, value);
    return;
  }
  const whole = structuredCopy(results.get(root) ?? change.planned?.[root] ?? null);
  let at = whole as { [key: string | number]: Planned };
  for (const step of steps.slice(1, -1)) at = at[step] as { [key: string | number]: Planned };
  at[steps.at(-1) as string | number] = value;
  results.set(root, whole);
}

function structuredCopy(planned: Planned): Planned {
  if (planned === null || typeof planned !== "object") return planned;
  if (Array.isArray(planned)) return (planned as readonly Planned[]).map(structuredCopy);
  return Object.fromEntries(
    Object.entries(planned as { readonly [key: string]: Planned }).map(([key, item]) => [key, structuredCopy(item)]),
  );
}
