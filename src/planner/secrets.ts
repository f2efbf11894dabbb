import type { Diagnostic } from "../core/diagnostics.ts";
import type { Path, Planned, PlannedAttributes } from "../core/values.ts";
import { UNKNOWN } from "../core/values.ts";

const HIDDEN = "(sensitive value)";

/**
 * A diagnostic that tells none of the texts of `config` that are sensitive, also where they are part of a path. A
 * provider need not think of it.
 */
export function withoutSecrets(
  diagnostic: Diagnostic,
  { config, sensitive }: { readonly config: PlannedAttributes; readonly sensitive: readonly Path[] },
): Diagnostic {
  const secrets = sensitive.flatMap((path) => textsAt(config, path)).toSorted((a, b) => b.length - a.length);
  if (secrets.length === 0) return diagnostic;
  const hide = (text: string) => secrets.reduce((shown, secret) => shown.replaceAll(secret, HIDDEN), text);
  const { summary, detail, subject } = diagnostic;
  return {
    ...diagnostic,
    summary: hide(summary),
    ...(detail === undefined ? {} : { detail: hide(detail) }),
    ...(subject === undefined ? {} : { subject: hide(subject) }),
  };
}

function textsAt(value: Planned, [step, ...rest]: Path): readonly string[] {
  if (value === null || value === UNKNOWN) return [];
  if (typeof value === "string") return value === "" ? [] : [value, JSON.stringify(value).slice(1, -1)];
  if (typeof value !== "object") return [];
  if (step !== undefined) return textsAt((value as { readonly [step: string]: Planned })[step] ?? null, rest);
  return Object.values(value).flatMap((one: Planned) => textsAt(one, []));
}
