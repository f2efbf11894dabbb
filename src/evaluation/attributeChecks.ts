import { compare, formatNumber, fromJavaScript, isWhole } from "../core/bigfloat.ts";
import type { AttributeSchema } from "../core/schema.ts";
import { suggestion } from "../core/suggestion.ts";
import type { Num, Value } from "../core/values.ts";
import { UNKNOWN } from "../core/values.ts";
import { Problem } from "./problem.ts";

/** What a schema says about a value beyond its type; undefined when it fits, or is not known yet. */
export function checkAttribute(name: string, schema: AttributeSchema, value: Value): Problem | undefined {
  const { raw, sensitive } = value;
  if (raw === UNKNOWN) return undefined;
  if (typeof raw === "string") return checkText(name, schema, raw, sensitive);
  return value.type.kind === "number" ? checkNumber(name, schema, raw as Num, sensitive) : undefined;
}

function checkText(
  name: string,
  { oneOf, gone = {} }: AttributeSchema,
  text: string,
  sensitive: boolean,
): Problem | undefined {
  if (!oneOf || oneOf.includes(text)) return undefined;
  if (!sensitive && Object.hasOwn(gone, text))
    return new Problem(`"${name}" cannot be ${JSON.stringify(text)}`, gone[text] as string);
  const allowed = oneOf.map((one) => JSON.stringify(one));
  const last = allowed.pop() as string;
  const list = allowed.length === 0 ? last : `${allowed.join(", ")} or ${last}`;
  if (sensitive) return new Problem(`The value of "${name}" is not allowed`, `It must be ${list}.`);
  const best = suggestion(text, oneOf);
  const hint = best === undefined ? "" : ` Did you mean ${JSON.stringify(best)}?`;
  return new Problem(`"${name}" cannot be ${JSON.stringify(text)}`, `It must be ${list}.${hint}`);
}

function checkNumber(name: string, schema: AttributeSchema, number: Num, sensitive: boolean): Problem | undefined {
  const shown = sensitive ? "" : `; it is ${formatNumber(number)}`;
  const { minimum, maximum, whole } = schema;
  if (whole && !isWhole(number))
    return new Problem(`"${name}" must be a whole number`, `Fractions make no sense here${shown}.`);
  const tooSmall = minimum !== undefined && compare(number, fromJavaScript(minimum)) < 0;
  const tooLarge = maximum !== undefined && compare(number, fromJavaScript(maximum)) > 0;
  if (!tooSmall && !tooLarge) return undefined;
  return new Problem(
    `"${name}" is too ${tooSmall ? "small" : "large"}`,
    `It must be ${bounds(minimum, maximum)}${shown}.`,
  );
}

function bounds(minimum: number | undefined, maximum: number | undefined): string {
  if (maximum === undefined) return `at least ${minimum}`;
  return minimum === undefined ? `at most ${maximum}` : `from ${minimum} to ${maximum}`;
}
