import { addressIn } from "../core/addresses.ts";
import type { Diagnostic } from "../core/diagnostics.ts";
import { hasErrors } from "../core/diagnostics.ts";
import type { Variable } from "../core/lab.ts";
import type { Captured, DeferredRule } from "../core/plan.ts";
import { formatRange, rangeText } from "../core/source.ts";
import type { Expression } from "../core/syntax.ts";
import type { Value } from "../core/values.ts";
import { isWhollyKnown, unknownValue } from "../core/values.ts";
import { evaluate } from "../evaluation/evaluate.ts";
import { checkRule } from "../evaluation/rules.ts";
import { constants } from "../evaluation/scope.ts";
import { convertFor, nullArgument, wrongArgument } from "../evaluation/variableValue.ts";
import { describeValue } from "./captured.ts";
import type { Evaluated, ModuleInstance } from "./moduleInstance.ts";
import { NO_ROOTS } from "./moduleInstance.ts";

interface EvaluatedArgument {
  readonly evaluated: Evaluated;
  readonly diagnostics: readonly Diagnostic[];
}

/** The value of a module's variable, as its call gives it or its block's default. */
export function evaluateArgument(module: ModuleInstance, variable: Variable): EvaluatedArgument {
  const { outer } = module;
  const expression = outer?.call.arguments.get(variable.name);
  const standard = defaultOf(variable);
  // What is missing, or no constant, was told when the lab was loaded.
  if (!outer || !expression) return { evaluated: ofDefault(standard ?? unknownOf(variable)), diagnostics: [] };

  const scope = outer.module.scope(outer.roots);
  const { value: given, diagnostics } = evaluate(expression, scope);
  const unusable = (more: readonly Diagnostic[]): EvaluatedArgument => ({
    evaluated: ofDefault(unknownOf(variable)),
    diagnostics: [...diagnostics, ...more],
  });
  if (hasErrors(diagnostics)) return unusable([]);
  const address = `${module.place.address}.var.${variable.name}`;
  const placed = (one: Diagnostic): Diagnostic => ({
    ...one,
    // The line of a sensitive value is not shown.
    range: variable.sensitive ? outer.call.range : expression.range,
    related: [{ message: "declared here", range: variable.range }],
  });
  const converted = convertFor(given, variable);
  if ("error" in converted) return unusable([placed(wrongArgument(address, variable.type, converted.error))]);
  if (converted.value.raw === null && !variable.nullable) {
    return standard ? { evaluated: ofDefault(standard), diagnostics } : unusable([placed(nullArgument(address))]);
  }
  const { captured, dependencies, guards } = outer.module.evaluated(converted.value, expression, scope);
  const { element } = outer.roots;
  return {
    evaluated: {
      value: converted.value,
      captured: captured && asVariable(captured, module, variable, standard),
      dependencies: element ? [...dependencies, ...outer.module.dependencies(element.forEach)] : dependencies,
      guards,
    },
    diagnostics,
  };
}

/** What a variable's rules say of its value in one instance of a module; `open` are those that wait for more. */
export function checkRules(
  module: ModuleInstance,
  variable: Variable,
): { readonly open: readonly DeferredRule[]; readonly diagnostics: readonly Diagnostic[] } {
  const { name, sensitive, range } = variable;
  const scope = module.scope(NO_ROOTS);
  const origin = module.outer?.call.arguments.get(name)?.range ?? variable.default?.range ?? range;
  const address = addressIn(module.address, `var.${name}`);
  const ruled = { kind: "validation" as const, address, sensitive, range, origin };
  const open: DeferredRule[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const rule of variable.validations) {
    const outcome = checkRule(rule, ruled, scope);
    diagnostics.push(...outcome.diagnostics);
    // After an error it may be unknown only for that, and no plan is made.
    if (outcome.decided || module.isAfterErrors()) continue;
    open.push({
      kind: "validation",
      owner: address,
      value: { sensitive, given: formatRange(origin) },
      condition: module.capture(rule.condition, scope),
      message: module.capture(rule.errorMessage, scope),
    });
  }
  return { open, diagnostics };
}

/** Apply converts what the argument's expression gives, as the plan would have. */
function asVariable(
  captured: Captured,
  module: ModuleInstance,
  { name, typeRange, sensitive, nullable }: Variable,
  standard: Value | undefined,
): Captured {
  if (captured.kind !== "deferred") return captured;
  return {
    kind: "variable",
    address: addressIn(module.address, `var.${name}`),
    deferred: captured.deferred,
    ...(typeRange ? { type: rangeText(typeRange) } : {}),
    sensitive,
    nullable,
    ...(standard ? { default: describeValue(standard) } : {}),
  };
}

function ofDefault(value: Value): Evaluated {
  return { value, captured: undefined, dependencies: [] };
}

function unknownOf({ type, sensitive }: Variable): Value {
  return { ...unknownValue(type), sensitive };
}

function defaultOf(variable: Variable): Value | undefined {
  const expression: Expression | undefined = variable.default;
  if (!expression) return undefined;
  const converted = convertFor(evaluate(expression, constants).value, variable);
  return "value" in converted && isWhollyKnown(converted.value) ? converted.value : undefined;
}
