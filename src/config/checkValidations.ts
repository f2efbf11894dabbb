import type { Diagnostic } from "../core/diagnostics.ts";
import { hasErrors } from "../core/diagnostics.ts";
import type { Lab } from "../core/lab.ts";
import type { Range } from "../core/source.ts";
import type { Value } from "../core/values.ts";
import { UNKNOWN_VALUE } from "../core/values.ts";
import { checkRule, noAnswer } from "../evaluation/rules.ts";
import type { Surroundings } from "../evaluation/surroundings.ts";
import { EarlyScope } from "./earlyScope.ts";
import { localsOfRules } from "./order.ts";
import { placesOf } from "./places.ts";

export interface GivenValues {
  readonly values: ReadonlyMap<string, Value>;
  /** Where each value stands. */
  readonly origins: ReadonlyMap<string, Range>;
}

/**
 * Checks every value against the rules of its variable and tells all that are broken, as Terraform does since 1.9:
 * conditions may refer to other variables and to locals. With `open` some variables have no usable value; a condition
 * that comes from one of them, or from a local in error, is passed over. Of the root's variables: what modules are
 * given is known only when the lab is planned.
 */
export function checkValidations(
  lab: Lab,
  given: GivenValues,
  open: boolean,
  surroundings?: Surroundings,
): readonly Diagnostic[] {
  const ruled = [...lab.variables.values()].filter((one) => one.validations.length > 0 && given.values.has(one.name));
  if (ruled.length === 0) return [];
  const scope = new EarlyScope(placesOf(lab), given.values, surroundings);
  const diagnostics = localsOfRules(lab).flatMap((name) => scope.addLocal(name));
  const isOpen = open || hasErrors(diagnostics);
  for (const { name, sensitive, range, validations } of ruled) {
    const variable = {
      kind: "validation" as const,
      address: `var.${name}`,
      sensitive,
      range,
      origin: given.origins.get(name) as Range,
    };
    for (const validation of validations) {
      const { decided, diagnostics: found } = checkRule(validation, variable, scope);
      if (!decided && !isOpen) diagnostics.push(noAnswer(validation.condition.range, variable, UNKNOWN_VALUE));
      diagnostics.push(...found);
    }
  }
  return diagnostics;
}
