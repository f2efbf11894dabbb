import type { Diagnostic } from "../core/diagnostics.ts";
import { errorDiagnostic } from "../core/diagnostics.ts";
import type { Repeated } from "../core/lab.ts";
import type { Body } from "../core/syntax.ts";
import { lifecycleOf } from "./lifecycle.ts";
import { attributeOf } from "./literals.ts";

/**
 * By which argument a body says how many instances there are of what it is of, `title`; two of them together are
 * reported.
 */
export function readRepetition(body: Body, title: string, diagnostics: Diagnostic[]): Omit<Repeated, "address"> {
  const count = attributeOf(body, "count");
  const forEach = attributeOf(body, "for_each");
  if (count && forEach) {
    diagnostics.push(
      errorDiagnostic("count and for_each together", {
        detail: `Only one of them can say how many instances ${title} has. Instances that have names are for for_each.`,
        range: forEach.nameRange,
        related: [{ message: "count is set here", range: count.nameRange }],
      }),
    );
  }
  const lifecycle = lifecycleOf(body);
  const enabled = lifecycle && attributeOf(lifecycle, "enabled");
  const other = count ?? forEach;
  if (enabled && other) {
    diagnostics.push(
      errorDiagnostic(`enabled and ${other.name} together`, {
        detail: `enabled is for what has one instance or none. Let ${other.name} say it: ${count ? "0 makes none" : "an empty set makes none"}.`,
        range: enabled.nameRange,
        related: [{ message: `${other.name} is set here`, range: other.nameRange }],
      }),
    );
  }
  return { count: count?.expression, forEach: forEach?.expression, enabled: enabled?.expression };
}
